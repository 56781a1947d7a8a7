"""Findings: what machines saw, kept once, with who answers for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.mail import spool
from cert_portal.core.mail.message import InboundMail
from cert_portal.core.pages import Page, newest
from cert_portal.directory.look_up import who_answers
from cert_portal.directory.models import User
from cert_portal.directory.parties import Organisation
from cert_portal.monitoring import events, machine_mail
from cert_portal.monitoring.machine_mail import Seen, Unreadable
from cert_portal.monitoring.models import Finding, FindingState

PAGE = 50
MOST = 2000
"""How many findings one decision can be about."""
REASONS = ("false_alarm", "repaired", "not_ours", "known", "too_old", "test")


class UnknownReason(ValueError):
    """A reason for setting aside that is not in the list."""


@dataclass(frozen=True)
class Wanted:
    """Which findings: of a state, a feed, an organisation or a case; what is empty does not matter."""

    state: str = ""
    feed: str = ""
    organisation: int = 0
    case: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same for the database."""
        told = (
            (Finding.state, self.state),
            (Finding.feed, self.feed),
            (Finding.organisation_id, self.organisation),
            (Finding.case_number, self.case),
        )
        return [column == value for column, value in told if value]


def take_report(mail: InboundMail, receipt: str) -> str | None:
    """Keep what a machine reports by mail; answers how many findings it makes, or None when it is no such message.

    What says that it is data and cannot be read is left to the queue of reports, and `mail.trouble` says why.
    """
    try:
        seen = machine_mail.read(mail, spool.read(receipt)[1])
    except Unreadable as error:
        mail.trouble.append(error.code)
        return None
    if not seen:
        return None
    stored = keep(seen, receipt)
    record(events.FINDINGS_TAKEN, receipt, "system", feed=seen[0].feed, seen=len(seen), stored=stored)
    return f"{stored} new of {len(seen)} from {seen[0].feed}"


def keep(seen: list[Seen], receipt: str | None) -> int:
    """Store sightings that we do not have yet; answers how many."""
    keys = {_key(each): each for each in seen}
    known: set[str] = set()
    wanted = list(keys)
    for start in range(0, len(wanted), 500):
        known |= set(session.scalars(select(Finding.key).where(Finding.key.in_(wanted[start : start + 500]))))
    answers: dict[str, int | None] = {}
    for key in wanted:
        if key not in known:
            session.add(_finding(key, keys[key], receipt, answers))
    return len(wanted) - len(known)


def page(wanted: Wanted, shown: ColumnElement[bool], *, after: str = "") -> Page[Finding]:
    """Findings that the reader may see (`shown`), newest first."""
    return newest(select(Finding).where(shown, *wanted.conditions()), Finding.id.expression, after, PAGE)


def everything(wanted: Wanted, shown: ColumnElement[bool]) -> list[Finding]:
    """All of these that the reader may see, newest first, MOST at the most."""
    rows = select(Finding).where(shown, *wanted.conditions()).order_by(Finding.id.desc())
    return list(session.scalars(rows.limit(MOST)))


def counts(wanted: Wanted, shown: ColumnElement[bool]) -> dict[str, int]:
    """How many of the feed and the organisation there are in each state."""
    rows = select(Finding.state, func.count(Finding.id)).where(shown, *replace(wanted, state="").conditions())
    return {**dict.fromkeys(FindingState, 0), **dict(iter(session.execute(rows.group_by(Finding.state))))}


def feeds(shown: ColumnElement[bool]) -> list[tuple[str, int]]:
    """The feeds that findings came from, with how many."""
    rows = select(Finding.feed, func.count(Finding.id)).where(shown).group_by(Finding.feed).order_by(Finding.feed)
    return [(feed, count) for feed, count in session.execute(rows)]


def organisations() -> dict[int, Organisation]:
    """Who answers for findings, by id."""
    rows = select(Organisation).where(Organisation.id.in_(select(Finding.organisation_id)))
    return {each.id: each for each in session.scalars(rows.order_by(Organisation.name_en))}


def set_aside(findings: Sequence[Finding], reason: str, actor: User) -> int:
    """Do nothing about those that are open, for a reason; answers how many that were. Raises UnknownReason."""
    if reason not in REASONS:
        raise UnknownReason(reason)
    still = [each for each in locked(findings) if each.state == FindingState.OPEN]
    for each in still:
        each.state = FindingState.SET_ASIDE
        record(events.FINDING_SET_ASIDE, each.subject, actor.actor, reason=reason)
    return len(still)


def put_back(findings: Sequence[Finding], actor: User) -> int:
    """Open again what was set aside; answers how many that were."""
    aside = [each for each in locked(findings) if each.state == FindingState.SET_ASIDE]
    for each in aside:
        each.state = FindingState.OPEN
        record(events.FINDING_RETURNED, each.subject, actor.actor)
    return len(aside)


def locked(findings: Sequence[Finding]) -> list[Finding]:
    """The rows read again and held, so that two people cannot decide about one finding."""
    rows = select(Finding).where(Finding.id.in_([each.id for each in findings])).order_by(Finding.id)
    return list(session.scalars(rows.with_for_update().execution_options(populate_existing=True)))


def _finding(key: str, seen: Seen, receipt: str | None, answers: dict[str, int | None]) -> Finding:
    asked = seen.ip or seen.domain or seen.url or (f"AS{seen.asn}" if seen.asn else "")
    if asked and asked not in answers:
        organisation = who_answers(asked).organisation
        answers[asked] = organisation.id if organisation else None
    return Finding(
        key=key,
        feed=seen.feed,
        external_id=seen.external_id[:200],
        seen_at=seen.seen_at,
        taken_at=clock.now(),
        ip=seen.ip,
        asn=seen.asn,
        url=seen.url,
        domain=seen.domain,
        kind=seen.kind,
        rsit=seen.rsit,
        confidence=seen.confidence,
        restriction=seen.restriction,
        organisation_id=answers.get(asked),
        state=FindingState.OPEN,
        receipt=receipt,
        raw=json.loads(json.dumps(seen.raw, ensure_ascii=False).encode("utf-8", "replace")),
    )


def _key(seen: Seen) -> str:
    what = seen.external_id or json.dumps(seen.raw, sort_keys=True)
    return hashlib.sha256(f"{seen.feed}\0{what}".encode("utf-8", "replace")).hexdigest()
