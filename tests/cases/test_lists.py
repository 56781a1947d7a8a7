"""Queue, search, related reports, timeline."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cert_portal.cases import queue, rare, related, search, service, timeline, workflow
from cert_portal.cases.models import AgencyReport, AgencyState
from cert_portal.cases.query import QueryRefused, parse
from cert_portal.cases.queue import QUERIES, View
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.mail import outbox
from cert_portal.directory import calendar, organisations
from cert_portal.directory.models import User
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.intake.models import ReportState
from cert_portal.intake.status import add
from cert_portal.intake.submission import Channel, Origin
from tests.cases.desk import NOW, a_report

pytestmark = pytest.mark.usefixtures("context")


def test_triage_shows_the_oldest_first_page_by_page(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAGE", 2)
    reports = [a_report(f"report {number}") for number in range(3)]
    first = queue.reports(View.TRIAGE, ann)
    assert list(first.rows) == reports[:2]
    second = queue.reports(View.TRIAGE, ann, first.after)
    assert (list(second.rows), second.after) == (reports[2:], "")


@pytest.mark.parametrize(
    ("levels", "pages"),
    [
        ({4: 4, 2: 3, 3: 2}, [[2, 4, 0], [1, 3]]),
        ({1: 3}, [[1, 0], [2, 3], [4]]),
        ({3: 3, 4: 3, 2: 4}, [[2, 3, 4, 0], [1]]),
    ],
)
def test_what_organisations_report_as_major_comes_first(
    levels: dict[int, int], pages: list[list[int]], ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE", 2)
    board = organisations.add(OrganisationTold("member", "Harbour Board"), "system")
    reports = [a_report(f"report {number}") for number in range(5)]
    for place, level in levels.items():
        facts = {"report_id": reports[place].id, "level": level, "state": AgencyState.SENT, "facts": {}}
        times = dict.fromkeys(("begun_at", "updated_at", "sent_at"), clock.now())
        session.add(AgencyReport(organisation_id=board.id, author_id=ann.id, **facts, **times))
    session.flush()
    found: list[list[int]] = []
    after = ""
    while after or not found:
        page = queue.reports(View.TRIAGE, ann, after)
        found.append([reports.index(each) for each in page.rows])
        after = page.after
    assert found == pages


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("kind:malware", [1]),
        ("channel:telephone", [2]),
        ("origin:overseas", [2]),
        ("after:2026-05-05", [1, 2]),
        ("銀行", [2]),
        ("page steals", [0]),
        ("reporter:rita", [0, 1]),
        ("-reporter:rita", [2]),
        ("nowhere", []),
        ("…", []),
        ("kind:phishing is:overdue", []),
    ],
)
def test_a_query_makes_a_list_of_reports_shorter(told: str, found: list[int], ann: User) -> None:
    with clock.turned_to(NOW):
        reports = [a_report()]
    with clock.turned_to(NOW + timedelta(days=1)):
        reports.append(a_report("A virus ran", kind="malware"))
        reports.append(a_report("冒充銀行的網頁", email="chan@mail.example", name="Chan"))
        reports[2].channel, reports[2].origin = Channel.TELEPHONE, Origin.OVERSEAS
    with clock.turned_to(NOW + timedelta(days=1, minutes=1)):
        rows = queue.reports(View.TRIAGE, ann, query=parse(told)).rows
    assert [reports.index(each) for each in rows] == found


@pytest.mark.parametrize("told", ["level>=3", "owner:me", "tag:x", "closed>2026-05-01", "is:mine"])
def test_what_only_cases_have_is_refused_in_a_list_of_reports(told: str, ann: User) -> None:
    with pytest.raises(QueryRefused) as refused:
        queue.reports(View.TRIAGE, ann, query=parse(told))
    assert refused.value.reason == "cases_only"


def test_quarantine_has_its_own_list(ann: User) -> None:
    report = a_report()
    report.state = ReportState.QUARANTINED
    assert list(queue.reports(View.QUARANTINED, ann).rows) == [report]
    assert list(queue.reports(View.TRIAGE, ann).rows) == []


def test_the_lists_of_cases_and_their_counts(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAGE", 2)
    mine, free, waiting, closed = (
        service.open_case([], ann, title=str(number), kind="phishing") for number in range(4)
    )
    service.take(mine, ann)
    waiting.state, closed.state = workflow.State.WAITING, workflow.State.CLOSED
    closed.closed_at = clock.now()
    a_report()
    assert list(queue.cases(QUERIES[View.MINE], ann).rows) == [mine]
    assert list(queue.cases(QUERIES[View.UNASSIGNED], ann).rows) == [waiting, free]
    assert list(queue.cases(QUERIES[View.WAITING], ann).rows) == [waiting]
    assert list(queue.cases(QUERIES[View.CLOSED], ann).rows) == [closed]
    first = queue.cases(QUERIES[View.TEAM], ann, size=2)
    assert list(first.rows) == [waiting, free]
    second = queue.cases(QUERIES[View.TEAM], ann, first.after, size=2)
    assert (list(second.rows), second.after) == ([mine], "")
    assert queue.counts(ann) == {
        View.TRIAGE: 1,
        View.ANSWERED: 0,
        View.QUARANTINED: 0,
        View.MINE: 1,
        View.UNASSIGNED: 2,
        View.TEAM: 3,
        View.OVERDUE: 0,
        View.WAITING: 1,
        View.REPLIED: 0,
    }
    assert queue.open_cases(ann) == [waiting, free, mine]


def test_overdue_reports_are_counted(ann: User) -> None:
    with clock.turned_to(NOW):
        late, answered = a_report(), a_report()
        service.log_call(answered, "talked", ann)
        assert queue.overdue(ann) == 0
        calendar.seed()
        assert queue.overdue(ann) == 0
    with clock.turned_to(NOW + timedelta(days=3)):
        a_report()
        assert queue.overdue(ann) == 1
    assert late.first_response_at is None


def test_reports_that_share_something_are_shown_with_what(ann: User) -> None:
    first = a_report("https://bad.example/login and 192.0.2.7", email="")
    second = a_report("look: hxxps://bad[.]example/login", email="")
    a_report("https://other.example/", email="")
    case = service.open_case([second], ann, title="x", kind="phishing")
    shared = related.shared_with(first, ann)
    assert [(each.report, each.cases) for each in shared] == [(second, [case])]
    assert shared[0].values == ["bad[.]example", "hxxps://bad[.]example/login"]
    assert related.how_many_share([first, second], ann) == {first.id: 1, second.id: 1}
    assert [each.kind for each in related.observables_of(first)] == ["domain", "ip", "url"]


@pytest.mark.parametrize("text", ["https://bad.example/login", "zhuque sysbackup2 4750", "One and the same words here"])
@pytest.mark.usefixtures("grown")
def test_what_is_an_exercise_is_proposed_to_nothing_that_is_not(ann: User, text: str) -> None:
    real, played = a_report(text, email=""), a_report(text, email="", drill=True)
    service.open_case([played], ann, title="x", kind="phishing")
    assert related.shared_with(real, ann) == related.shared_with(played, ann) == []
    assert related.how_many_share([real, played], ann) == {}
    again = a_report(text, email="", drill=True)
    assert [each.report for each in related.shared_with(again, ann)] == [played]


PARCEL = "the carrier says an import duty on the parcel is unpaid and will be returned"


@pytest.fixture
def grown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk that has enough reports for a word to be rare."""
    monkeypatch.setattr(rare, "ENOUGH", 0)


