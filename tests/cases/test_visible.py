"""A restricted case and its reports do not exist for those who are not named: not in any list, count or search."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cert_portal.cases import access, queue, related, search, service, timeline
from cert_portal.cases.letterbook import letters_page
from cert_portal.cases.models import Case
from cert_portal.cases.outside import answered
from cert_portal.cases.query import parse
from cert_portal.cases.queue import QUERIES, View
from cert_portal.cases.service import AccessRefused
from cert_portal.cases.visible import cases_of, find_case, find_report, reports_of
from cert_portal.cases.workflow import State
from cert_portal.core import clock
from cert_portal.directory.models import User
from cert_portal.intake.models import Report, ReportState
from cert_portal.intake.status import add
from cert_portal.intake.submission import Channel
from tests.cases.desk import a_report, kinds_of, last, person

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def ann(context: object) -> User:
    return person("Ann")


@pytest.fixture
def sue(context: object) -> User:
    return person("Sue", "supervisor")


@pytest.fixture
def report(context: object) -> Report:
    return a_report("secretword https://bad.example/login")


@pytest.fixture
def case(ann: User, report: Report) -> Case:
    return service.open_case([report], ann, title="Secretcase", kind="phishing", restricted=True)


def test_the_opener_is_named_and_sees_it(case: Case, report: Report, ann: User) -> None:
    assert find_case(case.number, ann) is case
    assert find_report(report.number.lower().replace("-", " "), ann) is report
    assert [user for user, _ in service.named(case)] == [ann]


def test_nobody_else_finds_it_by_any_way(case: Case, report: Report, sue: User) -> None:
    other = a_report("Also https://bad.example/login")
    open_case = service.open_case([], sue, title="Open", kind="phishing")
    service.attach(open_case, [report], sue)
    assert find_case(case.number, sue) is None
    assert find_report(report.number, sue) is None
    assert reports_of(open_case, sue) == []
    assert cases_of(report, sue) == [open_case]
    assert queue.cases(QUERIES[View.TEAM], sue).rows == [open_case]
    assert queue.counts(sue)[View.TEAM] == 1
    assert queue.open_cases(sue) == [open_case]
    assert related.shared_with(other, sue) == []
    assert related.how_many_share([other], sue) == {}
    for query in (case.number, report.number, "secretword", "Secretcase", "bad.example/login"):
        found = search.find(query, sue)
        assert found.straight is None
        assert report not in found.reports.rows
        assert list(found.cases) == [], "nor the open case that holds it too"
    assert report.number not in [letter.about for letter in letters_page(sue).rows]
    assert [entry.kind for entry in timeline.of_case(open_case, sue)] == ["case.opened"]


@pytest.mark.parametrize(
    "told", ["secretword", "domain:bad.example", "reporter:rita", "channel:web", "opened>2020-01-01 secretword"]
)
def test_an_open_case_is_not_found_by_what_a_hidden_report_says(
    told: str, case: Case, report: Report, ann: User, sue: User
) -> None:
    both = service.open_case([], sue, title="Open", kind="phishing")
    service.attach(both, [report], sue)
    add(report, Channel.WEB, "more", [])
    assert both in queue.cases(parse(told), ann).rows
    assert list(queue.cases(parse(told), sue).rows) == []
    assert queue.count(parse(told), sue) == 0
    assert (answered([both], ann), answered([both], sue)) == ({both.id}, set())
    assert (queue.counts(ann)[View.REPLIED], queue.counts(sue)[View.REPLIED]) == (2, 0)


def test_the_numbers_of_hidden_reports_stand_in_no_line(ann: User, sue: User) -> None:
    first, second = a_report("one"), a_report("two")
    both = service.open_case([first, second], ann, title="Open", kind="phishing")
    closed = service.open_case([], ann, title="Closed", kind="phishing", restricted=True)
    service.attach(closed, [second], ann)
    [opened] = [each.data for each in timeline.of_case(both, sue) if each.kind == "case.opened"]
    assert opened is not None
    assert opened["reports"] == [first.number]
    [known] = [each.data for each in timeline.of_case(both, ann) if each.kind == "case.opened"]
    assert known is not None
    assert known["reports"] == [first.number, second.number]


def test_a_hidden_report_in_quarantine_is_not_counted(case: Case, report: Report, ann: User, sue: User) -> None:
    report.state = ReportState.QUARANTINED
    assert queue.counts(sue)[View.QUARANTINED] == 0
    assert queue.counts(ann)[View.QUARANTINED] == 1


def test_a_report_says_nothing_of_a_case_that_is_hidden(ann: User, sue: User, case: Case) -> None:
    shared = a_report("Also https://bad.example/login")
    open_case = service.open_case([shared], ann, title="Open", kind="phishing")
    service.attach(case, [shared], ann)
    assert find_report(shared.number, sue) is None
    service.unrestrict(case, "over", ann)
    service.restrict(open_case, "new", ann)
    told = [entry.data for entry in timeline.of_report(shared, sue) if entry.kind == "report.attached"]
    assert told == [{"case": case.number}]


def test_a_wrong_kind_of_number_finds_nothing(case: Case, report: Report, ann: User) -> None:
    assert find_case(report.number, ann) is None
    assert find_report(case.number, ann) is None
    assert find_case("nonsense", ann) is None
    assert find_case("C26-999999-8", ann) is None


def test_naming_and_taking_off(case: Case, ann: User, sue: User) -> None:
    service.grant(case, sue, "on duty", ann)
    service.grant(case, sue, "on duty tonight", ann)
    assert find_case(case.number, sue) is case
    assert {user.name: why for user, why in service.named(case)}["Sue"] == "on duty tonight"
    service.revoke(case, sue, ann)
    service.revoke(case, sue, ann)
    assert find_case(case.number, sue) is None
    assert kinds_of(case.number)[-1] == "case.access_revoked"
    with pytest.raises(AccessRefused, match="last_named"):
        service.revoke(case, ann, ann)
    service.take(case, ann)
    with pytest.raises(AccessRefused, match="is_owner"):
        service.revoke(case, ann, ann)


def test_who_cannot_be_named(case: Case, ann: User) -> None:
    with pytest.raises(AccessRefused, match="may_not_read"):
        service.grant(case, person("Lee", "liaison"), "curious", ann)
    gone = person("Gus")
    gone.active = False
    with pytest.raises(AccessRefused, match="may_not_read"):
        service.grant(case, gone, "gone", ann)
    with pytest.raises(AccessRefused, match="reason_missing"):
        service.grant(case, person("Bob"), "  ", ann)


def test_restricting_later_names_the_actor_and_the_owner(ann: User, sue: User) -> None:
    case = service.open_case([a_report()], ann, title="x", kind="phishing")
    service.take(case, ann)
    service.restrict(case, "Police asked", sue)
    assert {user.name for user, _ in service.named(case)} == {"Ann", "Sue"}
    assert last(case.number).text == "Police asked"
    service.unrestrict(case, "Arrest made", sue)
    assert service.named(case) == []
    assert find_case(case.number, person("Bob")) is case


def test_letters_page_by_page(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cert_portal.cases.letterbook.PAGE", 2)
    numbers = [a_report().number for _ in range(3)]
    first = letters_page(ann)
    assert [letter.about for letter in first.rows] == numbers[:0:-1]
    second = letters_page(ann, after=first.after)
    assert ([letter.about for letter in second.rows], second.after) == (numbers[:1], "")
    assert list(letters_page(ann, only_trouble=True).rows) == []
    second.rows[0].state = "held"
    assert [letter.about for letter in letters_page(ann, only_trouble=True).rows] == numbers[:1]


def test_sending_it_twice_changes_nothing(case: Case, ann: User, sue: User) -> None:
    service.grant(case, sue, "on duty", ann)
    before = kinds_of(case.number)
    service.restrict(case, "again", sue)
    assert (kinds_of(case.number), len(service.named(case))) == (before, 2)
    with pytest.raises(AccessRefused, match="reason_missing"):
        service.unrestrict(case, " ", ann)
    service.unrestrict(case, "over", ann)
    service.unrestrict(case, "over", ann)
    assert kinds_of(case.number) == [*before, "case.unrestricted"]
    with pytest.raises(AccessRefused, match="reason_missing"):
        service.restrict(case, " ", ann)


def test_who_alone_can_open_a_restricted_case(case: Case, ann: User, sue: User) -> None:
    service.open_case([], sue, title="Open", kind="phishing")
    assert (service.sole_keeper_of(ann), service.sole_keeper_of(sue)) == (1, 0)
    service.grant(case, sue, "on duty", ann)
    assert (service.sole_keeper_of(ann), service.sole_keeper_of(sue)) == (0, 0)
    sue.roles = ["auditor"]
    assert service.sole_keeper_of(ann) == 1
    sue.roles, sue.active = ["supervisor"], False
    assert service.sole_keeper_of(ann) == 1
    sue.active, sue.roles = True, ["operator"]
    assert service.sole_keeper_of(ann) == 1, "an operator sees it and opens it to nobody"
    case.state, case.closed_at = State.CLOSED, clock.now()
    assert service.sole_keeper_of(ann) == 1, "a closed one is opened again"
    case.state = State.MERGED
    assert service.sole_keeper_of(ann) == 0


def test_somebody_stays_who_can_name_others(case: Case, ann: User, sue: User) -> None:
    service.grant(case, sue, "on duty", ann)
    for sue.roles, sue.active in ((["editor"], True), (["operator"], True), (["analyst"], False)):
        with pytest.raises(AccessRefused, match="last_named"):
            service.revoke(case, ann, ann)
    sue.roles, sue.active = ["analyst"], True
    service.revoke(case, ann, ann)
    assert [user.name for user, _why in service.named(case)] == ["Sue"]


def test_nobody_is_named_on_a_case_that_is_open_to_all(case: Case, ann: User, sue: User) -> None:
    service.unrestrict(case, "known by now", ann)
    with pytest.raises(AccessRefused, match="not_restricted"):
        service.grant(case, sue, "helps", ann)
    service.restrict(case, "again", ann)
    assert find_case(case.number, sue) is None


def test_each_person_is_told_apart_who_opened_restricted_or_owns_it(ann: User, sue: User) -> None:
    def told(case: Case) -> dict[str, Sequence[str]]:
        return {each.user.name: each.itself for each in access.explained(case) if each.sees}

    bob = person("Bob")
    opened = service.open_case([], ann, title="x", kind="phishing", restricted=True)
    assert told(opened) == {"Ann": ["opened"]}
    service.grant(opened, bob, "police", ann)
    assert told(opened) == {"Ann": ["opened"], "Bob": ()}
    case = service.open_case([], ann, title="y", kind="phishing")
    service.take(case, bob)
    service.restrict(case, "police", sue)
    assert told(case) == {"Bob": ["owner"], "Sue": ["restricted"]}
    service.give(case, sue, sue)
    assert told(case) == {"Bob": ["before"], "Sue": ["restricted", "owner"]}


def test_who_is_named_still_without_a_role_is_told_so(case: Case, ann: User, sue: User) -> None:
    service.grant(case, sue, "on duty", ann)
    sue.roles = ["editor"]
    told = {each.user.name: (each.sees, each.why) for each in access.explained(case)}
    assert told["Sue"] == (False, "named_without_role")
    service.revoke(case, sue, ann)
    told = {each.user.name: (each.sees, each.why) for each in access.explained(case)}
    assert told["Sue"] == (False, "no_role")
