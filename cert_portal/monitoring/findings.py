"""Findings: what machines saw, kept once, with who answers for it."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import func, select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.mail import spool
from cert_portal.core.mail.message import InboundMail
from cert_portal.directory.look_up import who_answers
from cert_portal.directory.parties import Organisation
from cert_portal.monitoring import events, machine_mail
from cert_portal.monitoring.machine_mail import Seen, Unreadable
from cert_portal.monitoring.models import Finding, FindingState

PAGE = 50


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


def page(*, feed: str = "", organisation: int = 0, before: int = 0) -> tuple[list[tuple[Finding, str]], int]:
    """Findings with the name of who answers, newest first, and the key of the next page (0 for the last)."""
    rows = select(Finding, Organisation.name_en).outerjoin(Organisation, Organisation.id == Finding.organisation_id)
    rows = rows.where(Finding.feed == feed) if feed else rows
    rows = rows.where(Finding.organisation_id == organisation) if organisation else rows
    rows = rows.where(Finding.id < before) if before else rows
    found = [(one, name or "") for one, name in session.execute(rows.order_by(Finding.id.desc()).limit(PAGE + 1))]
    return found[:PAGE], found[PAGE - 1][0].id if len(found) > PAGE else 0


def feeds() -> list[tuple[str, int]]:
    """The feeds that findings came from, with how many."""
    rows = select(Finding.feed, func.count(Finding.id)).group_by(Finding.feed).order_by(Finding.feed)
    return [(feed, count) for feed, count in session.execute(rows)]


def organisations() -> list[tuple[int, str]]:
    """Who answers for findings."""
    rows = select(Organisation.id, Organisation.name_en).where(Organisation.id.in_(select(Finding.organisation_id)))
    return [(key, name) for key, name in session.execute(rows.order_by(Organisation.name_en))]


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
