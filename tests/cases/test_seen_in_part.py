"""Of a report that a restricted case hides, its other cases tell nothing to whom it is hidden from."""

from __future__ import annotations

import json

import pytest

from cert_portal.cases import (
    access,
    export,
    labels,
    later,
    merging,
    notices,
    reviewing,
    service,
    splitting,
    taking_out,
    timeline,
    values,
)
from cert_portal.cases.models import Case, Verdict
from cert_portal.cases.outside import answered
from cert_portal.cases.visible import reports_of
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from cert_portal.intake.observables import digest
from cert_portal.intake.status import add
from cert_portal.intake.submission import Channel
from tests.cases.desk import NOW, a_report
from tests.cases.test_later import TOMORROW
from tests.cases.test_merging import opened

pytestmark = pytest.mark.usefixtures("context")
SECRET, OPEN = "198.51.100.25", "https://open.example/x"


@pytest.fixture
def report() -> Report:
    return a_report(f"Only this names {SECRET}")


@pytest.fixture
def case(ann: User, report: Report) -> Case:
    """A case for everybody, of this report and another one."""
    return opened(ann, report, a_report(f"A page at {OPEN}"))


def hide(report: Report, ann: User) -> Case:
    """Another case of the report, restricted."""
    other = opened(ann)
    service.attach(other, [report], ann)
    access.restrict(other, "A bank", ann)
    session.flush()
    return other


def keys(case: Case, user: User) -> list[list[str]]:
    """The values that the lines of the case name."""
    return [each.data["values"] for each in timeline.of_case(case, user) if each.data and "values" in each.data]


def test_what_was_done_to_its_values_is_told_without_them(case: Case, report: Report, ann: User, bob: User) -> None:
    every = values.of_case(case, ann)
    secret = f"ip.{digest(SECRET)}"
    reviewing.judge(case, values.chosen(every, [secret]), Verdict.CONFIRMED, ann)
    reviewing.judge(case, every, Verdict.REJECTED, ann)
    assert keys(case, bob) == keys(case, ann)
    hide(report, ann)
    assert [secret in each for each in keys(case, ann)] == [True, True]
    (left,) = keys(case, bob)
    assert (secret in left, len(left)) == (False, len(every) - 1)
    assert digest(SECRET) not in json.dumps(export.whole(case, bob, TLP.AMBER, notes=True), default=str)
    reviewing.paste(case, SECRET, bob)
    assert any(secret in each for each in keys(case, bob)), "added by hand it is no secret of the report"


def test_a_letter_that_stops_for_it_is_told_to_somebody_who_can_act(
    case: Case, report: Report, ann: User, bob: User
) -> None:
    service.give(case, ann, ann)
    with clock.turned_to(NOW):
        row = later.plan(case, report, "Hello", "Dear Rita", TOMORROW, bob)
        hide(report, ann)
        assert later.look_at(row.id) == "stopped"
    told = {each.id: [row.kind for row in notices.listed(each)] for each in (ann, bob)}
    assert [kinds.count(notices.Kind.LETTER) for kinds in told.values()] == [1, 1]


def test_what_was_read_stays_so_wherever_the_report_goes(report: Report, ann: User) -> None:
    one, two, into = opened(ann, report, a_report()), opened(ann), opened(ann)
    service.attach(two, [report], ann)
    add(report, Channel.EMAIL, "It came back", [])
    service.note(one, "Seen", ann)
    assert answered([one, two], ann) == {two.id}
    merging.merge(into, [one.number], ann)
    assert answered([into, two], ann) == {two.id}
    merging.unmerge(one, ann)
    assert answered([one, into, two], ann) == {two.id}
    made = splitting.split(one, [report], ann, title="Other", kind="phishing")
    assert reports_of(made, ann) == [report]
    assert answered([one, made, two], ann) == {two.id}
    merging.merge(two, [made.number], ann)
    merging.unmerge(made, ann)
    assert answered([made, two], ann) == {two.id}, "read in the one that went in, not in the other"


def test_why_a_report_was_taken_out_is_told_with_the_report_alone(
    case: Case, report: Report, ann: User, bob: User
) -> None:
    taking_out.take_out(case, [report], ann, "It speaks of the bank")
    assert "It speaks of the bank" in [each.text for each in timeline.of_case(case, bob)]
    hidden = opened(ann, restricted=True)
    service.attach(hidden, [report], ann)
    session.flush()
    assert "case.reports_taken_out" in [each.kind for each in timeline.of_case(case, bob)]
    assert "It speaks of the bank" not in [each.text for each in timeline.of_case(case, bob)]
    assert "It speaks of the bank" in [each.text for each in timeline.of_case(case, ann)]


def test_why_cases_were_merged_is_told_with_the_other_case_alone(case: Case, ann: User, bob: User) -> None:
    other = opened(ann)
    labels.set_label(case, TLP.CLEAR, "Known to all", ann)
    merging.merge(case, [other.number], ann, "Both are of the bank")
    assert "Both are of the bank" in [each.text for each in timeline.of_case(case, bob)]
    merging.unmerge(other, ann)
    access.restrict(other, "A bank", ann)
    session.flush()
    assert "Both are of the bank" not in [each.text for each in timeline.of_case(case, bob)]