def test_on_a_young_desk_no_word_is_rare(ann: User) -> None:
    first, _ = (a_report("zhuque sysbackup2 4750", email="") for _ in range(2))
    assert rare.sharing(first) == {}


@pytest.mark.usefixtures("grown")
def test_rare_words_in_common_are_proposed_and_told(ann: User) -> None:
    first = a_report("Account sysbackup2 was added by zhuque for HK$4750", email="", name="Tai Man")
    second = a_report("zhuque sells it: 4750 dollars. We saw sysbackup2 too. Tai Man", email="", name="")
    a_report("zhuque again, and 4750", email="")
    (found,) = related.shared_with(first, ann)
    assert (found.report, found.values, found.likeness) == (second, [], 0)
    assert found.words == ["sysbackup2", "4750", "zhuque"]
    assert [each.report for each in related.shared_with(second, ann)] == [first]


@pytest.mark.usefixtures("grown")
def test_rare_words_are_told_as_they_are_written_and_not_twice(ann: User) -> None:
    text = "sekrit9-zz9_k and sekrit9.example/zz9, 203.0.113.77 v4.7-rc1"
    first, second = a_report(text, email=""), a_report(f"{text} again", email="")
    (found,) = related.shared_with(first, ann)
    assert (found.report, "203[.]0[.]113[.]77" in found.values) == (second, True)
    assert {"sekrit9-zz9_k", "sekrit9[.]example/zz9", "v4.7-rc1"} <= set(found.words)
    assert not {"203[.]0[.]113[.]77", "203_0_113_77", "sekrit9_example_zz9", "sekrit9[.]example"} & set(found.words)


