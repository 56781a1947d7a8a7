"""The life of a case."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cert_portal.cases import service, workflow
from cert_portal.cases.models import Case
from cert_portal.cases.severity import Impact
from cert_portal.cases.workflow import CONDITIONS, MEANINGS, MOVES, MoveRefused, Phase, State, Verb
from cert_portal.core import clock
from cert_portal.directory.models import User
from tests.cases.desk import a_report, kinds_of, last

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def case(ann: User) -> Case:
    return service.open_case([a_report()], ann, title="A case", kind="phishing")


def missing(case: Case, verb: Verb, actor: User, **facts: object) -> list[str]:
    with pytest.raises(MoveRefused) as refused:
        workflow.move(case, verb, actor, **facts)  # type: ignore[arg-type]
    return refused.value.missing


def test_a_whole_life(case: Case, ann: User) -> None:
    workflow.move(case, Verb.TRIAGE, ann)
    assert missing(case, Verb.START, ann) == ["owner", "level"]
    service.take(case, ann)
    service.set_level(case, Impact(), ann)
    workflow.move(case, Verb.START, ann)
    assert missing(case, Verb.WAIT, ann) == ["until"]
    assert missing(case, Verb.WAIT, ann, until=workflow.today()) == ["until"]
    workflow.move(case, Verb.WAIT, ann, until=date(2100, 5, 5))
    assert str(case.waiting_until) == "2100-05-05"
    workflow.move(case, Verb.RESUME, ann)
    assert case.waiting_until is None
    workflow.move(case, Verb.WATCH, ann)
    workflow.move(case, Verb.RESOLVE, ann)
    assert case.phase == Phase.POST_INCIDENT
    assert missing(case, Verb.CLOSE, ann) == ["outcome", "told"]
    workflow.move(case, Verb.CLOSE, ann, outcome="fixed", reason="The reporter is anonymous")
    assert (case.state, case.outcome, case.closed_at is not None) == ("closed", "fixed", True)
    assert last(case.number).text == "The reporter is anonymous"
    assert missing(case, Verb.REOPEN, ann, reason=" ") == ["reason"]
    workflow.move(case, Verb.REOPEN, ann, reason="It came back")
    assert (case.state, case.outcome, case.closed_at, case.phase) == ("triaged", "", None, "detection_analysis")
    moves = [kind for kind in kinds_of(case.number) if kind in {move.event.name for move in MOVES.values()}]
    assert moves == [
        f"case.{verb}"
        for verb in ("triaged", "started", "waiting", "resumed", "watched", "resolved", "closed", "reopened")
    ]


def test_nothing_is_resolved_before_its_level_was_judged(case: Case, ann: User) -> None:
    case.state = State.IN_HANDLING
    assert missing(case, Verb.RESOLVE, ann) == ["level"]


def test_an_unknown_kind_is_no_triage(case: Case, ann: User) -> None:
    case.kind = "not_sure"
    assert missing(case, Verb.TRIAGE, ann) == ["kind"]


def test_a_case_that_needs_no_handling(case: Case, ann: User) -> None:
    assert missing(case, Verb.DISMISS, ann, outcome="fixed", told=True) == ["dismissal"]
    workflow.move(case, Verb.DISMISS, ann, outcome="no_incident", told=True)
    assert last(case.number).data == {
        "before": "new",
        "after": "closed",
        "until": "",
        "outcome": "no_incident",
        "told": True,
    }


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", Verb)
def test_a_move_from_the_wrong_state_is_refused(case: Case, ann: User, state: State, verb: Verb) -> None:
    case.state = state
    legal = verb in [move.verb for move in workflow.legal(case)]
    assert legal == (state in MOVES[verb].sources)
    if not legal:
        assert missing(case, verb, ann) == ["state"]


def test_phases_go_back_and_both_moves_are_kept(case: Case, ann: User) -> None:
    workflow.set_phase(case, Phase.CONTAINMENT, ann)
    workflow.set_phase(case, Phase.CONTAINMENT, ann)
    workflow.set_phase(case, Phase.DETECTION_ANALYSIS, ann)
    assert kinds_of(case.number)[-2:] == ["case.phase_set"] * 2
    assert kinds_of(case.number).count("case.phase_set") == 2


def test_the_refusal_says_what_is_missing() -> None:
    assert str(MoveRefused(Verb.CLOSE, ["outcome", "told"])) == "close: outcome, told"


def test_every_condition_has_a_meaning_and_is_used() -> None:
    assert set(CONDITIONS) == set(MEANINGS) == {name for move in MOVES.values() for name in move.conditions}


def test_every_state_but_merged_can_be_reached_and_left() -> None:
    reached = {move.target for move in MOVES.values()} | {State.NEW}
    left = set().union(*(move.sources for move in MOVES.values()))
    assert reached == left == set(State) - {State.MERGED}


def test_the_table_of_the_manual_has_every_verb() -> None:
    assert all(f"| {verb} |" in workflow.table() for verb in Verb)


def test_a_date_in_the_future_is_one_in_the_zone_of_the_portal(case: Case, ann: User) -> None:
    case.state = State.IN_HANDLING
    with clock.turned_to(datetime(2026, 5, 4, 17, 0, tzinfo=UTC)):  # 01:00 on 5 May in Hong Kong
        assert missing(case, Verb.WAIT, ann, until=date(2026, 5, 5)) == ["until"]
        workflow.move(case, Verb.WAIT, ann, until=date(2026, 5, 6))
