"""Letters of an exercise: marked in both languages, and sent to registered addresses alone.

An exercise must never reach somebody who takes it for real. An entry is an address, or `@` and a domain, or a telephone
number with its country code (`+85291234567`) whose text messages belong to the exercise. A star stands for nothing: it
is refused, since such an entry would match nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.core import clock
from cert_portal.core.db import Base, session
from cert_portal.core.events import declare, record
from cert_portal.core.text import one_line

ADDED = declare("exercise.address_added", "Letters of exercises may go to one more address", "address")
CHANGED = declare(
    *("exercise.note_changed", "The note beside an address for exercises was changed"),
    *("address", "before", "after"),
)
REMOVED = declare("exercise.address_removed", "Letters of exercises may go to an address no longer", "address")

SUBJECT_MARK = "[EXERCISE 演習]"
TEXT_MARK = (
    "*** EXERCISE EXERCISE EXERCISE ***  This is a drill. Nothing has happened.\n"
    "*** 演習 演習 演習 ***  此乃演習，並非真實事件。"
)
LONGEST_NOTE = 200
_ENTRY = re.compile(r"[^@\s*]{0,64}@[^@\s.*]+(\.[^@\s.*]+)+|\+\d{6,15}")


class AddressRefused(Exception):
    """It is no address, or is there already; `reason` is a code: bad_address, address_taken, note_too_long."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ExerciseAddress(Base):
    """Where letters of an exercise may go."""

    __tablename__ = "exercise_addresses"

    address: Mapped[str] = mapped_column(String(320), primary_key=True)
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE))
    added_at: Mapped[datetime]


def marked(subject: str, text: str) -> tuple[str, str]:
    """Subject and text with the marks of an exercise, above and below; once, however often it is called."""
    if subject.startswith(SUBJECT_MARK):
        return subject, text
    return f"{SUBJECT_MARK} {subject}", f"{TEXT_MARK}\n\n{text.rstrip()}\n\n{TEXT_MARK}\n"


def is_registered(address: str) -> bool:
    """Whether letters of an exercise may go there."""
    return address in registered([address])


def registered(addresses: Iterable[str]) -> set[str]:
    """Those of these addresses that letters of an exercise may go to."""
    entries = {each: _entries(spelled(each)) for each in addresses}
    asked = sorted({entry for several in entries.values() for entry in several})
    known = set(session.scalars(select(ExerciseAddress.address).where(ExerciseAddress.address.in_(asked))))
    return {each for each, several in entries.items() if known.intersection(several)}


def _entries(plain: str) -> list[str]:
    return [plain, f"@{plain.rpartition('@')[2]}"] if "@" in plain else [plain]


def spelled(address: str) -> str:
    """An entry as it is kept: in small letters, a number without what stands between its digits."""
    plain = address.strip().lower()
    return re.sub(r"[\s()-]", "", plain) if plain.startswith("+") else plain


def listed() -> Sequence[ExerciseAddress]:
    """All entries, in order."""
    return session.scalars(select(ExerciseAddress).order_by(ExerciseAddress.address)).all()


def add(address: str, note: str, actor: str) -> None:
    """Letters of exercises may go there. Raises AddressRefused."""
    plain = spelled(address)
    if not is_entry(plain):
        raise AddressRefused("bad_address")
    if session.get(ExerciseAddress, plain) is not None:
        raise AddressRefused("address_taken")
    found = ExerciseAddress(address=plain, note=_noted(note), added_at=clock.now())
    session.add(found)
    record(ADDED, "exercise:addresses", actor, address=plain, text=found.note or None)


def put(address: str, note: str, actor: str) -> None:
    """Letters of exercises may go there, and the entry bears this note. Raises AddressRefused."""
    found = session.get(ExerciseAddress, spelled(address))
    if found is None:
        add(address, note, actor)
    else:
        before, found.note = found.note, _noted(note)
        record(CHANGED, "exercise:addresses", actor, address=found.address, before=before, after=found.note)


def _noted(told: str) -> str:
    plain = one_line(told)
    if len(plain) > LONGEST_NOTE:
        raise AddressRefused("note_too_long")
    return plain


def is_entry(address: str) -> bool:
    """Whether it is written as an entry is."""
    return len(address) <= 320 and bool(_ENTRY.fullmatch(address))


def remove(address: str, actor: str) -> None:
    """Letters of exercises may not go there any longer; removing twice is no error."""
    found = session.get(ExerciseAddress, spelled(address))
    if found is not None:
        session.delete(found)
        session.flush()
        record(REMOVED, "exercise:addresses", actor, address=found.address)
