"""One act on many cases: shown first with what will be left out and why, then done, and undone where that is possible.

Cases are found anew for every step, so that nobody acts on what he may not see and nothing closed meanwhile is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.orm import load_only
from sqlalchemy.sql.base import ExecutableOption

from cert_portal.cases import bulk_after, bulk_ends, events, handling, tags
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import BulkRun, Case, CaseAccess, CaseTag
from cert_portal.cases.tag_words import forget_hung, spellings
from cert_portal.cases.visible import visible_to
from cert_portal.cases.workflow import DISMISSALS, OPEN, OUTCOMES, State, Verb
from cert_portal.core import clock
from cert_portal.core.db import among, session
from cert_portal.core.events import Event, EventKind, record_many
from cert_portal.core.text import whole
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of

MOST = 1000
"""So many cases at once; who means more says so again."""


Why = Callable[[Case], str]
Done = list[tuple[str, Any]]
"""The numbers that an act reached, each with what was there before."""


class Act(StrEnum):
    """What can be done to many cases at once."""

    GIVE = "give"
    TAG = "tag"
    UNTAG = "untag"
    CLOSE = "close"
    DISMISS = "dismiss"


ENDS = (Act.CLOSE, Act.DISMISS)
ASKED = load_only(Case.number, Case.state, Case.owner_id, Case.restricted)
"""What giving and tagging ask of a case: a thousand whole rows take longer to read than to change."""


@dataclass(frozen=True)
class Wish:
    """An act and what it needs. `value`: id of the new owner or "", a tag, or an outcome; `letter` may be empty.

    `seen`: when the person looked at what it would do; cases that somebody else got since are not given away, and no
    letter leaves from those where others said something to a reporter, or a reporter to us.
    """

    act: Act
    value: str = ""
    letter: str = ""
    reason: str = ""
    seen: datetime | None = None


@dataclass(frozen=True)
class Plan:
    """What would happen: the cases that it concerns, and those left out with a code for why."""

    wish: Wish
    cases: Sequence[Case]
    left_out: Sequence[tuple[Case, str]]


def plan(numbers: Sequence[str], wish: Wish, user: User, *, hold: bool = False) -> Plan:
    """Look at each case. Raises HandlingRefused for a wish that suits none: empty, may_not_handle, unknown_reason,
    tag_long, tag_retired. A tag goes by its word in either language, as on one case.

    Who does it at once says `hold`: of two people with one wish the second is told that it is so already.
    """
    is_light = hold and wish.act not in ENDS
    found, wish = _found(numbers, user, hold=hold, only=(ASKED,) if is_light else ()), _spelled(wish)
    why = (_reasons_to_end if wish.act in ENDS else _reasons)(wish, found, user)
    return _planned(wish, found, why)


def look(numbers: Sequence[str], act: Act, user: User) -> Plan:
    """What an end would concern, before anybody says how; nothing but the cases themselves is asked."""
    found = _found(numbers, user)
    return _planned(Wish(act), found, bulk_ends.reasons(Verb(act), found))


def do(chosen: Plan, user: User, before: Sequence[tuple[str, str]] = ()) -> BulkRun:
    """Do it to the cases of a plan that holds them, and keep what is needed to undo it. `before`: the numbers that the
    person saw left out when looking, and why.
    """
    done = _DOERS[chosen.wish.act](chosen, user)
    reached = {number for number, _ in done}
    refused = [[case.number, "refused"] for case in chosen.cases if case.number not in reached]
    row = BulkRun(
        user_id=user.id,
        at=clock.now(),
        act=chosen.wish.act,
        value=chosen.wish.value,
        done=[list(each) for each in done],
        left_out=[*map(list, before), *([case.number, why] for case, why in chosen.left_out), *refused],
    )
    session.add(row)
    session.flush()
    return row


def run_of(run_id: int, user: User) -> BulkRun | None:
    """What somebody did to many cases; None for who sees none of them and did not do it. Which cases a person may see,
    `seen` tells; what it was that was done to them, nobody else is told.
    """
    row = session.get(BulkRun, run_id)
    if row is None or row.act not in set(Act):
        return None
    return row if row.user_id == user.id or any(seen(row, user)) else None


def seen(run: BulkRun, user: User) -> tuple[list[str], list[tuple[str, str]]]:
    """The numbers that were changed, and those left out with why, as far as the person may see the cases."""
    may_see = bulk_after.cases_seen([number for number, _ in (*run.done, *run.left_out)], user)
    left_out = [(number, why) for number, why in run.left_out if number in may_see]
    return [number for number, _ in run.done if number in may_see], left_out


def may_undo(run: BulkRun) -> bool:
    """Whether anything is left to take back: a letter that left cannot be, so neither can closing."""
    return bool(bulk_after.unsettled(run))


def undo(run: BulkRun, user: User) -> int | None:
    """Put back what is still as this run left it; answers how many cases, None where nothing was left that the person
    may see: a second press changes nothing. The run remembers what was left and why; what the person may not see stays
    to be undone by those who do.
    """
    bulk_after.hold(run)
    before = dict(run.done)
    rows = select(Case).where(among(Case.number, bulk_after.unsettled(run)), visible_to(user)).order_by(Case.id)
    found = session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()
    if not found:
        return None
    names = tags.called_now(run.at)
    since = _changed_since(run, [case.number for case in found], names.get(run.value))
    tried = [(case.number, _put_back(case, before[case.number], run, user, names, since)) for case in found]
    left = [(number, why) for number, why in tried if why]
    bulk_after.settle(run, [number for number, _why in tried], left)
    return len(tried) - len(left)


def _changed_since(run: BulkRun, numbers: Sequence[str], now_called: str | None) -> Set[str]:
    """Which of these cases somebody gave away, or whose tag somebody hung on or took off, since this run."""
    kinds = [events.OWNER_SET] if run.act == Act.GIVE else [tags.TAGGED, tags.UNTAGGED]
    rows = select(Event.subject, Event.data).where(Event.kind.in_([each.name for each in kinds]), Event.at > run.at)
    found = session.execute(rows.where(among(Event.subject, numbers))).all()
    return {number for number, data in found if run.act == Act.GIVE or data["tag"] in (run.value, now_called)}


def _put_back(
    case: Case, before: int | None, run: BulkRun, user: User, names: Mapping[str, str], since: Set[str]
) -> str:
    """Put one back, or say why not: closed, merged, owner, may_not_own, tag. `names`: what tags are called now."""
    if case.state == State.MERGED:
        return "merged"
    if run.act != Act.GIVE:
        act = tags.untag if run.act == Act.TAG else tags.hang
        name = tags.spelled(tags.meant(run.value))
        return "" if case.number not in since and act(case, names.get(name, name), user) else "tag"
    after = int(run.value) if run.value else None
    owner = session.get(User, before) if before else None
    if case.state not in OPEN:
        return bulk_ends.ended(case)
    if case.owner_id != after or case.number in since:
        return "owner"
    if owner is not None and handling.may_not_own(case, owner):
        return "may_not_own"
    handling.give(case, owner, user)
    return ""


def _found(
    numbers: Sequence[str], user: User, *, hold: bool = False, only: Sequence[ExecutableOption] = ()
) -> Sequence[Case]:
    """The newest first; held in the other order, as everybody does."""
    rows = select(Case).options(*only).where(among(Case.number, numbers[:MOST]), visible_to(user)).order_by(Case.id)
    if hold:
        rows = rows.with_for_update().execution_options(populate_existing=True)
    return session.scalars(rows).all()[::-1]


def _planned(wish: Wish, found: Sequence[Case], why: Why) -> Plan:
    told = [(case, why(case)) for case in found]
    return Plan(wish, [case for case, no in told if not no], [(case, no) for case, no in told if no])


def _spelled(wish: Wish) -> Wish:
    if wish.act is Act.TAG:
        return replace(wish, value=tags.offered(wish.value))
    return replace(wish, value=tags.spelled(tags.meant(wish.value))) if wish.act is Act.UNTAG else wish


def _reasons(wish: Wish, found: Sequence[Case], user: User) -> Why:
    if wish.act is Act.GIVE:
        return _reasons_to_keep(_owner(wish.value), _given_since(wish.seen, user))
    return _reasons_of_tag(wish.value, found, wants=wish.act is Act.TAG)


def _reasons_to_end(wish: Wish, found: Sequence[Case], user: User) -> Why:
    if wish.value not in (OUTCOMES if wish.act is Act.CLOSE else DISMISSALS):
        raise HandlingRefused("unknown_reason")
    if not wish.letter.strip() and not wish.reason.strip():
        raise HandlingRefused("reason_missing")
    itself = bulk_ends.reasons(Verb(wish.act), found)
    letter = bulk_ends.reasons_of_letters(found, wish.letter, wish.reason, user, wish.seen)
    return lambda case: itself(case) or letter(case)


def _given_since(moment: datetime | None, user: User) -> set[str]:
    """The numbers of the cases that got another owner since, by somebody else."""
    given = select(Event.subject).where(Event.kind == events.OWNER_SET.name, Event.actor != user.actor)
    return set(session.scalars(given.where(Event.at > moment))) if moment else set()


def _reasons_to_keep(owner: User | None, given: Set[str]) -> Why:
    named = set(session.scalars(select(CaseAccess.case_id).where(CaseAccess.user_id == owner.id))) if owner else set()

    def why(case: Case) -> str:
        if case.state not in OPEN:
            return bulk_ends.ended(case)
        if case.owner_id == (owner.id if owner else None):
            return "is_so"
        if case.number in given:
            return "owner_changed"
        return "not_named" if owner and case.restricted and case.id not in named else ""

    return why


def _reasons_of_tag(name: str, found: Sequence[Case], *, wants: bool) -> Why:
    asked = among(CaseTag.case_id, [case.id for case in found])
    has = set(session.scalars(select(CaseTag.case_id).where(CaseTag.tag.in_(spellings(name)), asked)))

    def why(case: Case) -> str:
        if case.state == State.MERGED:
            return "merged"
        return "" if (case.id in has) != wants else "is_so"

    return why


def _owner(told: str) -> User | None:
    if not told:
        return None
    owner = session.get(User, whole(told))
    if owner is None or not owner.active or Permission.HANDLE not in permissions_of(owner.roles):
        raise HandlingRefused("may_not_handle")
    return owner


def _give(chosen: Plan, user: User) -> Done:
    owner = _owner(chosen.wish.value)
    after, now = owner.id if owner else None, clock.now()
    ids = [case.id for case in chosen.cases]
    rows = select(Case.number, Case.owner_id).where(among(Case.id, ids)).with_for_update()
    before = dict(session.execute(rows).all())
    session.execute(update(Case).where(among(Case.id, ids)).values(owner_id=after, updated_at=now))
    told = [(number, {"before": was, "after": after}) for number, was in before.items()]
    record_many(events.OWNER_SET, user.actor, told)
    return list(before.items())


def _tag(chosen: Plan, user: User) -> Done:
    name = chosen.wish.value
    done = _tagged(chosen, user, tags.TAGGED, name)
    hung = select(Case.id, literal(name)).where(among(Case.id, [case.id for case in chosen.cases]))
    session.execute(insert(CaseTag).from_select(["case_id", "tag"], hung))
    forget_hung()
    return done


def _untag(chosen: Plan, user: User) -> Done:
    name = chosen.wish.value
    ids = [case.id for case in chosen.cases]
    session.execute(delete(CaseTag).where(CaseTag.tag.in_(spellings(name)), among(CaseTag.case_id, ids)))
    return _tagged(chosen, user, tags.UNTAGGED, name)


def _tagged(chosen: Plan, user: User, kind: EventKind, name: str) -> Done:
    """What goes before the tags themselves: each new one would lock its case, to be locked anew for the change."""
    ids = [case.id for case in chosen.cases]
    changed = update(Case).where(among(Case.id, ids)).values(updated_at=clock.now())
    session.execute(changed.execution_options(synchronize_session=False))  # nobody reads the time before the commit
    record_many(kind, user.actor, [(case.number, {"tag": name}) for case in chosen.cases])
    return [(case.number, None) for case in chosen.cases]


def _close(chosen: Plan, user: User) -> Done:
    wish = chosen.wish
    said = {"outcome": wish.value, "letter": wish.letter, "reason": wish.reason}
    return [*bulk_ends.end(chosen.cases, Verb(wish.act), user, **said)]


_DOERS = {Act.GIVE: _give, Act.TAG: _tag, Act.UNTAG: _untag, Act.CLOSE: _close, Act.DISMISS: _close}
