"""What a person sets right in the fields of a report."""

from __future__ import annotations

import pytest

from cert_portal.core import search
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.numbers import NumberKind
from cert_portal.directory.models import User
from cert_portal.guidance.kinds import UnknownKind
from cert_portal.intake.editing import edit, fields_of, set_language, set_origin
from cert_portal.intake.models import Report
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Origin, Submission
from tests.cases.desk import a_report, kinds_of, last, person


@pytest.fixture
def ann(context: object) -> User:
    """An analyst."""
    return person()


@pytest.fixture
def report(ann: User) -> Report:
    """A report that waits for triage."""
    return a_report()


def test_what_was_set_right_is_found_and_what_was_there_is_kept(ann: User, report: Report) -> None:
    text, before = report.text, fields_of(report)
    assert before["name"] == "Rita"
    told = {"title": "False page of the Harbour Bank", "kind": "malware", "telephone": "2345 6789", "name": "Rita Chan"}
    assert edit(report, {**told, "organisation": " Harbour  Ltd "}, ann) == [
        *("kind", "title", "name", "telephone", "organisation"),
    ]
    assert (report.kind, report.reporter_name, report.telephone_key) == ("malware", "Rita Chan", "85223456789")
    assert report.details["organisation"] == "Harbour Ltd"
    assert report.details["kind"] == "malware"
    assert report.text == text, "the message stays what it was"
    event = last(report.number)
    assert event.data == {
        "fields": ["kind", "title", "name", "telephone", "organisation"],
        "before": "phishing",
        "after": "malware",
    }
    assert event.text == (
        f"{before['title']} → False page of the Harbour Bank\nRita → Rita Chan\n– → 2345 6789\n– → Harbour Ltd"
    )
    assert search.find(NumberKind.REPORT, "harbour") == [report.id]
    assert edit(report, {"email": ""}, ann) == ["email"]
    assert (report.reporter_email, last(report.number).data["after"]) == ("", "")


def test_nothing_new_is_no_event(ann: User, report: Report) -> None:
    before = kinds_of(report.number)
    assert edit(report, {"title": report.title, "unknown": "x"}, ann) == []
    assert kinds_of(report.number) == before
    with pytest.raises(UnknownKind):
        edit(report, {"kind": "nonsense"}, ann)
    session.rollback()


def test_whose_report_it_is_can_be_set_right(ann: User, report: Report) -> None:
    assert set_origin(report, Origin.OVERSEAS, ann)
    assert not set_origin(report, Origin.OVERSEAS, ann), "a second press is no event"
    assert report.origin == "overseas"
    event = last(report.number)
    assert (event.kind, event.actor) == ("report.origin_set", ann.actor)
    assert event.data == {"before": "local", "after": "overseas"}


def test_letters_go_to_overseas_in_english_where_the_language_was_guessed(ann: User) -> None:
    mailed = receive(Submission(Language.ZH_HANT, description="釣魚網站"), Channel.EMAIL)
    filled = receive(Submission(Language.ZH_HANT, description="釣魚網站"), Channel.WEB)
    for each in (mailed, filled):
        set_origin(each, Origin.OVERSEAS, ann)
    assert (mailed.language, filled.language) == ("en", "zh-hant"), "a form was filled in a chosen language"
    set_origin(mailed, Origin.LOCAL, ann)
    assert mailed.language == "zh-hant"


def test_the_language_that_a_person_set_stays(ann: User) -> None:
    mailed = receive(Submission(Language.EN, description="x"), Channel.EMAIL)
    assert set_language(mailed, Language.ZH_HANT, ann.actor)
    assert not set_language(mailed, Language.ZH_HANT, ann.actor), "a second press is no event"
    event = last(mailed.number)
    assert (event.kind, event.data) == ("report.language_set", {"before": "en", "after": "zh-hant"})
    set_origin(mailed, Origin.OVERSEAS, ann)
    assert mailed.language == "zh-hant"
