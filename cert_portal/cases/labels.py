"""How far a case may travel: its TLP label. It stands on every letter, and what is TLP:RED leaves by no mail at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from cert_portal.cases.models import Case, CaseReport
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import declare, of_subjects, record
from cert_portal.core.text import clean
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.intake.models import Report

TLP_SET = declare("case.tlp_set", "The TLP label of a case was changed", "before", "after")


class LabelRefused(Exception):
    """The case cannot be labelled so; `reason` is a code: unknown_tlp, restricted_tlp, wider_why."""

    def __init__(self, reason: str = "unknown_tlp") -> None:
        super().__init__(reason)
        self.reason = reason


def set_label(case: Case, label: str, reason: str, actor: User) -> None:
    """Say how far the case may travel; saying the same again changes nothing.

    Raises LabelRefused: unknown_tlp; restricted_tlp, because a restricted case travels no further than TLP:AMBER
    (003-18); wider_why, because who lets a case travel further says why.
    """
    if label not in set(TLP):
        raise LabelRefused
    if label == case.tlp:
        return
    why = clean(reason).strip()
    if case.restricted and label != narrower(label, TLP.AMBER):
        raise LabelRefused("restricted_tlp")
    if label != narrower(label, case.tlp) and not why:
        raise LabelRefused("wider_why")
    _set(case, label, why, actor)


def keep_close(case: Case, actor: User) -> None:
    """A case that becomes restricted travels no further than TLP:AMBER (003-18)."""
    label = narrower(case.tlp, TLP.AMBER)
    if label != case.tlp:
        _set(case, label, "", actor)


def narrowed_with(case: Case, before: str, now: str, actor: User) -> None:
    """The case comes out of another one, whose label was `before` when it went in: what was narrowed since is narrowed
    for it, too.
    """
    if now != before and now == narrower(now, before) and case.tlp != narrower(case.tlp, now):
        _set(case, now, "", actor)


def _set(case: Case, label: str, why: str, actor: User) -> None:
    before, case.tlp, case.updated_at = case.tlp, TLP(label).value, clock.now()
    record(TLP_SET, case.number, actor.actor, text=why or None, before=before, after=case.tlp)


def was_widened(case: Case, since: datetime) -> bool:
    """Whether the case travels further now than its label allowed at that time: what was written under that label was
    written for fewer eyes.
    """
    lines = [each for each in of_subjects([case.number]) if each.kind == TLP_SET.name and each.at > since]
    before = (lines[0].data or {})["before"] if lines else case.tlp
    return case.tlp != narrower(case.tlp, before)


def narrower(one: str, other: str) -> str:
    """Of two labels the one that travels less far."""
    return min(one, other, key=[each.value for each in TLP].index)


def of_letter(case: Case | None, report: Report) -> str:
    """The label of a letter about a report: that of the case, and TLP:RED where the report or any of its cases is."""
    if red(case, [report]):
        return TLP.RED.value
    return case.tlp if case else TLP.AMBER.value


def red(case: Case | None, reports: Sequence[Report]) -> set[str]:
    """The numbers of those reports whose reporters get no letter, because what it would tell is TLP:RED."""
    if case is not None and case.tlp == TLP.RED:
        return {each.number for each in reports}
    joined = select(CaseReport.report_id).join(Case, Case.id == CaseReport.case_id)
    asked = joined.where(CaseReport.report_id.in_([each.id for each in reports]), Case.tlp == TLP.RED)
    of_cases = set(session.scalars(asked))
    told = (each for each in reports if each.details.get("restriction") == TLP.RED or each.id in of_cases)
    return {each.number for each in told}
