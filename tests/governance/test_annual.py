"""The annual report: its words, the freeze, and what everybody sees of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cert_portal import config
from cert_portal.core import clock
from cert_portal.core.events import of_subjects
from cert_portal.core.i18n import Language
from cert_portal.directory.models import User
from cert_portal.governance import annual
from cert_portal.governance.annual import AnnualRefused, Book
from cert_portal.governance.publicly import published as without_small
from tests.cases.desk import person
from tests.governance import busy
from tests.governance.record import report

END = datetime(2027, 1, 15, 2, 0, tzinfo=UTC)
TEXTS = {Language.EN: "A year of parcels.", Language.ZH_HANT: "包裹騙局的一年。"}


@pytest.fixture
def carol(rules: None) -> User:
    """A duty supervisor."""
    return person("Carol", "supervisor")


def publish(year: int, actor: User, at: datetime = END) -> Book:
    with clock.turned_to(at):
        annual.publish(year, actor)
    return annual.book(year)


def test_a_draft_follows_the_data_and_a_frozen_report_does_not(carol: User) -> None:
    busy.year(count=20)
    before = annual.draft(2026)
    report("R2")
    assert annual.book(2026).figures["reports.received"].value == (before.figures["reports.received"].value or 0) + 1
    annual.write(2026, "foreword", TEXTS, carol)
    frozen = publish(2026, carol)
    files = annual.public_json(frozen), annual.public_json(annual.public(frozen))
    report("R3")
    in_force = config.current()
    config.use(replace(in_force, centre_name_en="Another centre"))
    again = annual.book(2026)
    config.use(in_force)
    assert (annual.public_json(again), annual.public_json(annual.public(again))) == files
    assert again == frozen
    assert again.text("foreword", Language.ZH_HANT) == TEXTS[Language.ZH_HANT]
    assert again.text("alerts", Language.EN) == ""


def test_the_digest_is_that_of_the_public_file_and_stands_in_the_record(carol: User) -> None:
    busy.year(count=10)
    publish(2026, carol)
    found = annual.published_book(2026)
    assert found is not None
    row, book = found
    assert row.digest == hashlib.sha256(annual.public_json(book).encode()).hexdigest()
    event = of_subjects(["annual:2026"])[-1]
    assert (event.kind, event.data) == (
        "report.annual_published",
        {"cutoff": "2027-01-15T02:00:00.000000+00:00", "digest": row.digest},
    )
    assert book.figures == without_small(annual.book(2026).figures)
    assert [each.year for each in annual.published()] == [2026]


def test_last_year_is_the_frozen_report_where_there_is_one(carol: User) -> None:
    busy.year(2025, 12)
    live = annual.draft(2026)
    assert (live.last_frozen, live.last["cases.opened"].value) == (
        False,
        annual.draft(2025).figures["cases.opened"].value,
    )
    frozen = publish(2025, carol, datetime(2025, 6, 30, tzinfo=UTC))
    assert frozen.figures["cases.opened"].value != live.last["cases.opened"].value
    after = annual.draft(2026)
    assert (after.last_frozen, after.last) == (True, frozen.figures)
    annual.write(2026, "foreword", TEXTS, carol)
    assert annual.draft(2027).last_frozen is False, "a draft of last year is no report yet"


def test_words_are_kept_by_chapter_and_each_change_is_an_event(carol: User) -> None:
    annual.write(2026, "foreword", TEXTS, carol)
    annual.write(2026, "foreword", TEXTS, carol)
    annual.write(2026, "alerts", {Language.EN: " Calm. ", Language.ZH_HANT: ""}, carol)
    assert annual.draft(2026).words == {
        "foreword": {"en": "A year of parcels.", "zh-hant": "包裹騙局的一年。"},
        "alerts": {"en": "Calm.", "zh-hant": ""},
    }
    told = [(event.kind, event.data) for event in of_subjects(["annual:2026"])]
    assert told == [
        ("report.annual_written", {"chapter": "foreword", "languages": ["en", "zh-hant"]}),
        ("report.annual_written", {"chapter": "alerts", "languages": ["en"]}),
    ]


def test_a_liaison_officer_comments_before_it_is_published(carol: User) -> None:
    grace = person("Grace", "liaison")
    annual.comment(2026, "handling", "Explain the rise in May.\u0000", grace)
    assert [(said.chapter, said.text, name) for said, name in annual.comments(2026)] == [
        ("handling", "Explain the rise in May.", "Grace")
    ]
    assert of_subjects(["annual:2026"])[-1].data == {"chapter": "handling"}
    with pytest.raises(AnnualRefused, match="empty"):
        annual.comment(2026, "handling", "  ", grace)


def test_what_is_refused(carol: User) -> None:
    for year in (1999, 2000, 2100):
        with pytest.raises(AnnualRefused, match="unknown_year"):
            annual.draft(year)
        with pytest.raises(AnnualRefused, match="unknown_year"):
            annual.publish(year, carol)
    with pytest.raises(AnnualRefused, match="unknown_chapter"):
        annual.write(2026, "gossip", TEXTS, carol)
    assert annual.published_book(2026) is None
    annual.write(2026, "foreword", TEXTS, carol)
    assert annual.published_book(2026) is None
    publish(2026, carol)
    with pytest.raises(AnnualRefused, match="published"):
        annual.publish(2026, carol)
    with pytest.raises(AnnualRefused, match="published"):
        annual.write(2026, "foreword", TEXTS, carol)
    with pytest.raises(AnnualRefused, match="published"):
        annual.comment(2026, "foreword", "Late", carol)