@pytest.mark.usefixtures("grown")
def test_words_that_many_hold_or_that_tell_who_reports_say_nothing(ann: User) -> None:
    foot = "Harbour Trading Limited, Kwun Tong"
    first = a_report(f"Locked files. {foot}", email="a@harbour.example", organisation=foot)
    a_report(f"A strange call. {foot}", email="b@harbour.example", organisation=foot)
    a_report("A strange call. Harborview Kaito Zenith", email="a@harbour.example")
    mine = a_report("Locked files: Harborview Kaito Zenith", email="a@harbour.example")
    assert related.shared_with(first, ann) == []
    assert related.shared_with(mine, ann) == [], "both of one sender"
    many = [a_report("Quokka Wombat Numbat", email="") for _ in range(5)]
    assert all(not each.words for each in related.shared_with(many[0], ann))


def test_the_same_words_about_another_address_are_another_incident(ann: User) -> None:
    first = a_report(f"{PARCEL} http://one.example/pay", email="")
    other = a_report(f"{PARCEL} http://two.example/pay", email="")
    bare = a_report(f"{PARCEL} but I lost the link", email="")
    assert [each.report for each in related.shared_with(first, ann)] == [bare]
    assert {each.report for each in related.shared_with(bare, ann)} == {first, other}


@pytest.mark.usefixtures("grown")
def test_our_own_address_is_nothing_to_share(ann: User) -> None:
    first, _ = (a_report(f"{word} – {current().report_address}", email="") for word in ("I wrote", "Sent"))
    assert related.shared_with(first, ann) == []
    assert related.how_many_share([first], ann) == {}


def test_a_number_leads_straight_and_words_find_both(ann: User) -> None:
    report = a_report("網絡釣魚 at https://bad.example/login")
    case = service.open_case([report], ann, title="Fake bank 網絡釣魚", kind="phishing")
    assert search.find(report.number.replace("-", ""), ann).straight is report
    assert search.find(case.number.lower(), ann).straight is case
    found = search.find("釣魚", ann)
    assert (found.reports.rows, found.cases) == ([report], [case])
    assert search.find("hxxps://bad[.]example/login", ann).reports.rows == [report]
    assert search.find("", ann) == search.Found()


def test_the_timeline_tells_all_in_order(ann: User) -> None:
    report = a_report()
    case = service.open_case([report], ann, title="x", kind="phishing")
    service.note(case, "a note", ann)
    service.write_to_reporter(case, report, "Hello", "a letter", ann)
    add(report, Channel.EMAIL, "an answer", [], sender="rita@victim.example")
    entries = timeline.of_case(case, ann)
    assert [entry.kind for entry in entries] == [
        "report.received",
        "report.processed",
        "letter.report_received",
        "case.opened",
        "report.attached",
        "case.noted",
        "letter.case_letter",
        "report.first_response",
        "report.added",
    ]
    by_kind = {entry.kind: entry for entry in entries}
    assert (by_kind["case.noted"].who, by_kind["case.noted"].text, by_kind["case.noted"].is_note) == (
        "Ann",
        "a note",
        True,
    )
    letter = by_kind["letter.case_letter"]
    assert letter.letter is not None
    assert "a letter" in letter.text
    assert letter.who == "Ann"
    assert {entry.kind: entry.who for entry in timeline.of_report(report, ann)}["letter.case_letter"] == "Ann"
    assert by_kind["letter.report_received"].who == "system"
    assert not letter.is_note
    assert (by_kind["report.added"].text, by_kind["report.added"].who) == ("an answer", "reporter")
    assert by_kind["report.received"].who == "reporter"
    assert not {"report.acknowledged", "case.letter_written"} & set(by_kind)


def test_the_timeline_of_a_report_shows_its_letters_once(ann: User) -> None:
    report = a_report()
    letter = service.write_to_reporter(None, report, "Hello", "a letter", ann)
    outbox.claim(letter.id)
    letter.sealing = "signed"
    outbox.sent(letter.id)
    session.flush()
    kinds = [entry.kind for entry in timeline.of_report(report, ann)]
    assert kinds.count("letter.case_letter") == 1
    assert "letter.sent" not in kinds


def test_the_list_counts_what_the_page_of_the_report_shows(ann: User) -> None:
    old = a_report("https://bad.example/login", email="")
    with clock.turned_to(NOW + timedelta(days=100)):
        report = a_report("look: https://bad.example/login", email="")
        near = a_report("and again https://bad.example/login", email="")
        shared = related.shared_with(report, ann)
        assert [(each.report, each.is_old) for each in shared] == [(near, False), (old, True)]
        assert related.how_many_share([report], ann) == {report.id: 2}


def test_those_of_a_surge_are_counted_as_that_alone(ann: User) -> None:
    other = a_report("https://bad.example/login is in my phone", email="")
    told = f"{PARCEL} https://bad.example/login"
    same = [a_report(told, email="") for _ in range(current().surge_least)]
    assert related.how_many_share([same[0]], ann) == {same[0].id: 1}
    assert related.how_many_share([same[1]], ann) == {same[1].id: 1}
    assert related.how_many_share([other], ann) == {other.id: len(same)}
