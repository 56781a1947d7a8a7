"""A member organisation reports: the form, the level, the clock, the coordinator, updates and the release."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from unittest.mock import Mock

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from cert_portal.cases.models import AgencyNote, AgencyReport
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.events import Event
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import calendar
from cert_portal.governance import figures
from cert_portal.governance.period import Period
from cert_portal.intake import drafts
from cert_portal.intake.models import Observable, Report, ReportAddition
from cert_portal.intake.process import process
from cert_portal.web import frame
from tests.intake.messages import deliver, letter
from tests.web.org.agency import (
    NOW,
    SERIOUS,
    SLIGHT,
    Body,
    begin,
    body,
    fill,
    hand_in,
    moment,
    number,
    pages,
    sent,
)
from tests.web.staff.desk import check_places, open_case, sign_in

MINUTES = timedelta(minutes=1)


@pytest.fixture
def harbour(app: Flask) -> Body:
    """An organisation."""
    return body(app)


def events(app: Flask, kind: str) -> list[Event]:
    with app.app_context():
        return list(session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))


def row(app: Flask, made: int) -> AgencyReport:
    with app.app_context():
        return session.get_one(AgencyReport, made)


def letters(app: Flask, name: str) -> list[str]:
    with app.app_context():
        return list(session.scalars(select(Letter.recipient).where(Letter.name == name)))


def test_how_late_a_report_is_stands_in_hours_and_days(app: Flask, harbour: Body) -> None:
    """Nobody reads 1,344 minutes."""
    made = fill(harbour.coordinator, NOW - timedelta(hours=22, minutes=54))
    page = harbour.coordinator.get(f"/org/reports/{made}/check").text
    assert "22 hours ago. It is taken all the same." in page
    assert hand_in(harbour.coordinator, made, late_reason="Nobody was there").status_code == 302
    assert "22 hours after it was noticed" in harbour.coordinator.get(f"/org/reports/{made}").text


def test_an_organisation_reports_and_the_desk_sees_all_of_it(app: Flask, harbour: Body) -> None:
    made = sent(harbour.coordinator, NOW - 12 * MINUTES)
    page = harbour.coordinator.get(f"/org/reports/{made}").text
    assert "The land register shows wrong owners" in page
    assert "12 min after it was noticed" in page
    with app.app_context():
        start_writing()
        report = session.query(Report).one()
        process(report.id)
        session.commit()
        assert (report.channel, report.details["organisation"]) == ("web", "Harbour Board")
        assert report.details["affects"] == ["integrity"]
        assert report.details["action_containment"] == "Cable out"
        assert report.reporter_telephone == "+852 5550 0199"
    (told,) = events(app, "agency.sent")
    assert (told.data["level"], told.data["rule"], told.data["notice"]) == (3, "i3_core_serious", "in_time")
    assert (told.data["minutes"], told.data["system"], told.data["support"]) == (12, "land", "help")
    ann = sign_in(app, "Ann", "analyst")
    for path in ("/staff/", f"/staff/reports/{number(harbour.coordinator, made)}"):
        shown = ann.get(path).text
        assert "Asks for help" in shown
        assert "Level 3" in shown
    for words in ("Land registration", "Counters closed", "6 hours", "Somebody who can read the logs", "Harbour Board"):
        assert words in shown
    case = ann.get(f"/staff/cases/{open_case(ann, number(harbour.coordinator, made))}").text
    assert "What the member organisation told" in case
    assert 'value="core_serious" checked' in " ".join(case.split())


@pytest.mark.parametrize(
    ("seconds", "late"), [(29 * 60 + 59, False), (30 * 60, False), (30 * 60 + 1, True)], ids=["29:59", "30:00", "30:01"]
)
def test_thirty_minutes_from_noticing_and_a_reason_when_late(
    app: Flask, harbour: Body, seconds: int, late: bool
) -> None:
    made = fill(harbour.coordinator, NOW)
    with clock.turned_to(NOW + timedelta(seconds=seconds)):
        answer = hand_in(harbour.coordinator, made)
    assert answer.status_code == (422 if late else 302)
    assert row(app, made).state == ("draft" if late else "sent")


def test_late_without_a_reason_is_asked_again_and_nothing_is_lost(app: Flask, harbour: Body) -> None:
    made = fill(harbour.coordinator, NOW - 45 * MINUTES)
    for told in ({}, {"late_reason": "   "}):
        answer = hand_in(harbour.coordinator, made, **told)
        assert answer.status_code == 422
        assert "say why it is late" in answer.text
        assert "The land register shows wrong owners" in answer.text
        check_places(answer.text)
    assert hand_in(harbour.coordinator, made, late_reason="Nobody was on duty").status_code == 302
    found = row(app, made)
    assert (found.late, found.late_reason, found.minutes) == (True, "Nobody was on duty", 45)
    assert events(app, "agency.sent")[0].data["notice"] == "late"
    ann = sign_in(app, "Ann", "analyst")
    assert "Nobody was on duty" in ann.get(f"/staff/reports/{number(harbour.coordinator, made)}").text


def test_without_the_answers_no_level_is_told(harbour: Body) -> None:
    """Silence is not the answer "nothing was affected"."""
    page = harbour.coordinator.get(f"/org/reports/{begin(harbour.coordinator)}/check").text
    assert "No level yet" in page
    assert "an attempt" not in page


def test_level_one_has_no_clock_and_an_update_to_two_sets_it_going(app: Flask, harbour: Body) -> None:
    made = fill(harbour.coordinator, NOW - 300 * MINUTES, **SLIGHT)
    assert "No clock runs" in harbour.coordinator.get(f"/org/reports/{made}/check").text
    assert hand_in(harbour.coordinator, made).status_code == 302
    assert (row(app, made).level, row(app, made).minutes, row(app, made).late) == (1, None, False)
    path, raised = f"/org/reports/{made}/update", {**SERIOUS, "text": "The register was changed too"}
    asked = harbour.coordinator.post(path, data=raised)
    assert (asked.status_code, "When did you learn this?" in asked.text) == (422, True)
    assert "The register was changed too" in asked.text
    check_places(asked.text)
    late = harbour.coordinator.post(path, data={**raised, **moment("learnt", NOW - 40 * MINUTES)})
    assert (late.status_code, "say why it is late" in late.text) == (422, True)
    done = harbour.coordinator.post(
        path, data={**raised, **moment("learnt", NOW - 40 * MINUTES), "late_reason": "We counted first"}
    )
    assert done.status_code == 302
    assert (row(app, made).level, row(app, made).late_reason) == (3, "We counted first")
    (told,) = events(app, "agency.updated")
    assert (told.data["before"], told.data["level"], told.data["late"]) == (1, 3, True)


def test_an_update_in_time_needs_no_reason_and_reaches_the_desk(app: Flask, harbour: Body) -> None:
    made = sent(harbour.coordinator, NOW, **SLIGHT)
    page = harbour.coordinator.get(f"/org/reports/{made}/update").text
    assert 'value="non_core" checked' in " ".join(page.split())
    raised = {**SERIOUS, "text": "Owners were changed", "loss_data": "40 rows", **moment("learnt", NOW - 30 * MINUTES)}
    assert harbour.coordinator.post(f"/org/reports/{made}/update", data=raised).status_code == 302
    ann = sign_in(app, "Ann", "analyst")
    shown = ann.get(f"/staff/reports/{number(harbour.coordinator, made)}").text
    assert "Owners were changed" in shown
    assert "40 rows" in shown
    assert "Level 1 – slight → Level 3 – serious" in shown


def passed_up(harbour: Body) -> int:
    """A report of a unit that its coordinator sent on."""
    made = fill(harbour.unit, NOW - 5 * MINUTES)
    assert hand_in(harbour.unit, made).status_code == 302
    assert harbour.coordinator.post(f"/org/reports/{made}/pass-up").status_code == 302
    return made


def test_a_unit_answers_a_letter_of_the_desk_by_mail(app: Flask, harbour: Body) -> None:
    made = passed_up(harbour)
    told = number(harbour.unit, made)
    with app.app_context():
        start_writing()
        process(session.query(Report).one().id)
        session.commit()
    ann = sign_in(app, "Ann", "analyst")
    case = open_case(ann, told)
    written = {"to": told, "subject": "Which parcels?", "letter": "Please name them", "wants_answer": "1"}
    assert ann.post(f"/staff/cases/{case}/write", data=written).status_code == 302
    assert "We have asked you something" in harbour.unit.get(f"/org/reports/{made}").text
    with app.app_context():
        start_writing()
        asked = session.query(Letter).filter_by(name="case_letter").one()
        assert asked.recipient == "hana@harbour.example", "who wrote the report, not the coordinator"
        answer = letter(f"Re: {asked.subject}", "Parcels 7 and 9", From="Hana <hana@harbour.example>")
        answer = answer.replace(b"Message-ID:", f"In-Reply-To: {asked.message_id}\nMessage-ID:".encode(), 1)
        done = deliver(answer)
        assert (done.outcome, done.told) == ("reply", told)
        assert session.query(Report).count() == 1
        assert session.query(ReportAddition).one().known_sender
    for browser in (harbour.unit, harbour.coordinator):
        page = browser.get(f"/org/reports/{made}").text
        assert "Parcels 7 and 9" in page
        assert "We have asked you something" not in page
    assert "Parcels 7 and 9" not in harbour.other_unit.get(f"/org/reports/{made}").text
    assert "Parcels 7 and 9" in ann.get(f"/staff/reports/{told}").text


def files_of(app: Flask) -> list[str]:
    with app.app_context():
        return [each.filename for each in session.query(Report).one().files]


def test_files_go_with_an_update_and_those_of_a_unit_wait_with_it(app: Flask, harbour: Body) -> None:
    made = sent(harbour.coordinator, NOW - 12 * MINUTES)
    path = f"/org/reports/{made}/update"
    assert 'type="file"' in harbour.coordinator.get(path).text

    def told(*named: str, words: str = "") -> dict[str, object]:
        return {**SERIOUS, "text": words, "files": [(BytesIO(b"seen 192.0.2.99"), name) for name in named]}

    assert harbour.coordinator.post(path, data=told("one.log", "two.log")).status_code == 302
    assert files_of(app) == ["one.log", "two.log"]
    assert "two.log" in harbour.coordinator.get(f"/org/reports/{made}").text
    assert [each.data["files"] for each in events(app, "agency.updated")] == [2]
    with app.app_context():
        assert "192.0.2.99" in {value for (value,) in session.query(Observable.value)}
    refused = harbour.coordinator.post(path, data=told("fine.log", "lies.png", words="More"))
    assert refused.status_code == 422
    assert "is not the kind of file that its name says" in refused.text
    assert "More" in refused.text
    assert files_of(app) == ["one.log", "two.log"], "nothing of it is kept"


def test_files_of_a_unit_wait_with_its_coordinator(app: Flask, harbour: Body) -> None:
    made = passed_up(harbour)
    kept = len(files_of(app))
    more = {**SERIOUS, "files": [(BytesIO(b"seen"), "unit.log")]}
    assert harbour.unit.post(f"/org/reports/{made}/update", data=more).status_code == 302
    assert len(files_of(app)) == kept, "the centre has not seen it yet"
    page = harbour.coordinator.get(f"/org/reports/{made}").text
    assert "unit.log" in page
    with app.app_context():
        note = session.query(AgencyNote).one().id
        start_writing()
        with clock.turned_to(NOW + timedelta(days=100)):
            drafts.expire()
            session.commit()
    assert harbour.coordinator.post(f"/org/notes/{note}/pass-up").status_code == 302
    assert files_of(app)[kept:] == ["unit.log"]


def test_an_update_says_something(harbour: Body) -> None:
    made = sent(harbour.coordinator, NOW, **SERIOUS)
    path = f"/org/reports/{made}/update"
    same = {**SERIOUS, "loss_operations": "Counters closed", "loss_recovery": "6 hours"}
    answer = harbour.coordinator.post(path, data=same)
    assert (answer.status_code, "Write what is new" in answer.text) == (422, True)
    wrong = harbour.coordinator.post(path, data={**same, "tolerable": "soon", "text": "More"})
    assert (wrong.status_code, "Enter a number" in wrong.text, "More" in wrong.text) == (422, True, True)


def test_a_unit_reports_only_through_its_coordinator(app: Flask, harbour: Body) -> None:
    made = fill(harbour.unit, NOW - 5 * MINUTES)
    assert hand_in(harbour.unit, made).status_code == 302
    with app.app_context():
        assert session.query(Report).count() == 0
    assert letters(app, "agency_waiting") == ["harbour-head@portal.example"]
    assert "Waits for the coordinator" in harbour.unit.get("/org/").text
    refused = harbour.unit.post(f"/org/reports/{made}/pass-up")
    assert (refused.status_code, "Only the coordinator" in refused.text) == (422, True)
    assert "Your units handed in something" in harbour.coordinator.get("/org/").text
    with clock.turned_to(NOW + 26 * MINUTES):
        late = harbour.coordinator.post(f"/org/reports/{made}/pass-up")
        assert (late.status_code, "say why it is late" in late.text) == (422, True)
        done = harbour.coordinator.post(f"/org/reports/{made}/pass-up", data={"late_reason": "In a meeting"})
        assert done.status_code == 302
    assert (row(app, made).state, row(app, made).minutes) == ("sent", 31)
    (told,) = events(app, "agency.sent")
    assert told.data["unit"] is not None
    assert harbour.coordinator.post(f"/org/reports/{made}/pass-up").status_code == 422


def test_a_coordinator_returns_a_report_with_a_reason(app: Flask, harbour: Body) -> None:
    made = fill(harbour.unit, NOW)
    hand_in(harbour.unit, made)
    refused = harbour.coordinator.post(f"/org/reports/{made}/send-back", data={"reason": " "})
    assert (refused.status_code, "Give a reason" in refused.text) == (422, True)
    assert harbour.unit.post(f"/org/reports/{made}/send-back", data={"reason": "Mine"}).status_code == 422
    answer = harbour.coordinator.post(f"/org/reports/{made}/send-back", data={"reason": "Which parcels?"})
    assert answer.status_code == 302
    assert letters(app, "agency_returned") == ["harbour-survey@portal.example"]
    assert harbour.coordinator.post(f"/org/reports/{made}/send-back", data={"reason": "x"}).status_code == 422
    for path in (f"/org/reports/{made}", f"/org/reports/{made}/check"):
        assert "Which parcels?" in harbour.unit.get(path).text
    told = {"description": "Parcels 4 to 9 show wrong owners", "kind": "intrusion"}
    assert harbour.unit.post(f"/org/reports/{made}/form/what?change=1", data=told).location.endswith("/check")
    assert hand_in(harbour.unit, made).status_code == 302
    assert "Parcels 4 to 9" in harbour.coordinator.get(f"/org/reports/{made}").text
    assert harbour.coordinator.post(f"/org/reports/{made}/pass-up").status_code == 302


def test_what_a_unit_tells_later_waits_too(app: Flask, harbour: Body) -> None:
    made = fill(harbour.unit, NOW)
    hand_in(harbour.unit, made)
    harbour.coordinator.post(f"/org/reports/{made}/pass-up")
    assert harbour.unit.post(f"/org/reports/{made}/update", data={**SERIOUS, "text": "It goes on"}).status_code == 302
    assert events(app, "agency.updated") == []
    assert "It goes on" in harbour.coordinator.get(f"/org/reports/{made}").text
    assert harbour.unit.post("/org/notes/1/pass-up").status_code == 422
    assert harbour.coordinator.post("/org/notes/1/send-back", data={"reason": ""}).status_code == 422
    assert harbour.coordinator.post("/org/notes/1/send-back", data={"reason": "What goes on?"}).status_code == 302
    assert "What goes on?" in harbour.unit.get(f"/org/reports/{made}").text
    harbour.unit.post(f"/org/reports/{made}/update", data={**SERIOUS, "text": "The flood of requests"})
    assert "Your units handed in something" in harbour.coordinator.get("/org/").text
    assert harbour.coordinator.post("/org/notes/2/pass-up").status_code == 302
    assert harbour.coordinator.post("/org/notes/2/pass-up").status_code == 422
    assert len(events(app, "agency.updated")) == 1


def test_the_case_closes_only_after_the_release_is_confirmed(app: Flask, harbour: Body) -> None:
    made = sent(harbour.coordinator)
    with app.app_context():
        start_writing()
        process(session.query(Report).one().id)
        session.commit()
    ann, told = sign_in(app, "Ann", "analyst"), number(harbour.coordinator, made)
    case = open_case(ann, told)
    ann.post(f"/staff/cases/{case}/take")
    for verb in ("triage", "start", "resolve"):
        if verb == "start":
            level = {"leaked": "none", "tampered": "core_serious", "halted": "none"}
            assert ann.post(f"/staff/cases/{case}/level", data=level).status_code == 302
        assert ann.post(f"/staff/cases/{case}/move", data={"verb": verb}).status_code == 302
    ending = {"verb": "close", "outcome": "fixed", "reason": "They know"}
    refused = ann.post(f"/staff/cases/{case}/move", data=ending)
    assert (refused.status_code, "confirm its release first" in refused.text) == (422, True)
    form = f"/org/reports/{made}/release"
    empty = harbour.coordinator.post(form, data={"cause": "An old password"})
    assert (empty.status_code, "Say what the solution was" in empty.text) == (422, True)
    assert "An old password" in empty.text
    solved = {"cause": "An old password", "solution": "Passwords changed, rows restored", "remaining_risk": "None"}
    assert harbour.coordinator.post(form, data=solved).status_code == 302
    assert harbour.coordinator.post(form, data=solved).status_code == 302  # a second press finds it done
    assert len(events(app, "agency.release_asked")) == 1
    assert "Passwords changed, rows restored" in ann.get(f"/staff/cases/{case}").text
    assert ann.post(f"/staff/reports/{told}/release/return", data={"more": " "}).status_code == 422
    assert ann.post(f"/staff/reports/{told}/release/return", data={"more": "Since when?"}).status_code == 302
    page = harbour.coordinator.get(f"/org/reports/{made}").text
    assert "Since when?" in page
    assert "Waiting for you" in page
    again = harbour.coordinator.get(form).text
    assert "An old password" in again
    harbour.coordinator.post(form, data=solved)
    assert ann.post(f"/staff/reports/{told}/release").status_code == 302
    assert ann.post(f"/staff/reports/{told}/release").status_code == 422
    assert "The centre confirmed the release" in harbour.coordinator.get(f"/org/reports/{made}").text
    assert ann.post(f"/staff/cases/{case}/move", data=ending).status_code == 302


def raised_by_a_unit(harbour: Body) -> int:
    """A report of level 1 whose unit learnt five minutes ago that it is worse."""
    made = fill(harbour.unit, NOW - 300 * MINUTES, **SLIGHT)
    hand_in(harbour.unit, made)
    harbour.coordinator.post(f"/org/reports/{made}/pass-up")
    told = {**SERIOUS, "text": "The register was changed too", **moment("learnt", NOW - 5 * MINUTES)}
    assert harbour.unit.post(f"/org/reports/{made}/update", data=told).status_code == 302
    return made


def test_a_level_that_rose_and_is_sent_on_in_time_needs_no_reason(app: Flask, harbour: Body) -> None:
    made = raised_by_a_unit(harbour)
    assert harbour.coordinator.post("/org/notes/1/pass-up").status_code == 302
    assert (row(app, made).level, row(app, made).late) == (3, False)


def test_the_clock_of_a_level_that_rose_runs_while_it_waits_for_the_coordinator(app: Flask, harbour: Body) -> None:
    made = raised_by_a_unit(harbour)
    with clock.turned_to(NOW + 40 * MINUTES):
        page = harbour.coordinator.get(f"/org/reports/{made}").text
        assert 'id="late-1"' in page
        check_places(page)
        late = harbour.coordinator.post("/org/notes/1/pass-up")
        assert (late.status_code, 'href="#late-1"' in late.text) == (422, True)
        check_places(late.text)
        done = harbour.coordinator.post("/org/notes/1/pass-up", data={"late_reason": "I was away"})
    assert done.status_code == 302
    assert (row(app, made).level, row(app, made).late, row(app, made).late_reason) == (3, True, "I was away")


def test_a_release_form_that_waited_too_long_undoes_nothing(app: Flask, harbour: Body) -> None:
    made = fill(harbour.unit, NOW)
    hand_in(harbour.unit, made)
    harbour.coordinator.post(f"/org/reports/{made}/pass-up")
    told = number(harbour.coordinator, made)
    harbour.unit.post(f"/org/reports/{made}/release", data={"solution": "The unit says so"})
    harbour.coordinator.post(f"/org/reports/{made}/release", data={"solution": "A new disk"})
    sign_in(app, "Ann", "analyst").post(f"/staff/reports/{told}/release")
    assert harbour.coordinator.post("/org/notes/1/pass-up").status_code == 422
    with app.app_context():
        row = session.query(AgencyReport).one()
    assert (row.state, row.release["solution"]) == ("released", "A new disk")


def test_a_release_told_on_the_telephone_needs_its_solution(app: Flask, harbour: Body) -> None:
    made = sent(harbour.coordinator)
    ann, told = sign_in(app, "Ann", "analyst"), number(harbour.coordinator, made)
    refused = ann.post(f"/staff/reports/{told}/release", data={"solution": ""})
    assert (refused.status_code, "Say what the solution was" in refused.text) == (422, True)
    assert ann.post(f"/staff/reports/{told}/release", data={"solution": "Restored"}).status_code == 302
    assert events(app, "agency.released")[0].data == {"told": "otherwise"}
    assert sign_in(app, "Olga", "operator").post(f"/staff/reports/{told}/release").status_code == 403


def test_no_form_for_an_ordinary_report(app: Flask, harbour: Body) -> None:
    ann = sign_in(app, "Ann", "analyst")
    assert ann.post("/staff/reports/R26-000001-9/release").status_code == 404


def test_danger_comes_before_any_other_question(harbour: Body) -> None:
    page = harbour.unit.get(f"/org/reports/{begin(harbour.unit)}/form/danger").text
    assert page.index("Is anybody in danger?") < page.index("tel:999")
    assert "Step 1 of" in page


def test_nineteen_systems_and_the_other_needs_words(harbour: Body) -> None:
    path = f"/org/reports/{begin(harbour.unit)}/form/system"
    assert harbour.unit.get(path).text.count('name="system"') == 19
    answer = harbour.unit.post(path, data={"system": "other"})
    assert (answer.status_code, "Say which other system" in answer.text) == (422, True)
    assert harbour.unit.post(path, data={"system": "other", "system_other": "Ferry booking"}).status_code == 302
    assert harbour.unit.post(path, data={"system": "ferry"}).status_code == 422


@pytest.mark.parametrize(
    ("step", "told", "said"),
    [
        ("what", {"kind": "intrusion"}, "Write a few words"),
        ("when", {}, "the clock runs from then"),
        ("when", {"discovered-day": "4", "discovered-month": "5", "discovered-year": "2026"}, "Write the time as well"),
        ("effect", {"leaked": "none"}, "Say what was changed"),
        ("support", {"support": "help"}, "Say what help you need"),
        ("contact", {"name": "Hana"}, "Enter an e-mail address or a telephone number"),
    ],
)
def test_a_wrong_answer_is_explained_and_kept(harbour: Body, step: str, told: dict[str, str], said: str) -> None:
    path = f"/org/reports/{begin(harbour.unit)}/form/{step}"
    answer = harbour.unit.post(path, data=told)
    assert (answer.status_code, said in answer.text) == (422, True)
    check_places(answer.text)
    again = " ".join(harbour.unit.get(path).text.split())
    for value in told.values():
        assert f'value="{value}"' in again or value in again


def test_what_is_missing_leads_to_its_page(harbour: Body) -> None:
    made = begin(harbour.coordinator)
    answer = hand_in(harbour.coordinator, made)
    assert answer.status_code == 422
    for step in ("when", "what", "system", "effect", "support"):
        assert f"/org/reports/{made}/form/{step}?change=1" in answer.text.partition("error-summary__list")[2]
    assert harbour.coordinator.get(f"/org/reports/{made}").location.endswith("/check")


def test_both_languages_and_nothing_lost_on_the_way(app: Flask, harbour: Body) -> None:
    made = begin(harbour.unit)
    path = f"/org/reports/{made}/form/what"
    switched = harbour.unit.post(path, data={"description": "寫到一半", "then": "zh-hant"})
    assert switched.location.endswith("/form/what")
    page = harbour.unit.get(path).text
    assert "發生了甚麼事" in page
    assert "寫到一半" in page
    for wanted, there in ((path, path), ("//evil.example/", "/org/")):
        assert harbour.unit.post("/org/language", data={"language": "en", "next": wanted}).location == there
    assert harbour.unit.post("/org/language", data={"language": "fr"}).status_code == 400
    assert harbour.unit.post(path, data={"description": "x", "then": "save"}).location == "/org/"
    assert "x" in harbour.unit.get(path).text


def test_files_come_with_it(app: Flask, harbour: Body) -> None:
    made = begin(harbour.coordinator)
    path = f"/org/reports/{made}/form/evidence"
    refused = harbour.coordinator.post(path, data={"files": (BytesIO(b""), "empty.log")})
    assert (refused.status_code, "empty" in refused.text) == (422, True)
    for name in ("first.log", "second.log"):
        added = harbour.coordinator.post(path, data={"files": (BytesIO(name.encode()), name), "then": "add"})
        assert added.location.endswith("/form/evidence")
    page = harbour.coordinator.get(path).text
    assert "first.log" in page
    assert harbour.coordinator.post(f"{path}/1/remove").status_code == 302
    for step, told in pages(NOW).items():
        harbour.coordinator.post(f"/org/reports/{made}/form/{step}", data=told)
    assert harbour.coordinator.post(path).location.endswith("/form/contact")
    assert hand_in(harbour.coordinator, made).status_code == 302
    ann = sign_in(app, "Ann", "analyst")
    shown = ann.get(f"/staff/reports/{number(harbour.coordinator, made)}").text
    assert "second.log" in shown
    assert "first.log" not in shown
    assert harbour.coordinator.post(f"{path}/2/remove").status_code == 302
    assert harbour.coordinator.post(path).location == f"/org/reports/{made}"


def test_what_is_handed_in_does_not_change(app: Flask, harbour: Body) -> None:
    made = sent(harbour.coordinator)
    for step in ("what", "danger"):
        assert harbour.coordinator.get(f"/org/reports/{made}/form/{step}").location == f"/org/reports/{made}"
        answer = harbour.coordinator.post(f"/org/reports/{made}/form/{step}", data={"description": "Else"})
        assert answer.location == f"/org/reports/{made}"
    assert hand_in(harbour.coordinator, made).location == f"/org/reports/{made}"
    assert harbour.coordinator.get(f"/org/reports/{made}/check").location == f"/org/reports/{made}"
    with app.app_context():
        assert session.query(Report).count() == 1
    assert harbour.coordinator.get(f"/org/reports/{made}/form/nothing").status_code == 404


def test_only_what_is_with_the_centre_is_updated_or_released(harbour: Body) -> None:
    made = fill(harbour.unit, NOW)
    hand_in(harbour.unit, made)
    for what in ("update", "release"):
        assert harbour.unit.get(f"/org/reports/{made}/{what}").location == f"/org/reports/{made}"
        answer = harbour.unit.post(f"/org/reports/{made}/{what}", data={**SERIOUS, "text": "x", "solution": "y"})
        assert answer.location == f"/org/reports/{made}"


def test_figures_count_what_organisations_sent(app: Flask, harbour: Body) -> None:
    sent(harbour.coordinator, NOW)
    sent(harbour.coordinator, NOW - 400 * MINUTES, **SLIGHT, support="inform")
    hand_in(harbour.coordinator, fill(harbour.coordinator, NOW - 60 * MINUTES), late_reason="Night")
    with app.app_context():
        period = Period(NOW.date().replace(day=1), NOW.date())
        found = figures.measure(period, NOW + MINUTES, only=["agencies.reports"])["agencies.reports"]
    assert found.value == 3
    assert found.by["level"] == {"1": 1, "3": 2}
    assert found.by["support"] == {"help": 2, "inform": 1}
    assert found.by["notice"] == {"exempt": 1, "in_time": 1, "late": 1}


def test_with_the_clock_switched_off_nothing_is_late(app: Flask, harbour: Body) -> None:
    start_writing()
    with app.app_context():
        calendar.change_rule("agency_notice", 30, "minutes", 0.25, False, "system")
        session.commit()
    made = sent(harbour.coordinator, NOW - 400 * MINUTES)
    assert row(app, made).late is False


def test_a_report_waits_longer_than_a_draft(app: Flask, harbour: Body) -> None:
    forgotten, waiting = fill(harbour.unit, NOW), fill(harbour.unit, NOW)
    hand_in(harbour.unit, waiting)
    start_writing()
    later: datetime = NOW + timedelta(days=20)
    with app.app_context(), clock.turned_to(later):
        assert drafts.expire() == 1
        session.commit()
        assert session.get(AgencyReport, forgotten) is None
        assert session.get(AgencyReport, waiting) is not None


def test_with_the_database_away_an_organisation_keeps_what_it_typed(
    harbour: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its clock runs: nothing may have to be typed again."""
    made = begin(harbour.coordinator)
    path, told = f"/org/reports/{made}/form/what", {"description": "The land register shows wrong owners"}
    away = OperationalError("BEGIN", {}, OSError("away"))
    with monkeypatch.context() as patch:
        patch.setattr(frame.db, "start_writing", Mock(side_effect=[away, None]))
        answer = harbour.coordinator.post(path, data=told)
    assert answer.status_code == 503
    assert "The land register shows wrong owners" in answer.text
    assert f'action="{path}"' in answer.text
    assert harbour.coordinator.post(path, data=told).status_code == 302
