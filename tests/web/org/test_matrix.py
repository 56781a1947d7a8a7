"""Nobody of one organisation, or of another unit, reaches anything of the other by any address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from cert_portal.cases.models import AgencyNote, AgencyReport
from cert_portal.core.db import Base, session, start_writing
from cert_portal.directory import accounts, members
from cert_portal.directory.permissions import Permission, Role
from cert_portal.intake.models import ReportFile
from cert_portal.web.org.steps import STEPS
from tests.web.org.agency import NOW, SERIOUS, Body, body, fill, hand_in, sent
from tests.web.staff.desk import sign_in

MARK = "wrong owners"


def addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """Every address of the face for every row that there is, with its method."""
    with app.test_request_context():
        fill_in = {
            "agency_id": [str(each) for each in session.scalars(select(AgencyReport.id))],
            "note_id": [str(each) for each in session.scalars(select(AgencyNote.id))],
            "file_id": [str(each) for each in session.scalars(select(ReportFile.id))],
            "step": [step.slug for step in STEPS],
        }
        for rule in app.url_map.iter_rules():
            if not rule.endpoint.startswith("org."):
                continue
            choices: list[dict[str, Any]] = [{}]
            for name in sorted(rule.arguments):
                choices = [{**each, name: value} for each in choices for value in fill_in[name]]
            for values in choices:
                for method in {"GET", "POST"} & (rule.methods or set()):
                    yield method, url_for(rule.endpoint, **values)


def world(app: Flask) -> tuple[Body, Body]:
    """Two organisations. The first has a draft, one that waits, one that was sent, and notes of a unit."""
    harbour, parks = body(app), body(app, "Parks Office")
    fill(harbour.coordinator, NOW)
    fill(harbour.unit, NOW)
    waits = fill(harbour.unit, NOW)
    hand_in(harbour.unit, waits)
    sent(harbour.coordinator)
    passed = fill(harbour.unit, NOW)
    hand_in(harbour.unit, passed)
    harbour.coordinator.post(f"/org/reports/{passed}/pass-up")
    harbour.unit.post(f"/org/reports/{passed}/update", data={**SERIOUS, "text": "Still wrong owners"})
    return harbour, parks


def rows(app: Flask) -> dict[str, list[str]]:
    """Every row but sign-ins and what the reader said of the own language."""
    skipped = {"sign_in_attempts", "events", "users"}
    with app.app_context():
        tables = [each for each in Base.metadata.sorted_tables if each.name not in skipped]
        return {each.name: sorted(map(repr, session.execute(select(each)))) for each in tables}


def walk(app: Flask, client: FlaskClient) -> Iterator[tuple[str, str, TestResponse]]:
    for method, path in list(addresses(app)):
        if path not in ("/org/reports", "/org/language"):
            yield method, path, client.open(path, method=method, data={"reason": "x", "late_reason": "x", "text": "x"})


@pytest.mark.parametrize("who", ["coordinator", "unit"])
def test_another_organisation_reaches_nothing(app: Flask, who: str) -> None:
    _harbour, parks = world(app)
    before = rows(app)
    for method, path, answer in walk(app, getattr(parks, who)):
        if path == "/org/":
            assert MARK not in answer.text
        else:
            assert answer.status_code == 404, (method, path)
            assert MARK not in answer.text
    assert rows(app) == before


def test_another_unit_reaches_nothing(app: Flask) -> None:
    harbour, _parks = world(app)
    with app.app_context():
        of_units = select(AgencyReport.id).where(AgencyReport.unit_id.is_not(None))
        theirs = {str(each) for each in session.scalars(of_units)}
    before = rows(app)
    for method, path, answer in walk(app, harbour.other_unit):
        assert MARK not in answer.text, path
        if any(f"/reports/{each}" in path for each in theirs) or "/notes/" in path:
            assert answer.status_code == 404, (method, path)
    assert rows(app) == before


def test_a_coordinator_sees_all_but_drafts_of_others(app: Flask) -> None:
    harbour, _parks = world(app)
    with app.app_context():
        states = {each.id: (each.state, each.unit_id) for each in session.scalars(select(AgencyReport))}
    for made, (state, unit) in states.items():
        answer = harbour.coordinator.get(f"/org/reports/{made}")
        assert answer.status_code == (404 if state == "draft" and unit else 302 if state == "draft" else 200), state


def test_whoever_may_not_report_is_turned_away(app: Flask) -> None:
    world(app)
    stranger = app.test_client()
    for method, path in list(addresses(app)):
        answer = stranger.open(path, method=method)
        assert (answer.status_code, "/staff/sign-in" in answer.location) == (302, True), path
    ann = sign_in(app, "Ann", *(role for role in Role if role != Role.MEMBER))
    for method, path in list(addresses(app)):
        assert ann.open(path, method=method).status_code == 403, path


def test_without_an_organisation_the_account_says_so(app: Flask) -> None:
    harbour = body(app)
    made = sent(harbour.coordinator)
    start_writing()
    with app.app_context():
        user = accounts.by_email("harbour-head@portal.example")
        assert user is not None
        members.leave(user, "system")
        session.commit()
    assert "belongs to no organisation" in harbour.coordinator.get("/org/").text
    assert harbour.coordinator.get(f"/org/reports/{made}").location == "/org/"
    assert harbour.coordinator.post("/org/reports").location == "/org/"


def test_a_closed_account_is_out_at_once(app: Flask) -> None:
    harbour = body(app)
    start_writing()
    with app.app_context():
        user = accounts.by_email("harbour-head@portal.example")
        assert user is not None
        accounts.change(user, name=user.name, roles=user.roles, active=False, actor="system")
        session.commit()
    assert "/staff/sign-in" in harbour.coordinator.get("/org/").location


def test_a_member_opens_no_page_of_the_desk_but_the_own_account(app: Flask) -> None:
    client = body(app).coordinator
    for rule in app.url_map.iter_rules():
        permission = getattr(app.view_functions[rule.endpoint], "permission", None)
        if rule.endpoint.startswith("staff.") and permission and not rule.arguments and "GET" in (rule.methods or ()):
            with app.test_request_context():
                path = url_for(rule.endpoint)
            assert client.get(path).status_code == (200 if permission is Permission.ACCOUNT else 403), path
