"""Notices to a person: in the portal and by mail, as chosen for each kind. One thing that happened is told once.

A notice names the number of a case and nothing of what is in it. Of a restricted case nobody is told who may not see
it, and a notice of before is hidden from whoever may not see the case any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select, update

from cert_portal.cases.models import Case
from cert_portal.cases.team import Notice, NoticeChoice
from cert_portal.cases.visible import find_case, find_report, hidden_numbers, may_see, reports_visible_to, visible_to
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.i18n import Language
from cert_portal.core.mail import letters, outbox
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of
from cert_portal.intake.models import Report

LISTED = 100
NAMED_IN_A_LETTER = 20


class Kind(StrEnum):
    """What a person can be told of."""

    GIVEN = "given"
    ANSWERED = "answered"
    OVERDUE = "overdue"
    MENTIONED = "mentioned"
    UNOWNED = "unowned"
    HANDOVER = "handover"
    LETTER = "letter"


BY_SOMEBODY = (Kind.GIVEN, Kind.MENTIONED)
"""Kinds whose key ends in the id of the event that a person caused."""
BY_MAIL_AT_FIRST = (Kind.GIVEN, Kind.MENTIONED, Kind.UNOWNED, Kind.LETTER)


@dataclass(frozen=True)
class Chosen:
    """How a person wants to be told."""

    in_portal: frozenset[str]
    by_mail: frozenset[str]


def chosen(user: User) -> Chosen:
    """What the person chose; at first all in the portal, and by mail what cannot wait."""
    row = session.get(NoticeChoice, user.id)
    if row is None:
        return Chosen(frozenset(Kind), frozenset(BY_MAIL_AT_FIRST))
    return Chosen(frozenset(row.in_portal), frozenset(row.by_mail))


def choose(in_portal: Iterable[str], by_mail: Iterable[str], user: User) -> None:
    """Tell the person so from now on; what is no kind is left out."""
    ways = [[kind.value for kind in Kind if kind in set(told)] for told in (in_portal, by_mail)]
    session.merge(NoticeChoice(user_id=user.id, in_portal=ways[0], by_mail=ways[1]))


def tell_of_case(kind: Kind, user: User, case: Case, key: str) -> bool:
    """Tell a person of a case, unless that was done or the person may not see it; answers whether it is new."""
    return may_see(case, user) and tell(kind, user, case.number, key)


def tell(kind: Kind, user: User, subject: str, key: str) -> bool:
    """Tell a person once of what `key` names; answers whether it is new.

    The row is kept where the person wants no such notice, too: another choice later does not bring up the past.
    """
    told = f"{kind} {key}"
    if session.scalar(select(Notice.id).where(Notice.user_id == user.id, Notice.key == told)) is not None:
        return False
    ways = chosen(user)
    row = Notice(user_id=user.id, kind=kind.value, subject=subject, key=told, at=clock.now())
    row.in_portal, row.by_mail = kind in ways.in_portal, kind in ways.by_mail
    session.add(row)
    session.flush()
    return True


def unread(user: User) -> int:
    """How many notices in the portal the person has not read."""
    return session.scalar(select(func.count(Notice.id)).where(*_mine(user), Notice.read_at.is_(None))) or 0


def listed(user: User) -> Sequence[Notice]:
    """The notices of the person, the newest first."""
    return session.scalars(select(Notice).where(*_mine(user)).order_by(Notice.id.desc()).limit(LISTED)).all()


def read(notice_id: int, user: User) -> Notice | None:
    """One notice of the person, read from now on; None where the person has no such notice."""
    row = session.scalars(select(Notice).where(Notice.id == notice_id, *_mine(user))).first()
    if row is not None:
        row.read_at = row.read_at or clock.now()
    return row


def read_all(user: User) -> None:
    """Everything that the person sees in the list is read."""
    shown = [each.id for each in listed(user)]
    fresh = update(Notice).where(Notice.id.in_(shown), Notice.read_at.is_(None))
    session.execute(fresh.values(read_at=clock.now()))


def settle(subject: str) -> None:
    """Nobody needs to be told of it any more: it is read for all, and leaves in no letter."""
    told = update(Notice).where(Notice.subject == subject)
    session.execute(told.where(Notice.read_at.is_(None)).values(read_at=clock.now()))
    session.execute(told.where(Notice.mailed_at.is_(None)).values(mailed_at=clock.now()))


def send() -> int:
    """Put what is to be told by mail into the outbox: one letter to a person for each kind; answers how many letters.

    What the person may not see any more is left out.
    """
    rows = select(Notice, User).join(User, User.id == Notice.user_id)
    rows = rows.where(Notice.by_mail, Notice.mailed_at.is_(None)).order_by(Notice.id).limit(1000)
    waiting: dict[tuple[int, str], list[Notice]] = {}
    people: dict[int, User] = {}
    for notice, user in session.execute(rows):
        people[user.id] = user
        waiting.setdefault((user.id, notice.kind), []).append(notice)
        notice.mailed_at = clock.now()
    return sum(_post(people[user_id], kind, found) for (user_id, kind), found in waiting.items())


def _post(user: User, kind: str, found: list[Notice]) -> bool:
    """One letter, unless nothing is left to be told."""
    if not (user.active and Permission.READ_CASES in permissions_of(user.roles)):
        return False
    seen = [_seen(each.subject, user) for each in found] if kind != Kind.HANDOVER else []
    numbers = list(dict.fromkeys(each.number for each in seen if each is not None))
    if not numbers and kind != Kind.HANDOVER:
        return False
    language = Language(user.language)
    listed_there = numbers[:NAMED_IN_A_LETTER]
    facts = {"kind": kind, "numbers": listed_there, "more": len(numbers) - len(listed_there)}
    facts["by"] = _by(found)
    facts["handovers"] = [each.subject.partition(":")[2] for each in found] if kind == Kind.HANDOVER else []
    subject, text = letters.render("notice", language, facts)
    about = numbers[0] if len(numbers) == 1 else user.actor
    drill = bool(numbers) and all(each is None or each.drill for each in seen)
    outbox.post(outbox.Draft("notice", about, language, user.email, subject, text, drill=drill, inside=True))
    return True


def _seen(subject: str, user: User) -> Case | Report | None:
    """The case or report that a notice is about, as far as the person may see it."""
    return find_case(subject, user) or find_report(subject, user)


def _by(found: list[Notice]) -> dict[str, str]:
    """Names of those who caused the notices, by the number of the case."""
    names, by = accounts.names(), senders(found)
    told: dict[str, list[str]] = {}
    for each in (each for each in found if each.id in by):
        told.setdefault(each.subject, []).append(names.get(by[each.id], by[each.id]))
    return {number: ", ".join(dict.fromkeys(who)) for number, who in told.items()}


def senders(rows: Iterable[Notice]) -> dict[int, str]:
    """Who gave the case or wrote the note, by the id of a notice that has such a person: user:ID."""
    told = {int(each.key.rpartition(" ")[2]): each.id for each in rows if each.kind in BY_SOMEBODY}
    found = session.execute(select(Event.id, Event.actor).where(Event.id.in_(list(told))))
    return {told[event_id]: actor for event_id, actor in found}


def drills(rows: Iterable[Notice], user: User) -> set[str]:
    """The numbers of cases and reports of exercises among those that notices are about."""
    told = {each.subject for each in rows}
    cases = select(Case.number).where(Case.number.in_(told), Case.drill, visible_to(user))
    reports = select(Report.number).where(Report.number.in_(told), Report.drill, reports_visible_to(user))
    return {*session.scalars(cases), *session.scalars(reports)}


def _mine(user: User) -> list[ColumnElement[bool]]:
    return [Notice.user_id == user.id, Notice.in_portal.is_(True), Notice.subject.not_in(hidden_numbers(user))]
