"""Forms that programs fill: set aside, never refused, never deleted, and brought back in bulk."""

from __future__ import annotations

import base64
import html
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from altcha import ChallengeV1, solve_challenge_v1
from flask import Flask
from limits.errors import StorageError
from sqlalchemy import select

from cert_portal import config
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail.outbox import Letter
from cert_portal.intake.models import Report, ReportState
from cert_portal.intake.process import process
from cert_portal.web.limits import limiter
from cert_portal.web.public import nuisance
from tests.web.public.conftest import Visitor
from tests.web.staff.desk import sign_in


def send(visitor: Visitor, text: str, *, work: str = "", **more: str) -> Report:
    """The one box, from a page of its own."""
    page = visitor.get("report/fyi").text
    once = re.findall(r'name="once" value="([^"]+)"', page)[0]
    if work == "done":
        work = done(page)
    place = visitor.post("report/fyi", description=text, once=once, work=work, **more).location
    number = re.findall(r"R\d\d-\d{6}-\d", place)[0]
    with visitor.app.app_context():
        return read(number)


def read(number: str) -> Report:
    """The report after the job that reads it."""
    start_writing()
    report = session.scalars(select(Report).where(Report.number == number)).one()
    process(report.id)
    session.commit()
    session.refresh(report)
    session.expunge(report)
    return report


def done(page: str) -> str:
    """What the browser makes of the work of a page."""
    told = json.loads(html.unescape(re.findall(r'data-work="([^"]+)"', page)[0]))
    maxnumber = told.pop("maxnumber")
    found = solve_challenge_v1(ChallengeV1(told["algorithm"], told["challenge"], maxnumber, told["salt"], ""))
    assert found is not None
    return base64.b64encode(json.dumps(told | {"number": found.number}).encode()).decode()


@pytest.fixture
def few(app: Flask) -> None:
    """Two reports an hour may come without proof."""
    config.use(replace(config.current(), unproven_per_hour=2))


def test_a_field_that_people_do_not_see_sets_a_report_aside(visitor: Visitor) -> None:
    report = send(visitor, "Buy our pills", website="https://pills.example/", email="a@shop.example")
    with visitor.app.app_context():
        kept = session.get_one(Report, report.id)
        assert (kept.state, kept.trouble) == (ReportState.QUARANTINED, ["honeypot"])
        assert session.scalars(select(Letter)).all() == []


@pytest.mark.usefixtures("few")
def test_many_without_proof_are_set_aside_and_those_with_proof_are_not(visitor: Visitor) -> None:
    plain = [send(visitor, f"one more {n}").state for n in range(4)]
    assert plain == [ReportState.WAITING_TRIAGE] * 2 + [ReportState.QUARANTINED] * 2
    assert send(visitor, "a person with a browser", work="done").state == ReportState.WAITING_TRIAGE


@pytest.mark.usefixtures("few")
def test_proof_counts_for_one_form_and_one_day(app: Flask, visitor: Visitor) -> None:
    page = visitor.get("report/fyi").text
    work = done(page)
    for n in range(2):
        send(visitor, f"one more {n}")
    assert send(visitor, "with the proof of another form", work=work).state == ReportState.QUARANTINED
    once = re.findall(r'name="once" value="([^"]+)"', page)[0]
    with app.test_request_context(method="POST", data={"work": work}, environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        assert nuisance.signs(once) == []
        with clock.turned_to(clock.now() + timedelta(hours=25)):
            assert nuisance.signs(once) == ["unproven"]


WRONG = ("", "x", "%%%", "e30=", *(base64.b64encode(each.encode()).decode() for each in ("[]", "7", '{"salt": 7}')))


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("work", WRONG)
def test_what_is_no_proof_counts_as_none(app: Flask, work: str) -> None:
    with app.test_request_context(method="POST", data={"work": work}):
        assert [nuisance.signs("x") for _ in range(3)] == [[], [], ["unproven"]]


@pytest.mark.usefixtures("few")
def test_a_proof_with_a_wrong_number_or_end_counts_as_none(app: Flask) -> None:
    with app.test_request_context():
        told = nuisance.work_for("x")
    endless = told["salt"].replace("expires=", "expires=x")
    for change in ({"number": 0}, {"number": "0"}, {"number": 0, "salt": endless}):
        work = base64.b64encode(json.dumps({**told, **change}).encode()).decode()
        with app.test_request_context(method="POST", data={"work": work}):
            nuisance.signs("y")
            nuisance.signs("y")
            assert nuisance.signs("x") == ["unproven"]


def test_while_redis_is_away_nobody_is_suspected(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object) -> bool:
        raise StorageError(ConnectionError())

    monkeypatch.setattr(type(limiter.limiter), "hit", away)
    with app.test_request_context(method="POST"):
        assert nuisance.signs("x") == []


def test_the_wizard_tells_too(visitor: Visitor) -> None:
    for slug, data in {"emergency": {}, "what": {"description": "pills"}, "contact": {"reach": "anonymous"}}.items():
        visitor.step(slug, **data)
    assert "data-work" in visitor.get("report/check").text
    visitor.post("report/check", website="x")
    with visitor.app.app_context():
        assert read(visitor.report().number).state == ReportState.QUARANTINED


def test_what_was_set_aside_comes_back_in_bulk_and_is_acknowledged_then(app: Flask, visitor: Visitor) -> None:
    reports = [send(visitor, f"report {n}", website="x", email=f"p{n}@shop.example") for n in range(4)]
    client = sign_in(app, "Ann", "analyst")
    page = client.get("/staff/queue/quarantined").text
    assert "Looks like spam: a field that people do not see was filled" in page
    numbers = [report.number for report in reports]
    assert all(f'value="{number}"' in page for number in numbers)
    assert 'data-select-all="Select all"' in page
    data = {"do": "return", "numbers": numbers[:2]}
    assert client.post("/staff/queue/quarantined", data=data).status_code == 302
    assert client.post("/staff/queue/quarantined", data=data).status_code == 302
    client.post("/staff/queue/quarantined", data={"do": "spam", "numbers": numbers[2:3]})
    assert client.post("/staff/queue/quarantined", data={"numbers": ["R26-999999-9"]}).status_code == 404
    with app.app_context():
        states = session.scalars(select(Report.state).order_by(Report.id)).all()
        told = session.scalars(select(Letter.recipient).order_by(Letter.id)).all()
    assert states == ["waiting_triage", "waiting_triage", "refused", "quarantined"]
    assert told == ["p0@shop.example", "p1@shop.example"]


@pytest.mark.usefixtures("few")
def test_work_is_spent_with_the_report_that_it_came_with(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visitor.get("report/fyi").text
    work, once = done(page), re.findall(r'name="once" value="([^"]+)"', page)[0]

    def again(text: str) -> ReportState:
        place = visitor.post("report/fyi", description=text, once=once, work=work).location
        with app.app_context():
            return ReportState(read(re.findall(r"R\d\d-\d{6}-\d", place)[0]).state)

    states = [again(f"another text {n}") for n in range(4)]
    assert states == [ReportState.WAITING_TRIAGE] * 3 + [ReportState.QUARANTINED], "one with work, two without, no more"

    def away(*_args: object) -> bool:
        raise StorageError(ConnectionError())

    monkeypatch.setattr(limiter.limiter, "hit", away)
    assert again("Redis is away") == ReportState.WAITING_TRIAGE
