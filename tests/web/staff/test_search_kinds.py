"""Conditions hold for letters, referrals, calls and findings too; where one cannot, the page says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from cert_portal.cases import notices, service
from cert_portal.cases.models import Case
from cert_portal.coordination import answers, refer
from cert_portal.coordination.answers import Told
from cert_portal.coordination.workflow import Verb
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory.models import User
from cert_portal.intake import calls
from cert_portal.intake.models import CallKind
from cert_portal.monitoring import findings
from cert_portal.monitoring.machine_mail import Seen
from tests.cases.desk import a_report
from tests.coordination.desk import a_referral
from tests.web.staff.desk import do, open_case, report, sign_in

FIRST, LATER = "2025-03-01", "2026-03-01"


@dataclass(frozen=True)
class Desk:
    """A browser of each of two people, and numbers of rows."""

    ann: FlaskClient
    ben: FlaskClient
    case: str
    report: str
    referral: str


@pytest.fixture
def desk(app: Flask) -> Desk:
    ann, ben = sign_in(app, "Ann", "analyst", "operator"), sign_in(app, "Ben", "analyst")
    start_writing()
    with app.app_context():
        user = session.scalars(select(User).where(User.name == "Ann")).one()
        report = a_report("A message about a delivery", kind="phishing", email="rita@victim.example")
        case = service.open_case([report], user, title="Fake post", kind="phishing")
        case.level = 3
        service.write_to_reporter(case, report, "Your parcel", "The parcel is no parcel of magenta", user)
        other = a_report("Files are locked", kind="ransomware", email="lee@shop.example")
        service.open_case([other], user, title="Locked", kind="ransomware")
        service.write_to_reporter(None, other, "About a parcel", "ochre", user)
        referral = a_referral(user)
        assert refer.send(referral, user) == "sent"
        answers.by_page(referral, Verb.ANSWER, Told("The harbour is clean", "T-1", []))
        calls.note(CallKind.ANSWERED, "", "somebody asks about a parcel", user)
        findings.keep([Seen("feed-one", "phishing", ip="192.0.2.77", raw={"n": 1})], None)
        findings.keep([Seen("feed-two", "malware", ip="192.0.2.77", raw={"n": 2})], None)
        session.flush()
        numbers = (case.number, report.number, referral.number)
        session.commit()
    return Desk(ann, ben, *numbers)


def shown(client: FlaskClient, told: str) -> dict[str, str]:
    """The parts of the page of a search by their heading, without tags, and what it says above them."""
    answer = client.get("/staff/search", query_string={"q": told})
    assert answer.status_code == 200, answer.text
    _first, *parts = answer.text.split('<h2 class="govuk-heading-m">')
    found = {"": " ".join(re.findall(r'class="govuk-inset-text"[^>]*>([^<]+)<', answer.text))}
    for part in parts:
        found[part.split(" <", 1)[0]] = re.sub(r"<[^>]+>", " ", part.partition("<details")[0])
    return found


def test_letters_meet_conditions_by_what_they_are_about(desk: Desk) -> None:
    letters = shown(desk.ann, "parcel")["Letters"]
    assert ("Your parcel" in letters, "About a parcel" in letters) == (True, True)
    for told, hits in (
        ("parcel kind:phishing", [True, False]),
        ("parcel -kind:phishing", [False, True]),
        ("parcel reporter:lee", [False, True]),
        ("parcel -reporter:lee", [True, False]),
        ("parcel channel:web", [True, True]),
        ("parcel level>=3", [True, False]),
        ("parcel -magenta channel:web", [False, True]),
    ):
        letters = shown(desk.ann, told).get("Letters", "")
        assert ["Your parcel" in letters, "About a parcel" in letters] == hits, told
    assert "Letters" not in shown(desk.ann, "parcel channel:fax")
    assert "Letters" not in shown(desk.ann, "channel:web"), "not without words"


def test_letters_and_referrals_meet_conditions_on_the_case_of_the_referral(desk: Desk) -> None:
    for told in (
        "harbour is:open",
        "harbour kind:phishing -kind:malware",
        "harbour reporter:rita",
        "harbour title:bank",
    ):
        found = shown(desk.ann, told)
        assert desk.referral in found["Referrals"], told
        assert desk.referral in found["Letters"], told
    for told in ("harbour is:closed", "harbour level>=3", "harbour reporter:lee", "harbour tag:vip"):
        found = shown(desk.ann, told)
        assert ("Referrals" in found, "Letters" in found) == (False, False), told


def test_days_are_those_of_the_letter_the_call_and_the_finding(app: Flask, desk: Desk) -> None:
    with app.app_context():
        long_ago = clock.now() - timedelta(days=400)
        session.execute(update(Letter).where(Letter.subject.contains("About a parcel")).values(created_at=long_ago))
        session.commit()
        day = (clock.now() - timedelta(days=30)).date()
    found = shown(desk.ann, f"parcel after:{day}")
    assert ("Your parcel" in found["Letters"], "About a parcel" in found["Letters"]) == (True, False)
    assert "asks about a parcel" in found["Calls"]
    found = shown(desk.ann, f"parcel before:{day}")
    assert ("Your parcel" in found["Letters"], "About a parcel" in found["Letters"]) == (False, True)
    assert "Calls" not in found
    assert "asks about a parcel" in shown(desk.ann, f"parcel -before:{day}")["Calls"]
    assert "feed-one" in shown(desk.ann, f"192.0.2.77 after:{day}")["Findings"]
    assert "feed-one" in shown(desk.ann, f"ip:192.0.2.77 after:{day}")["Findings"]
    assert "Findings" not in shown(desk.ann, f"ip:192.0.2.77 before:{day}")


def test_findings_meet_conditions_on_their_kind(desk: Desk) -> None:
    for told, hits in (
        ("ip:192.0.2.77", [True, True]),
        ("ip:192.0.2.77 kind:phishing", [True, False]),
        ("192.0.2.77 -kind:phishing", [False, True]),
        ("192.0.2.77 kind:phishing kind:malware", [True, True]),
        ("ip:192.0.2.77 is:open", [False, False]),
        ("ip:192.0.2.77 -domain:bad.example", [False, False]),
    ):
        found = shown(desk.ann, told).get("Findings", "")
        assert ["feed-one" in found, "feed-two" in found] == hits, told


def test_the_page_says_once_to_what_a_condition_does_not_apply(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "With these conditions not looked for: "
    by_word = "Only with a word beside the conditions looked for: "
    for told, kinds, with_word in (
        ("parcel is:open", "calls, findings", ""),
        ("parcel level>=3", "reports, calls, findings", ""),
        ("parcel kind:phishing", "calls", ""),
        ("is:quarantined parcel", "cases, calls, findings", ""),
        ("is:open", "calls, findings", "letters, referrals"),
        ("after:2025-01-01", "", "letters, referrals, calls"),
    ):
        above = shown(desk.ann, told)[""]
        assert (above.count(said), above.count(by_word)) == (bool(kinds), bool(with_word)), told
        assert f"{said}{kinds}." in above or not kinds, told
        assert f"{by_word}{with_word}." in above or not with_word, told
    for told in ("parcel", "parcel -ochre", "parcel after:2025-01-01", "192.0.2.77"):
        assert said not in shown(desk.ann, told)[""], told
    monkeypatch.setattr("cert_portal.web.staff.search.may", lambda _permission: False)
    assert said not in shown(desk.ann, "parcel kind:phishing")[""], "nothing about calls to who does not see to them"


def test_nobody_meets_what_he_may_not_see_by_way_of_conditions(app: Flask, desk: Desk) -> None:
    with app.app_context():
        user = session.scalars(select(User).where(User.name == "Ann")).one()
        for case in session.scalars(select(Case)).all():
            service.restrict(case, "police", user)
        session.commit()
    for told in ("parcel kind:phishing", "harbour is:open", "parcel after:2025-01-01", "parcel is:restricted"):
        found = shown(desk.ben, told)
        assert not {"Letters", "Referrals", "Cases", "Reports"} & set(found), told
    assert "Letters" in shown(desk.ann, "parcel kind:phishing")


def test_keys_walk_along_the_rows_of_every_list(app: Flask, desk: Desk) -> None:
    with app.app_context():
        user = session.scalars(select(User).where(User.name == "Ann")).one()
        notices.tell(notices.Kind.GIVEN, user, desk.case, "1")
        session.commit()
    desk.ben.post("/staff/team/handovers", data={"words": "All is quiet"})
    rows = re.compile(r"<(?:tr|li)[^>]* data-row(?:[ =][^>]*)?>.*?(?:<a [^>]*href|data-opens)", re.DOTALL)
    for path in ("referrals", "notices", "findings", "team/handovers", "directory/", "queue/team"):
        assert rows.search(desk.ann.get(f"/staff/{path}").text), path
    page = desk.ann.get(f"/staff/cases/{desk.case}").text
    assert not rows.search(page), "keys of a case go to its parts"


def test_further_pages_keep_the_conditions(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cert_portal.cases.search.MOST", 1)
    page = desk.ann.get("/staff/search?q=parcel+channel:web").text
    further = re.search(r'href="(/staff/search\?[^"]+of=letters[^"]+)"', page)
    assert further
    later = desk.ann.get(further[1].replace("&amp;", "&")).text
    assert ("About a parcel" in page, "Your parcel" in later, "About a parcel" in later) == (True, True, False)
    assert "not looked for" not in later
    for kind in ("letters", "referrals", "calls", "findings"):
        assert desk.ann.get(f"/staff/search?q=parcel+is:nonsense&of={kind}&after=1").status_code == 422


def test_where_few_of_very_many_letters_match_the_search_says_where_to_go_on(
    app: Flask, ann: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = report(app)
    case = open_case(ann, number)
    do(ann, f"/staff/cases/{case}/write", to=number, subject="Ochre", letter="Dear Rita")
    monkeypatch.setattr("cert_portal.cases.search.LOOKED_AT", 1)
    page = ann.get("/staff/search?q=ochre+kind:malware").text
    assert "older ones may match" in page
    assert "Nothing was found" not in page
