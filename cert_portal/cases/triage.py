"""What becomes of a report: a new case, part of a case, refused, or sent to the right body."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from cert_portal.cases import events, family, kept_close
from cert_portal.cases.index import index_case
from cert_portal.cases.joining import join
from cert_portal.cases.letters import respond
from cert_portal.cases.models import Case, CaseAccess, CaseReport
from cert_portal.cases.outside import read_in_case, read_in_report, read_reports, tell_status_pages
from cert_portal.cases.related import only_case_sharing
from cert_portal.cases.visible import hidden_from_nobody
from cert_portal.cases.workflow import OPEN, Phase, State
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.mail import outbox
from cert_portal.core.numbers import NumberKind, assign, issue
from cert_portal.core.text import clean, one_line, shortened
from cert_portal.directory.models import User
from cert_portal.guidance import wordbook
from cert_portal.guidance.advice import who_to_tell
from cert_portal.guidance.kinds import by_code
from cert_portal.guidance.wordbook import Shelf
from cert_portal.intake import groups
from cert_portal.intake.compare import compare
from cert_portal.intake.events import CALLED
from cert_portal.intake.models import PublicState, Report, ReportState
from cert_portal.intake.process import acknowledge_after_all
from cert_portal.intake.status import tell
from cert_portal.intake.submission import Channel

REFUSALS = ("not_an_incident", "outside_remit", "not_enough", "repeated", "spam", "test")
UNDECIDED = frozenset({ReportState.WAITING_TRIAGE, ReportState.QUARANTINED})
DECIDED = frozenset({ReportState.ATTACHED, ReportState.REFUSED, ReportState.REFERRED_ELSEWHERE})
SYSTEM = "system"
OPENED_BY = "opened_by"
"""The reason that stands beside the person who opened or restricted a case; the face puts it into words."""


class TriageRefused(Exception):
    """The step is not possible; `reason` is a code: taken, finding_taken, not_ready, closed, merged (into `told`),
    worked_on, drill, unknown_reason, in_a_case, no_suggestion.
    """

    def __init__(self, reason: str, told: str = "") -> None:
        super().__init__(reason)
        self.reason, self.told = reason, told


def open_case(reports: Sequence[Report], actor: User, *, title: str, kind: str, restricted: bool = False) -> Case:
    """Open one case from reports that nobody has dealt with yet. Raises TriageRefused: taken (somebody
    has), drill (an exercise and a real report do not go together).

    Whoever opens a restricted case is named on it.
    """
    hold(reports)
    if any(report.state not in UNDECIDED for report in reports):
        raise TriageRefused("taken")
    if len({report.drill for report in reports}) > 1:
        raise TriageRefused("drill")
    case = new_case(actor, title=title, kind=kind, restricted=restricted, reports=reports)
    for report in reports:
        _join(case, report, actor.actor)
    read_in_case(case, actor)
    groups.release(reports)
    index_case(case)
    return case


def new_case(actor: User, *, title: str, kind: str, restricted: bool, reports: Sequence[Report] = ()) -> Case:
    """The row of a case, with its number and its first event; what belongs to it is joined by the caller."""
    now = clock.now()
    case = Case(
        number=issue(NumberKind.CASE),
        title=shortened(one_line(title), 200),
        kind=by_code(kind).code,
        state=State.NEW,
        phase=Phase.DETECTION_ANALYSIS,
        restricted=restricted,
        drill=any(report.drill for report in reports),
        opened_at=now,
        updated_at=now,
    )
    session.add(case)
    session.flush()
    assign(case.number, case.id)
    numbers = [report.number for report in reports]
    record(events.OPENED, case.number, actor.actor, kind=kind, reports=numbers, restricted=restricted, drill=case.drill)
    if restricted:
        session.add(CaseAccess(case_id=case.id, user_id=actor.id, reason=OPENED_BY))
    return case


def attach(case: Case, reports: Sequence[Report], actor: User) -> None:
    """Join reports to a case; one that belongs to another case may join this one too, and twice is harmless.

    Raises TriageRefused: closed (the case), not_ready (a report that is still being read), drill (an exercise and a
    real one do not go together).
    """
    family.hold(case)
    hold(reports)
    if case.state not in OPEN:
        raise TriageRefused("closed")
    if any(report.state not in UNDECIDED | DECIDED for report in reports):
        raise TriageRefused("not_ready")
    if any(report.drill != case.drill for report in reports):
        raise TriageRefused("drill")
    fresh = [report for report in reports if session.get(CaseReport, (case.id, report.id)) is None]
    kept_close.tell(case, fresh, actor.actor)
    for report in fresh:
        _attach(case, report, actor.actor)
    read_reports(case, fresh, actor)
    groups.release(reports)
    case.updated_at = clock.now()
    tell_status_pages(case)
    index_case(case)


def join_by_itself(report: Report) -> Case | None:
    """Join what a program reported to the one open case that shares enough of its values (MACHINE_JOIN).

    A person's report is only ever proposed; where several cases share as much, so is a program's.
    """
    least = current().machine_join
    if not least or report.channel != Channel.API or report.state != ReportState.WAITING_TRIAGE:
        return None
    case = only_case_sharing(report, least)
    if case is None or not _is_free(case):
        return None
    hold([report])
    _attach(case, report, SYSTEM)
    groups.release([report])
    case.updated_at = clock.now()
    index_case(case)
    return case


def _is_free(case: Case) -> bool:
    """Hold the case if it is still open for everybody and nobody changes it at this moment: else people decide."""
    rows = select(Case.id).where(Case.id == case.id, Case.state.in_(OPEN), hidden_from_nobody())
    if session.scalar(rows.with_for_update(skip_locked=True)) is None:
        return False
    session.refresh(case)
    return True


def _attach(case: Case, report: Report, actor: str) -> None:
    record(events.JOINED, case.number, actor, report=report.number)
    _join(case, report, actor)


def refusals(*, retired: bool = False) -> list[str]:
    """The reasons for which a report may be refused: the shipped ones and the centre's own, in order; perhaps those
    that are retired too.
    """
    words = wordbook.entries(Shelf.REFUSAL)
    codes = [*REFUSALS, *(code for code in words if code not in REFUSALS)]
    shipped = {code: place for place, code in enumerate(codes, start=1)}
    chosen = {code: word.position for code, word in words.items() if word.position is not None}
    codes.sort(key=lambda code: (chosen.get(code, shipped[code]), shipped[code]))
    return [code for code in codes if retired or code not in words or not words[code].retired]


def refuse(report: Report, reason: str, actor: User) -> None:
    """Close a report without a case. Raises TriageRefused: taken, unknown_reason."""
    if reason not in refusals():
        raise TriageRefused("unknown_reason")
    _close(report, ReportState.REFUSED, reason)
    record(events.REFUSED, report.number, actor.actor, reason=reason)


def refer_elsewhere(report: Report, body: str, actor: User) -> None:
    """Close a report because another body is the right one. Raises TriageRefused, or UnknownBody for a wrong code."""
    found = who_to_tell([body], Language.EN)[0]
    _close(report, ReportState.REFERRED_ELSEWHERE, found.code)
    record(events.REFERRED, report.number, actor.actor, body=found.code)


def return_to_queue(report: Report, actor: User) -> None:
    """Undo a refusal or a referral, or let a report out of quarantine. Raises TriageRefused("in_a_case")."""
    hold([report])
    if report.state not in {ReportState.QUARANTINED, ReportState.REFUSED, ReportState.REFERRED_ELSEWHERE}:
        raise TriageRefused("in_a_case")
    outbox.call_back(report.number)
    back_to_queue(report, actor)


def back_to_queue(report: Report, actor: User) -> None:
    """Let a report that is held wait for triage again, whatever was decided about it before."""
    record(events.RETURNED, report.number, actor.actor, before=report.state)
    report.state, report.closed_reason, report.updated_at = ReportState.WAITING_TRIAGE, "", clock.now()
    acknowledge_after_all(report)


def log_call(report: Report, text: str, actor: User) -> None:
    """Note a telephone call with the reporter; it counts as an answer."""
    record(CALLED, report.number, actor.actor, text=clean(text).strip())
    compare(report)
    read_in_report(report)
    report.updated_at = clock.now()
    respond(report, "telephone", actor.actor)


def _close(report: Report, state: ReportState, reason: str) -> None:
    hold([report])
    if report.state not in UNDECIDED:
        raise TriageRefused("taken")
    report.state, report.closed_reason, report.updated_at = state, reason, clock.now()
    session.flush()
    groups.release([report])
    read_in_report(report)
    tell(report, PublicState.NOTHING)


def _join(case: Case, report: Report, actor: str) -> None:
    if report.state == ReportState.REFUSED:
        outbox.call_back(report.number)
    join(case, [report.id])
    report.state, report.closed_reason, report.updated_at = ReportState.ATTACHED, "", clock.now()
    record(events.ATTACHED, report.number, actor, case=case.number)
    session.flush()


def hold(reports: Sequence[Report]) -> None:
    """Read the rows again and hold them, so that two people cannot decide about one report."""
    rows = select(Report).where(Report.id.in_([report.id for report in reports])).order_by(Report.id)
    session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()
