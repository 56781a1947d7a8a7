"""Organisations and contacts: what may be said of them, and that every change is an event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.tlp import TLP
from cert_portal.directory import calendar, contacts, organisations
from cert_portal.directory.models import ClockRule
from cert_portal.directory.parties import ContactRole, OrganisationKind, ServiceLevel
from cert_portal.directory.refusal import DirectoryRefused
from tests.directory.parties import ABUSE, HARBOUR, contact, party

NOW = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)


def kinds_of(subject: str) -> list[str]:
    return [event.kind for event in of_subjects([subject])]


def test_an_organisation_is_added_and_changed_with_events(context: Flask) -> None:
    row = party()
    assert row.name("en") == "Harbour Hosting"
    assert row.name("zh-hant") == "維港寄存"
    assert [str(each) for each in organisations.holdings(row).prefixes] == ["203.0.113.0/24"]
    told = replace(HARBOUR, sector="hosting", asns=["AS64500", "64501"])
    assert organisations.change(row, told, "user:1") == ["sector", "asns"]
    assert organisations.change(row, told, "user:1") == []
    assert kinds_of(row.subject) == ["organisation.added", "organisation.changed"]
    assert organisations.holdings(row).asns == [64500, 64501]


def test_only_one_name_is_needed(context: Flask) -> None:
    row = party(name_en="", asns=[], prefixes=[], domains=[])
    assert row.name("en") == "維港寄存"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"kind": "pirate"}, "unknown_kind"),
        ({"reach": "moon"}, "unknown_reach"),
        ({"name_en": " ", "name_zh_hant": ""}, "no_name"),
        ({"country": "Hong Kong"}, "bad_country"),
        ({"asns": ["AS0"]}, "bad_asn"),
        ({"asns": ["x"]}, "bad_asn"),
        ({"prefixes": ["203.0.113.0/33"]}, "bad_prefix"),
        ({"domains": ["not a domain"]}, "bad_domain"),
    ],
)
def test_what_cannot_be_is_refused(context: Flask, more: dict[str, Any], reason: str) -> None:
    with pytest.raises(DirectoryRefused) as error:
        party(**more)
    assert error.value.reason == reason


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"name_en": "HARBOUR hosting"}, "name_taken"),
        ({"asns": ["64500"]}, "asn_taken"),
        ({"prefixes": ["203.0.113.0/24"]}, "prefix_taken"),
        ({"domains": ["Harbour.example."]}, "domain_taken"),
    ],
)
def test_what_belongs_to_another_is_refused(context: Flask, more: dict[str, Any], reason: str) -> None:
    party()
    with pytest.raises(DirectoryRefused) as error:
        party(**{"name_en": "Other", "asns": [], "prefixes": [], "domains": [], **more})
    assert error.value.reason == reason


def test_a_name_of_another_cannot_be_taken_later(context: Flask) -> None:
    party()
    other = party(name_en="Other", asns=[], prefixes=[], domains=[])
    with pytest.raises(DirectoryRefused, match="name taken"):
        organisations.change(other, replace(HARBOUR, asns=[], prefixes=[], domains=[]), "user:1")


def test_the_list_is_searched_filtered_and_paged(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    row = party()
    contact(row)
    bare: dict[str, Any] = {"asns": [], "prefixes": [], "domains": []}
    team = party(kind="cert", reach="national", name_en="CERT Examplia", name_zh_hant="", **bare)
    for query in ("harbour", "維港", "abuse@", "harbour.example"):
        assert [each.id for each in organisations.listed(query).rows] == [row.id], query
    assert organisations.listed("100%").rows == []
    assert [each.id for each in organisations.listed(kind="cert").rows] == [team.id]
    assert [each.id for each in organisations.listed(reach="national").rows] == [team.id]
    monkeypatch.setattr(organisations, "PAGE", 1)
    page = organisations.listed()
    assert [each.id for each in page.rows] == [team.id]
    assert [each.id for each in organisations.listed(after=page.after).rows] == [row.id]
    assert organisations.listed(after="harbour hosting").after == ""
    assert [each.id for each in organisations.of_kinds()] == [team.id, row.id]
    assert [each.id for each in organisations.of_kinds("hosting")] == [row.id]


def test_every_kind_can_be_stored(context: Flask) -> None:
    bare: dict[str, Any] = {"asns": [], "prefixes": [], "domains": []}
    for kind in OrganisationKind:
        assert party(kind=kind, name_en=f"One of {kind}", **bare).kind == kind


def test_both_service_levels_can_be_stored(context: Flask) -> None:
    row = party()
    assert {contact(row, service_level=level).service_level for level in ServiceLevel} == {"", "8x5xNBD", "7x24x4"}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"email": "", "telephone": " "}, "no_way"),
        ({"email": "abuse at harbour"}, "bad_email"),
        ({"email": "濫用@harbour.example"}, "bad_email"),
        ({"languages": ["English!"]}, "bad_language"),
        ({"role": "king"}, "unknown_role"),
        ({"service_level": "whenever"}, "unknown_level"),
        ({"tlp": "TLP:RED"}, "unknown_tlp"),
        ({"format": "fax"}, "unknown_format"),
        ({"key_fingerprint": "ABCD"}, "unknown_key"),
    ],
)
def test_a_contact_that_cannot_be_is_refused(context: Flask, more: dict[str, Any], reason: str) -> None:
    row = party()
    with pytest.raises(DirectoryRefused) as error:
        contact(row, **more)
    assert error.value.reason == reason


def test_a_contact_is_changed_verified_and_grows_stale(context: Flask) -> None:
    calendar.seed()
    with clock.turned_to(NOW):
        row = party()
        found = contact(row)
        assert contacts.is_stale(found)
        found.bounces = 2
        contacts.verify(found, "user:1")
        assert (found.verified_on, found.bounces, contacts.is_stale(found)) == (date(2026, 5, 4), 0, False)
        told = replace(ABUSE, email="new@harbour.example", verified_on=date(2025, 5, 3))
        found.bounces = 1
        assert contacts.change(found, told, "user:1") == ["email", "verified_on"]
        assert contacts.change(found, told, "user:1") == []
        assert found.bounces == 0
        assert contacts.is_stale(found)
        found.verified_on = date(2025, 5, 4)
        assert not contacts.is_stale(found)
        session.get_one(ClockRule, "contact_stale").enabled = False
        found.verified_on = None
        assert not contacts.is_stale(found)
    events = ["organisation.added", "contact.added", "contact.verified", "contact.changed"]
    assert kinds_of(row.subject) == events


def test_the_best_contact_has_an_address_and_does_not_bounce(context: Flask) -> None:
    row = party()
    assert contacts.best(row, ContactRole.ABUSE) is None
    gone = contact(row, active=False)
    telephone = contact(row, email="", telephone="+852 5550 0100")
    assert contacts.best(row, ContactRole.ABUSE) is telephone
    general = contact(row, role="general", email="info@harbour.example", preferred=True)
    assert contacts.best(row, ContactRole.ABUSE) is general
    abuse = contact(row, email="abuse2@harbour.example")
    assert contacts.best(row, ContactRole.ABUSE) is abuse
    abuse.bounces = 1
    assert contacts.best(row, ContactRole.ABUSE) is general
    assert contacts.belongs(row.id, "ABUSE@harbour.example")
    assert not contacts.belongs(row.id, "")
    assert not contacts.belongs(row.id, "stranger@bad.example")
    assert contacts.of(row)[-1] is gone
    assert TLP.RED not in contacts.BY_MAIL
