"""What people do with the values of a case: add many at once, confirm or reject, ignore, set an end.

Each act is one event that names the values by kind and digest: nothing is forgotten, a later act corrects an earlier.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from cert_portal.cases import ignored
from cert_portal.cases.ignored import ValueRefused
from cert_portal.cases.index import index_case
from cert_portal.cases.models import Case, CaseValue, Verdict
from cert_portal.cases.values import Value, of_case, said_of
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event, EventKind, declare, of_subjects, record
from cert_portal.core.text import clean
from cert_portal.directory.look_up import domain_name
from cert_portal.directory.models import User
from cert_portal.intake import observables

MOST_LINES, MOST_ADDED = 5000, 10_000
ADDED = declare("case.values_added", "Values were added to a case", "values")
JUDGED = declare("case.values_judged", "Values of a case were confirmed, rejected or opened again", "verdict", "values")
IGNORED = declare("case.values_ignored", "Values of a case are compared with no other case", "values")
HEEDED = declare("case.values_heeded", "Values of a case are compared again", "values")
EXPIRY_SET = declare("case.values_expiry_set", "It was set until when values of a case hold", "until", "values")
REGISTRY_ASKED = declare(
    "case.registry_asked",
    "A registry was asked about a value of a case; `asked` is the digest of what",
    "asked",
    "values",
)
KINDS = (ADDED.name, JUDGED.name, IGNORED.name, HEEDED.name, EXPIRY_SET.name, REGISTRY_ASKED.name)


class Outcome(StrEnum):
    """What became of one value of a pasted line."""

    TAKEN = "taken"
    ALREADY = "already"
    ALLOW_LISTED = "allow_listed"
    NOT_UNDERSTOOD = "not_understood"
    IN_PART = "in_part"
    ALREADY_IN_PART = "already_in_part"
    RANGE = "range"


NEW = (Outcome.TAKEN, Outcome.IN_PART)
"""Of the latter something is left out: a path or a port, as without a scheme nobody knows which address is meant."""


@dataclass(frozen=True)
class Line:
    """A pasted line by its number (from 1), what it says, the value found in it ("" for none) and its outcome."""

    number: int
    told: str
    kind: str
    value: str
    outcome: Outcome


def paste(case: Case, told: str, actor: User) -> list[Line]:
    """Add the values of pasted lines, defanged or not. Raises ValueRefused: empty, too_many (lines), full."""
    lines = [(number, line.strip()) for number, line in enumerate(clean(told).splitlines(), start=1) if line.strip()]
    if not lines:
        raise ValueRefused("empty")
    if len(lines) > MOST_LINES:
        raise ValueRefused("too_many")
    quiet = ignored.everywhere()
    have = {(each.kind, each.digest) for each in of_case(case, actor)}
    done = [each for number, line in lines for each in _line(number, line, have, quiet)]
    new = [(each.kind, each.value) for each in done if each.outcome in NEW]
    if new and sum(row.added_at is not None for row in said_of(case)) + len(new) > MOST_ADDED:
        raise ValueRefused("full")
    add(case, new, actor)
    return done


def add(case: Case, told: Sequence[tuple[str, str]], actor: User, source: str = "") -> None:
    """Add values that the case does not hold yet, each a kind and a value; `source` is "note" for one of a note."""
    for row in _rows(case, told):
        row.added_by, row.added_at, row.source = actor.id, clock.now(), source
    if _record(ADDED, case, actor, [f"{kind}.{observables.digest(value)}" for kind, value in told]):
        index_case(case)


def _line(number: int, told: str, have: set[tuple[str, str]], quiet: set[tuple[str, str]]) -> Iterator[Line]:
    plain = _dotted(observables.readable(told)).strip(" ,;\"'")
    if observables.is_network(plain) or observables.is_range(plain):
        yield Line(number, told, "", "", Outcome.RANGE)
        return
    found = _found(plain)
    if not found:
        yield Line(number, told, "", "", Outcome.NOT_UNDERSTOOD)
    fresh, there = Outcome.TAKEN, Outcome.ALREADY
    if observables.loses_part(plain):
        fresh, there = Outcome.IN_PART, Outcome.ALREADY_IN_PART
    for kind, value in found:
        key = (kind, observables.digest(value))
        if key in quiet or observables.is_known(kind, value):
            outcome = Outcome.ALLOW_LISTED
        else:
            outcome = there if key in have else fresh
            have.add(key)
        yield Line(number, told, kind, value, outcome)


def _dotted(plain: str) -> str:
    """A line without blanks that is an address but for the full stop of Chinese keyboards, with plain ones."""
    dotted = re.sub(r"(?<=\w)[。｡](?=\w)", ".", plain.strip())
    return dotted if dotted.isascii() and " " not in dotted else plain


def _found(plain: str) -> list[tuple[str, str]]:
    """A line that is nothing but a domain is one, whatever it ends in: somebody says so."""
    found = observables.find(plain)
    name = domain_name(plain) if not found and "." in plain else ""
    return [("domain", name)] if name and not name.rpartition(".")[2].isdigit() else found


def judge(case: Case, values: Sequence[Value], verdict: Verdict, actor: User) -> int:
    """Confirm or reject values, or open them again; answers how many changed. Raises ValueRefused("no_value")."""
    changed = [each for each in _some(values) if each.verdict is not verdict]
    for row in _of(case, changed):
        row.verdict, row.judged_by, row.judged_at = verdict, actor.id, clock.now()
    return _record(JUDGED, case, actor, [each.key for each in changed], verdict=verdict.value)


def ignore(case: Case, values: Sequence[Value], reason: str, actor: User) -> int:
    """Compare these with no other case, for a reason. Raises ValueRefused: no_value, reason_missing."""
    why = clean(reason).strip()
    if not why:
        raise ValueRefused("reason_missing")
    changed = [each for each in _some(values) if each.ignored != why]
    for row in _of(case, changed):
        row.ignored = why
    return _record(IGNORED, case, actor, [each.key for each in changed], why)


def heed(case: Case, values: Sequence[Value], actor: User) -> int:
    """Compare these with other cases again. Raises ValueRefused("no_value")."""
    changed = [each for each in _some(values) if each.ignored]
    for row in _of(case, changed):
        row.ignored = ""
    return _record(HEEDED, case, actor, [each.key for each in changed])


def hold_until(case: Case, values: Sequence[Value], until: date | None, actor: User) -> int:
    """Set the last day on which these leave and are compared; None for the usual one. Raises ValueRefused("no_value").

    A day that is over is allowed: the value is out of date.
    """
    changed = [each for each in _some(values) if (each.expires_on if each.expiry_set else None) != until]
    for row in _of(case, changed):
        row.expires_on = until
    told = until.isoformat() if until else None
    return _record(EXPIRY_SET, case, actor, [each.key for each in changed], until=told)


def changed_since(case: Case, seen: datetime | None, user: User) -> set[str]:
    """The keys of values of a case, which the caller holds, about which a colleague said something since then."""
    if seen is None:
        return set()
    lines = (each for each in of_subjects([case.number]) if each.kind in KINDS and each.actor != user.actor)
    return {key for each in lines if each.recorded_at > seen for key in each.data["values"]}


def history_of(case: Case, key: str) -> list[Event]:
    """What people did with one value of a case that the caller holds, in order."""
    return [each for each in of_subjects([case.number]) if each.kind in KINDS and key in each.data["values"]]


def bring(case: Case, into: Case) -> list[str]:
    """Take over what people said about the values of a case that goes into another one; answers which.

    What the other case says about a value itself stays.
    """
    rows = select(CaseValue.kind, CaseValue.digest).where(CaseValue.case_id == into.id)
    said = {(kind, digest) for kind, digest in session.execute(rows)}
    brought = []
    for row in session.scalars(select(CaseValue).where(CaseValue.case_id == case.id)).all():
        if (row.kind, row.digest) not in said:
            session.add(_copy(row, into))
            brought.append(f"{row.kind}.{row.digest}")
    session.flush()
    return brought


def take_back(into: Case, case: Case, brought: Sequence[str]) -> None:
    """Forget in a case what another one brought that comes out again: it holds it itself. What people said of it since
    stays.
    """
    for key in brought:
        kind, _, digest = key.partition(".")
        row, own = (session.get_one(CaseValue, (each.id, kind, digest)) for each in (into, case))
        if all(getattr(row, name) == getattr(own, name) for name in _SAID):
            session.delete(row)
    session.flush()


_SAID = ("verdict", "judged_by", "judged_at", "ignored", "expires_on")


def _copy(row: CaseValue, into: Case) -> CaseValue:
    names = (
        "kind",
        "digest",
        "value",
        *_SAID,
        "added_by",
        "source",
    )
    return CaseValue(case_id=into.id, added_at=row.added_at, **{name: getattr(row, name) for name in names})


def _some(values: Sequence[Value]) -> Sequence[Value]:
    if not values:
        raise ValueRefused("no_value")
    return values


def _of(case: Case, values: Sequence[Value]) -> list[CaseValue]:
    return _rows(case, [(each.kind, each.value) for each in values])


def _rows(case: Case, told: Sequence[tuple[str, str]]) -> list[CaseValue]:
    """Their rows, made where there are none."""
    rows = select(CaseValue).where(CaseValue.case_id == case.id)
    there = {(row.kind, row.digest): row for row in session.scalars(rows)}
    found = []
    for kind, value in told:
        digest = observables.digest(value)
        row = there.get((kind, digest))
        if row is None:
            row = CaseValue(case_id=case.id, kind=kind, digest=digest, value=value, verdict=Verdict.NEW, ignored="")
            session.add(row)
        found.append(row)
    return found


def _record(kind: EventKind, case: Case, actor: User, keys: list[str], text: str | None = None, **data: Any) -> int:
    """Written down, unless nothing changed."""
    session.flush()
    if keys:
        record(kind, case.number, actor.actor, text=text, values=keys, **data)
        case.updated_at = clock.now()
        session.flush()
    return len(keys)
