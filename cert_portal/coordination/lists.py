"""The lists of referrals, with what each waits for. Pages go by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CTE, ColumnElement, Select, and_, func, or_, select

from cert_portal.cases import family
from cert_portal.cases.clocks import Reading, ruler
from cert_portal.cases.holding import lacking
from cert_portal.cases.models import Case
from cert_portal.cases.query import Query
from cert_portal.cases.queue import cases_meeting
from cert_portal.cases.visible import visible_to
from cert_portal.cases.workflow import State as CaseState
from cert_portal.coordination.index import MARK
from cert_portal.coordination.letters import ANSWER_CLOCK
from cert_portal.coordination.models import PlannedReferral, Referral
from cert_portal.coordination.visible import referrals_of, referrals_visible_to
from cert_portal.coordination.workflow import OPEN, SENDABLE, WAITING
from cert_portal.core import search
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind
from cert_portal.core.pages import Page, below, cut
from cert_portal.core.text import tokens, whole
from cert_portal.directory.models import User
from cert_portal.directory.parties import Organisation

PAGE = 50


class View(StrEnum):
    """A list: all open ones, those where a party is asked, those where we must act, and those that are over.

    In a closed case nothing is for us to do any more; a party that was asked may still answer.
    """

    OPEN = "open"
    WAITING = "waiting"
    OURS = "ours"
    OVER = "over"


@dataclass(frozen=True)
class Row:
    """A referral with its party, its case and its clock, and when it leaves by itself."""

    referral: Referral
    organisation: Organisation
    case: Case
    clock: Reading | None
    leaves_at: datetime | None = None


def page(view: View, user: User, after: str = "") -> Page[Row]:
    """Referrals of a list that the person may see, the oldest first; those that are over the newest first."""
    rows = _joined(user).where(_is_in(view))
    if view is View.OVER:
        rows = below(rows, Referral.id.expression, after).order_by(Referral.id.desc())
    else:
        rows = rows.where(Referral.id > whole(after)).order_by(Referral.id)
    return _page(rows, user)


def naming(query: Query, user: User, after: str = "") -> Page[Row]:
    """The newest referrals of which every word stands in what came back or in a name of the party, and whose cases meet
    the conditions, as far as the person may see them; without words none. The case of a referral is that in which the
    work goes on.
    """
    words = [each for each in query.words if tokens(each)]
    if not words:
        return Page()
    apart = lacking(NumberKind.REFERRAL, Referral.id.expression, query)
    apart += [Referral.organisation_id.not_in(_called(each)) for each in query.unwanted()]
    held = [
        Referral.id.in_(search.everything(NumberKind.REFERRAL, each, [MARK]))
        | Referral.organisation_id.in_(_called(each))
        for each in words
    ]
    rows = select(Referral, Organisation, Case).join(Organisation, Organisation.id == Referral.organisation_id)
    way = family.ways(select(Referral.id, Referral.case_id).where(*held, *apart, referrals_visible_to(user)))
    rows = rows.join(way, way.c.id == Referral.id).join(Case, _goes_on(way))
    rows = rows.where(*cases_meeting(query.without(""), user))
    return _page(below(rows, Referral.id.expression, after).order_by((Referral.id + 0).desc()), user)


def _called(word: str) -> list[int]:
    """Ids of the organisations that have a word, whole as everywhere in the search, in one of their names."""
    wanted, names = set(tokens(word)), (Organisation.name_en, Organisation.name_zh_hant)
    some = or_(*(each.icontains(token, autoescape=True) for each in names for token in wanted))
    rows = session.execute(select(Organisation.id, *names).where(some))
    return [party for party, *called in rows if any(wanted <= set(tokens(name)) for name in called)]


def meeting(told: Sequence[str], query: Query, user: User) -> set[str]:
    """Which of these few numbers are of referrals that the person may see and whose cases, those in which the work goes
    on, meet the conditions of a query.
    """
    few = (Referral.number.in_(told), referrals_visible_to(user))
    way = family.ways(select(Referral.id, Referral.case_id).where(*few))
    rows = select(Referral.number).join(way, way.c.id == Referral.id).join(Case, _goes_on(way))
    return set(session.scalars(rows.where(*cases_meeting(query, user))))


def of_case(case: Case, user: User) -> list[Row]:
    """The referrals of a case that the person may see, the oldest first."""
    found = referrals_of(case, user)
    times = _times(found)
    parties = [session.get_one(Organisation, each.organisation_id) for each in found]
    return [Row(each, to, case, reading(each), times.get(each.id)) for each, to in zip(found, parties, strict=True)]


def counts(user: User) -> dict[View, int]:
    """How many rows each list of open ones has."""
    rows = select(func.count(Referral.id)).join(Case, Case.id == Referral.case_id)
    views = (View.OPEN, View.WAITING, View.OURS)
    return {view: session.scalar(rows.where(_is_in(view), referrals_visible_to(user))) or 0 for view in views}


def case_of(referral: Referral, user: User) -> Case:
    """The case in which the work on a referral goes on, as far as the person may see it."""
    return family.standing(session.scalars(select(Case).where(Case.id == referral.case_id, visible_to(user))).one())


def reading(referral: Referral) -> Reading | None:
    """The clock of the answer: runs from the last time that the party was asked, stands still once it answered."""
    rule = ruler(ANSWER_CLOCK)
    if rule is None or referral.asked_at is None:
        return None
    if referral.answered_at:
        return rule.read(referral.asked_at, referral.answered_at)
    return rule.read(referral.asked_at) if referral.state in WAITING else None


def running(user: User, cases: Sequence[Case] | None = None) -> dict[int, Reading]:
    """By the id of a case, of all or of these, the answer of a party that is due next, whatever case that went into it
    asked.

    None that is over: of that the portal reminds the party.
    """
    rule = ruler(ANSWER_CLOCK)
    if rule is None:
        return {}
    asked = select(Referral.id, Referral.case_id).where(Referral.state.in_(WAITING), referrals_visible_to(user))
    way = family.ways(asked.where(Referral.asked_at > rule.overdue_since()))
    rows = select(way.c.case_id, func.min(Referral.asked_at)).join(Referral, Referral.id == way.c.id)
    if cases is not None:
        rows = rows.where(way.c.case_id.in_([case.id for case in cases]))
    return {case_id: rule.read(since) for case_id, since in session.execute(rows.group_by(way.c.case_id))}


def still_asked(cases: Sequence[Case], user: User) -> set[int]:
    """Ids of those of few cases that, or a case that went into them, asked a party that has not answered yet."""
    asked = select(Referral.id, Referral.case_id).where(Referral.state.in_(WAITING), referrals_visible_to(user))
    way = family.ways(asked)
    return set(session.scalars(select(way.c.case_id).where(way.c.case_id.in_([case.id for case in cases]))))


def _joined(user: User) -> Select[Referral, Organisation, Case]:
    rows = select(Referral, Organisation, Case).join(Organisation, Organisation.id == Referral.organisation_id)
    return rows.join(Case, Case.id == Referral.case_id).where(referrals_visible_to(user))


def _goes_on(way: CTE) -> ColumnElement[bool]:
    """The condition for the case, of all on the way of a referral, in which the work on it goes on."""
    return and_(Case.id == way.c.case_id, Case.state != CaseState.MERGED)


def _page(rows: Select[Referral, Organisation, Case], user: User) -> Page[Row]:
    found = _rows(rows.limit(PAGE + 1), user)
    return cut(found, [each.referral.id for each in found], PAGE)


def _rows(rows: Select[Referral, Organisation, Case], user: User) -> list[Row]:
    found = list(session.execute(rows))
    times = _times([one for one, _party, _case in found])
    cases = _cases([one.id for one, _party, case in found if case.state == CaseState.MERGED], user)
    return [Row(one, party, cases.get(one.id, case), reading(one), times.get(one.id)) for one, party, case in found]


def _cases(ids: Sequence[int], user: User) -> dict[int, Case]:
    """By the ids of few referrals of merged cases: the case in which the work goes on."""
    if not ids:
        return {}
    way = family.ways(select(Referral.id, Referral.case_id).where(Referral.id.in_(ids)))
    return dict(iter(session.execute(select(way.c.id, Case).join(Case, _goes_on(way)).where(visible_to(user)))))


def _times(referrals: Sequence[Referral]) -> dict[int, datetime]:
    """When those leave that wait for their time, by id."""
    planned = select(PlannedReferral.referral_id, PlannedReferral.leaves_at).where(PlannedReferral.reason == "")
    ids = [each.id for each in referrals if each.state in SENDABLE]
    return dict(iter(session.execute(planned.where(PlannedReferral.referral_id.in_(ids))))) if ids else {}


def _over_by_merge() -> Select[int]:
    """Referrals for us whose case went into one that is closed; only those of merged cases are followed."""
    of_merged = select(Referral.id, Referral.case_id).join(Case, Case.id == Referral.case_id)
    of_merged = of_merged.where(Referral.state.in_(OPEN - WAITING), Case.state == CaseState.MERGED)
    way = family.ways(of_merged)
    return select(way.c.id).join(Case, Case.id == way.c.case_id).where(Case.state == CaseState.CLOSED)


def _is_in(view: View) -> ColumnElement[bool]:
    waiting = Referral.state.in_(WAITING)
    ours = and_(
        Referral.state.in_(OPEN - WAITING), Case.state != CaseState.CLOSED, Referral.id.not_in(_over_by_merge())
    )
    return {View.OPEN: or_(waiting, ours), View.WAITING: waiting, View.OURS: ours}.get(view, ~or_(waiting, ours))
