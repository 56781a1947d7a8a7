"""Several cases of one incident become one, and can be taken apart again as far as nobody changed it since.

Reports, findings and tags go to the case that stays. Referrals and the own history stay where they are and are read
from there too. The number of a merged case leads to the one that took it in. The label of the case that stays becomes
the narrowest of all, and stays so when a case comes out again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlalchemy import func, select, update

from cert_portal.cases import events, family, handling, labels, reviewing, tags, unsent
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.index import index_case
from cert_portal.cases.joining import join
from cert_portal.cases.models import IS_OPEN, Case, CaseMerge, CaseReport
from cert_portal.cases.outside import tell_status_pages
from cert_portal.cases.visible import find_case, hidden_reports, visible_to
from cert_portal.cases.workflow import OPEN, State
from cert_portal.core import clock, numbers
from cert_portal.core.db import among, session
from cert_portal.core.events import of_subjects, record, record_many
from cert_portal.core.numbers import NumberKind
from cert_portal.core.text import clean
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from cert_portal.monitoring.models import Finding

MOST = 50
"""So many cases at once."""
ABOUT_ACCESS = {each.name: each for each in (events.RESTRICTED, events.UNRESTRICTED, events.GRANTED, events.REVOKED)}


@dataclass(frozen=True)
class Entry:
    """A case that would go in, and how many reports and findings it brings."""

    case: Case
    reports: int
    findings: int
    tags: list[str]


@dataclass(frozen=True)
class Plan:
    """What would happen: the cases that go in, and pairs of a number as it was told and a code for why it stays out.

    Codes: unknown (also for a case that the person may not see), itself, closed, drill, other_people, too_many.
    """

    into: Case
    entries: Sequence[Entry]
    left_out: Sequence[tuple[str, str]]

    @property
    def mark(self) -> str:
        """What a page showed that was made from it: another one when anything of it is another now."""
        told = [(each.case.number, each.case.state, each.reports, each.findings, each.tags) for each in self.entries]
        shown = (self.into.number, self.label, sorted(told), sorted(self.left_out))
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]

    @property
    def label(self) -> str:
        """The label that the case that stays will bear."""
        return reduce(labels.narrower, (each.case.tlp for each in self.entries), self.into.tlp)


@dataclass(frozen=True)
class Undone:
    """Where the case came from, how many reports it has again, and how many stay because somebody moved them since."""

    into: Case
    reports: int
    stayed: int


def to_keep(told: Sequence[str], user: User) -> str | None:
    """Of these numbers the one of the oldest case that is open: the case that stays."""
    rows = select(Case.number).where(among(Case.number, told), IS_OPEN, visible_to(user))
    return session.scalar(rows.order_by(Case.id).limit(1))


def plan(into: Case, told: Sequence[str], user: User) -> Plan:
    """Look at each case that was named. Raises HandlingRefused: closed (the case that is to stay), none_chosen."""
    if into.state not in OPEN:
        raise HandlingRefused("closed")
    if not told:
        raise HandlingRefused("none_chosen")
    found: dict[int, Case] = {}
    now, later = _at_once(told)
    left_out = []
    for number in now:
        case = find_case(number, user)
        why = why_not(into, case)
        if case is None or why:
            left_out.append((number, why))
        else:
            found[case.id] = case
    names = tags.of_cases(list(found.values()))
    left_out += [(number, "too_many") for number in later]
    return Plan(into, [_entry(each, names.get(each.id, []), user) for each in found.values()], left_out)


def merge(into: Case, told: Sequence[str], user: User, reason: str = "", seen: str = "") -> Plan:
    """Do what `plan` shows, as far as it still holds; `seen` is the mark of the plan that somebody looked at.

    Raises HandlingRefused as `plan` does, nothing_to_merge, and other_now (the plan is no longer what was seen).
    """
    held = _hold([into.number, *_at_once(told)[0]])
    chosen = plan(into, told, user)
    if {each.case.id for each in chosen.entries} - held:
        raise HandlingRefused("other_now")
    if not chosen.entries:
        raise HandlingRefused("nothing_to_merge")
    if seen and seen != chosen.mark:
        raise HandlingRefused("other_now")
    for each in chosen.entries:
        _take_in(into, each.case, user, clean(reason).strip())
    into.updated_at = clock.now()
    tell_status_pages(into)
    index_case(into)
    return chosen


def unmerge(case: Case, user: User, reason: str = "") -> Undone:
    """Take a case out again. What somebody moved, split off or took away since stays as it is now.

    Raises HandlingRefused: not_merged, target_merged (first the case that it went into must come out itself).
    """
    row = family.merge_of(case)
    family.hold(case, *([session.get_one(Case, row.into_id)] if row else ()))
    row = family.merge_of(case)
    if row is None:
        raise HandlingRefused("not_merged")
    if family.blocks(row):
        raise HandlingRefused("target_merged")
    into = session.get_one(Case, row.into_id)
    now, why = clock.now(), clean(reason).strip() or None
    row.undone_at = into.updated_at = case.updated_at = now
    case.state, case.waiting_until, case.closed_at = row.was, row.waiting_until, None
    numbers.merge(case.number, None)
    done = Undone(into, *_reports_back(case, into, row.moved, user))
    findings = _findings_back(case, into, row.moved, user)
    _as_close(case, into, row, user)
    _tags_off(into, row, user)
    unsent.give_back(case, into, row.moved.get("unsent", []))
    reviewing.take_back(into, case, row.moved.get("values", []))
    record(events.UNMERGED, case.number, user.actor, text=why, case=into.number)
    record(events.GAVE_BACK, into.number, user.actor, case=case.number, reports=done.reports, findings=findings)
    if case.owner_id and case.restricted and case.owner_id not in family.people(case):
        handling.give(case, None, user)
    for each in (case, into):
        tell_status_pages(each)
        index_case(each)
    return done


def _at_once(told: Sequence[str]) -> tuple[list[str], list[str]]:
    """The numbers that one merge takes, and those that are too many for it."""
    numbers = list(dict.fromkeys(told))
    return numbers[:MOST], numbers[MOST:]


def why_not(into: Case, case: Case | None) -> str:
    """A code for why a case cannot go into this one, as in a plan; "" where it can."""
    if case is None:
        return "unknown"
    if case.id == into.id:
        return "itself"
    if case.state not in OPEN:
        return "closed"
    if case.drill != into.drill:
        return "drill"
    alike = case.restricted == into.restricted and family.people(case) == family.people(into)
    return "" if alike else "other_people"


def _entry(case: Case, names: list[str], user: User) -> Entry:
    """What goes over, as far as the person may see it."""
    seen = CaseReport.report_id.not_in(hidden_reports(user))
    reports = session.scalar(select(func.count()).where(CaseReport.case_id == case.id, seen)) or 0
    findings = session.scalar(select(func.count(Finding.id)).where(Finding.case_number == case.number)) or 0
    return Entry(case, reports, findings, names)


def _take_in(into: Case, case: Case, user: User, reason: str) -> None:
    moved: dict[str, Any] = {**_reports_over(case, into, user), "findings": _findings_over(case, into, user)}
    moved["tags"] = _tags_over(case, into, user)
    moved["values"] = reviewing.bring(case, into)
    labels.set_label(into, labels.narrower(into.tlp, case.tlp), "", user)
    moved |= {"tlp": into.tlp, "unsent": unsent.follow(case, into)}
    until, now = case.waiting_until, clock.now()
    session.add(
        CaseMerge(
            case_id=case.id, into_id=into.id, user_id=user.id, at=now, was=case.state, waiting_until=until, moved=moved
        )
    )
    case.state, case.waiting_until, case.closed_at, case.updated_at = State.MERGED, None, now, now
    numbers.merge(case.number, into.number)
    count = len(moved["reports"]) + len(moved["shared"])
    record(events.MERGED, case.number, user.actor, text=reason or None, case=into.number)
    told: dict[str, Any] = {"reports": count, "findings": len(moved["findings"])}
    record(events.TOOK_IN, into.number, user.actor, text=reason or None, case=case.number, **told)
    session.flush()
    index_case(case)


def _reports_over(case: Case, into: Case, user: User) -> dict[str, Any]:
    """What went over: `reports`, those `shared` with the other case, and up to which addition each was `read` here."""
    moved: dict[str, Any] = {"reports": [], "shared": []}
    read: dict[int, int | None] = {}
    for row in list(session.scalars(select(CaseReport).where(CaseReport.case_id == case.id))):
        shared = session.get(CaseReport, (into.id, row.report_id)) is not None
        moved["shared" if shared else "reports"].append(row.report_id)
        read[row.report_id] = row.read_to
        session.delete(row)
    _add(into, moved["reports"], user, read)
    return {**moved, "read": [list(each) for each in read.items()]}


def _reports_back(case: Case, into: Case, moved: dict[str, Any], user: User) -> tuple[int, int]:
    rows = session.scalars(select(CaseReport).where(CaseReport.case_id == into.id))
    held = {row.report_id: row.read_to or 0 for row in rows}
    back = [each for each in moved["reports"] if each in held]
    shared = [each for each in moved["shared"] if each in held]
    for each in set(back) - _brought_too(into, back):
        session.delete(session.get_one(CaseReport, (into.id, each)))
    before = {report: read or 0 for report, read in moved.get("read", ())}
    read = {each: max(held[each], before.get(each, 0)) or None for each in (*back, *shared)}
    _add(case, [*back, *shared], user, read)
    count = len(back) + len(shared)
    return count, len(moved["reports"]) + len(moved["shared"]) - count


def _brought_too(into: Case, back: list[int]) -> set[int]:
    """Those of these reports that another case, still in there, shares: from now on it is that which brought them."""
    found: set[int] = set()
    for row in _still_in(into):
        if theirs := (set(back) - found).intersection(row.moved["shared"]):
            others = [each for each in row.moved["shared"] if each not in theirs]
            row.moved = {**row.moved, "reports": [*row.moved["reports"], *sorted(theirs)], "shared": others}
            found |= theirs
    return found


def _still_in(into: Case) -> Sequence[CaseMerge]:
    session.flush()
    rows = select(CaseMerge).where(CaseMerge.into_id == into.id, CaseMerge.undone_at.is_(None))
    return session.scalars(rows.order_by(CaseMerge.id)).all()


def _add(case: Case, report_ids: list[int], user: User, read: Mapping[int, int | None]) -> None:
    join(case, report_ids, read)
    told = session.scalars(select(Report.number).where(Report.id.in_(report_ids)).order_by(Report.id))
    record_many(events.ATTACHED, user.actor, [(number, {"case": case.number}) for number in told])
    session.flush()


def _findings_over(case: Case, into: Case, user: User) -> list[int]:
    rows = select(Finding.id).where(Finding.case_number == case.number).order_by(Finding.id)
    found = list(session.scalars(rows))
    _give_findings(found, into, user)
    return found


def _findings_back(case: Case, into: Case, moved: dict[str, Any], user: User) -> int:
    rows = select(Finding.id).where(Finding.id.in_(moved["findings"]), Finding.case_number == into.number)
    found = list(session.scalars(rows.order_by(Finding.id)))
    _give_findings(found, case, user)
    return len(found)


def _give_findings(found: list[int], case: Case, user: User) -> None:
    if found:
        session.execute(update(Finding).where(Finding.id.in_(found)).values(case_number=case.number))
        record_many(events.FINDING_ATTACHED, user.actor, [(f"finding:{each}", {"case": case.number}) for each in found])


def _as_close(case: Case, into: Case, merge: CaseMerge, user: User) -> None:
    """What was decided since about who may see the case that it was in was decided for this one, too."""
    since = (each for each in of_subjects([into.number]) if each.at > merge.at)
    for each in since:
        if each.kind in ABOUT_ACCESS:
            record(ABOUT_ACCESS[each.kind], case.number, each.actor, at=each.at, text=each.text, **each.data)
    labels.narrowed_with(case, merge.moved.get("tlp", TLP.CLEAR), into.tlp, user)
    if case.restricted:
        labels.keep_close(case, user)


def _tags_over(case: Case, into: Case, user: User) -> list[str]:
    names = tags.of_cases([case, into])
    fresh = [name for name in names.get(case.id, []) if name not in names.get(into.id, [])]
    for name in fresh:
        tags.hang(into, name, user)
    return fresh


def _tags_off(into: Case, merge: CaseMerge, user: User) -> None:
    """Those that somebody hung on by hand since stay, and those that another case, still in there, has too: from now on
    it is that which brought them.
    """
    rows = _still_in(into)
    names = tags.of_cases([session.get_one(Case, row.case_id) for row in rows])
    hung = (each for each in of_subjects([into.number]) if each.kind == tags.TAGGED.name and each.at > merge.at)
    now = tags.called_now(merge.at)
    brought, by_hand = merge.moved["tags"], [each.data["tag"] for each in hung]
    for name in {now.get(each, each) for each in brought} - {now.get(each, each) for each in by_hand}:
        heir = next((row for row in rows if name in names.get(row.case_id, [])), None)
        if heir:
            heir.moved = {**heir.moved, "tags": [*heir.moved["tags"], name]}
        else:
            tags.untag(into, name, user)


def _hold(told: Sequence[str]) -> set[int]:
    """Read the rows of these numbers again, of merged ones those that they stand for, and hold them, so that two people
    cannot merge one case into two; answers their ids.
    """
    session.flush()
    found = [numbers.resolve(number) for number in map(numbers.normalise, told) if number]
    ids = [each[1] for each in found if each and each[0] is NumberKind.CASE]
    rows = select(Case).where(Case.id.in_(ids)).order_by(Case.id)
    return {each.id for each in session.scalars(rows.with_for_update().execution_options(populate_existing=True))}
