"""The work on a case."""

from __future__ import annotations

import pytest

from cert_portal.cases import service, workflow
from cert_portal.cases.models import Case
from cert_portal.cases.service import HandlingRefused, MoveRefused
from cert_portal.cases.severity import Halt, Impact, Leak
from cert_portal.cases.visible import reports_of
from cert_portal.cases.workflow import Phase, State, Verb
from cert_portal.core import search
from cert_portal.core.mail import outbox
from cert_portal.directory.models import User
from tests.cases.desk import a_report, kinds_of, last, person

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def case(ann: User) -> Case:
    return service.open_case([a_report(), a_report(anonymous=True)], ann, title="A case", kind="phishing")


def test_owners(case: Case, ann: User) -> None:
    service.take(case, ann)
    service.take(case, ann)
    assert last(case.number).data == {"before": None, "after": ann.id}
    service.give(case, None, ann)
    assert case.owner_id is None
    assert kinds_of(case.number).count("case.owner_set") == 2


def test_who_cannot_own(case: Case, ann: User) -> None:
    with pytest.raises(HandlingRefused, match="may_not_handle"):
        service.give(case, person("Olga", "operator"), ann)
    gone = person("Gus")
    gone.active = False
    with pytest.raises(HandlingRefused, match="may_not_handle"):
        service.give(case, gone, ann)
    service.restrict(case, "secret", ann)
    with pytest.raises(HandlingRefused, match="not_named"):
        service.give(case, person("Bob"), ann)
    service.take(case, ann)


def test_title_and_kind_are_settled_and_found(case: Case, ann: User) -> None:
    service.describe(case, "Fake bank page", "malware", ann)
    assert (case.title, case.kind) == ("Fake bank page", "malware")
    event = last(case.number)
    assert (event.data, event.text) == ({"before": "phishing", "after": "malware"}, "A case → Fake bank page")
    service.describe(case, "Fake bank page", "phishing", ann)
    assert last(case.number).text is None
    assert search.find("C", "bank") == [case.id]
    with pytest.raises(HandlingRefused, match="empty"):
        service.describe(case, "  ", "malware", ann)


def test_the_level_follows_the_rules(case: Case, ann: User) -> None:
    verdict = service.set_level(case, Impact(leaked=Leak.CORE), ann)
    assert (verdict.level, case.level, case.level_rule) == (2, 2, "c2_core")
    assert case.impact["leaked"] == "core"
    event = last(case.number)
    assert event.data == {"before": None, "level": 2, "rule": "c2_core", "flag": "", "override": False}
    assert event.text is None


def test_an_attempt_has_no_level_but_is_decided(case: Case, ann: User) -> None:
    service.set_level(case, Impact(), ann)
    assert (case.level, case.level_rule) == (None, "no_effect")


def test_another_level_needs_a_reason(case: Case, ann: User) -> None:
    impact = Impact(halted=Halt.CORE, tolerable_hours=8, expected_hours=1)
    with pytest.raises(HandlingRefused, match="reason_missing"):
        service.set_level(case, impact, ann, 3, " ")
    with pytest.raises(HandlingRefused, match="unknown_level"):
        service.set_level(case, impact, ann, 5, "big")
    service.set_level(case, impact, ann, 3, "Press interest")
    assert (case.level, case.level_rule, case.level_override_reason) == (3, "a2_core_within", "Press interest")
    assert last(case.number).text == "Press interest"
    service.set_level(case, impact, ann, 2, "the same as the rule")
    assert (case.level, case.level_override_reason) == (2, "")


def test_a_note_is_kept_and_found_and_never_sent(case: Case, ann: User) -> None:
    before = len(outbox.about([report.number for report in reports_of(case, ann)]))
    service.note(case, "Seen before: the 釣魚 kit of March", ann)
    assert last(case.number).text == "Seen before: the 釣魚 kit of March"
    assert search.find("C", "釣魚") == [case.id]
    assert len(outbox.about([report.number for report in reports_of(case, ann)])) == before
    with pytest.raises(HandlingRefused, match="empty"):
        service.note(case, "\n", ann)


def test_closing_tells_the_reporters_who_can_be_reached(case: Case, ann: User) -> None:
    case.state = workflow.State.RESOLVED
    reports = reports_of(case, ann)
    service.close(case, Verb.CLOSE, ann, outcome="taken_down", letter="The page is gone.", reports=reports)
    letters = [each for each in outbox.about([each.number for each in reports]) if each.name == "case_closed"]
    assert [each.recipient for each in letters] == ["rita@victim.example"]
    assert case.number in letters[0].subject
    assert "The page is gone." in letters[0].text
    assert reports[0].first_response_at is not None
    assert reports[1].first_response_at is None


def test_closing_without_a_letter_needs_a_reason_and_posts_nothing(case: Case, ann: User) -> None:
    reports = reports_of(case, ann)
    with pytest.raises(MoveRefused) as refused:
        service.close(case, Verb.DISMISS, ann, outcome="no_incident", letter=" ", reports=reports)
    assert refused.value.missing == ["told"]
    with pytest.raises(MoveRefused):
        service.close(case, Verb.CLOSE, ann, outcome="fixed", letter="Done", reports=reports)
    assert all(each.name == "report_received" for each in outbox.about([each.number for each in reports]))
    service.close(case, Verb.DISMISS, ann, outcome="no_incident", reason="They know")
    assert case.state == "closed"


@pytest.mark.parametrize("state", [State.CLOSED, State.MERGED])
def test_a_case_that_is_over_stays_as_it_is(case: Case, ann: User, state: State) -> None:
    case.state = state
    before = kinds_of(case.number)
    acts = (
        lambda: service.take(case, ann),
        lambda: service.give(case, None, ann),
        lambda: service.describe(case, "Another", "malware", ann),
        lambda: service.set_level(case, Impact(leaked=Leak.CORE), ann),
        lambda: service.set_phase(case, Phase.CONTAINMENT, ann),
    )
    for act in acts:
        with pytest.raises(HandlingRefused, match="closed"):
            act()
    assert (case.owner_id, case.title, case.level_rule) == (None, "A case", "")
    assert kinds_of(case.number) == before
    service.note(case, "Still worth knowing", ann)


def test_the_phase_of_an_open_case(case: Case, ann: User) -> None:
    service.set_phase(case, Phase.CONTAINMENT, ann)
    assert case.phase == Phase.CONTAINMENT
