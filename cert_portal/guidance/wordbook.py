"""Words that the centre chose for kinds of incident, reasons of refusal and tags. Every change is an event.

They are read once in a transaction. Without a database the shipped words hold: a form must not fail for want of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import chain, count

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from cert_portal.core.db import forget, once, session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.text import one_line, same_name
from cert_portal.directory.calendar import SETTING
from cert_portal.guidance.models import DeskWord

LONGEST = 80
MOST_PLACES = 999
OWN_CODE = re.compile(r"own_[a-z0-9_]{0,32}")
"""How the code of a reason of our own looks."""


class Shelf(StrEnum):
    """A list of words that may be changed."""

    KIND = "kind"
    REFUSAL = "refusal"
    TAG = "tag"


@dataclass(frozen=True)
class Word:
    """What the centre says about one code; empty names and no position mean as it is shipped."""

    name_en: str = ""
    name_zh_hant: str = ""
    position: int | None = None
    retired: bool = False

    def name(self, language: Language) -> str:
        """The word in a language, or "" for the shipped one."""
        return self.name_zh_hant if language is Language.ZH_HANT else self.name_en


SHIPPED = Word()


def entries(shelf: Shelf) -> Mapping[str, Word]:
    """All words of a list that were changed or added, by code."""
    return once("desk_words", _read).get(shelf, {})


def _read() -> dict[str, dict[str, Word]]:
    found: dict[str, dict[str, Word]] = {}
    try:
        rows = session.scalars(select(DeskWord)).all()
    except OperationalError:
        return found
    for row in rows:
        word = Word(row.name_en, row.name_zh_hant, row.position, row.retired)
        found.setdefault(row.shelf, {})[row.code] = word
    return found


def of(shelf: Shelf, code: str) -> Word:
    """What the centre says about a code."""
    return entries(shelf).get(code, SHIPPED)


def cleaned(word: Word) -> Word:
    """The same without blanks and control characters around, at a place that there is."""
    position = None if word.position is None else max(0, min(word.position, MOST_PLACES))
    return Word(one_line(word.name_en), one_line(word.name_zh_hant), position, word.retired)


def too_long(word: Word) -> Language | None:
    """The language whose name is longer than LONGEST, which none may be."""
    return next((each for each in Language if len(word.name(each)) > LONGEST), None)


def own_code(name_en: str, taken: Collection[str]) -> str:
    """A code that is free for a reason of our own with that name in English."""
    code = f"own_{re.sub('[^a-z0-9]+', '_', same_name(name_en)).strip('_')}"[:36]
    more = (f"{code[:32].rstrip('_')}_{number}" for number in count(2))
    return next(each for each in chain([code], more) if each not in taken)


def hold(shelf: Shelf) -> None:
    """Let nobody else change words of this list until the transaction ends, and read what others wrote last."""
    session.execute(select(DeskWord.code).where(DeskWord.shelf == shelf.value).with_for_update()).all()
    forget("desk_words")


def borne_twice(names: Mapping[str, Sequence[str]]) -> set[str]:
    """The codes that share a name with another one in the same language, in whatever spelling."""
    bearers: dict[tuple[int, str], set[str]] = {}
    for code, told in names.items():
        for place, name in enumerate(told):
            bearers.setdefault((place, same_name(name)), set()).add(code)
    return {code for codes in bearers.values() if len(codes) > 1 for code in codes}


def put(shelf: Shelf, code: str, told: Word, actor: str) -> bool:
    """Call a code so from now on; answers whether that is new."""
    before, word = of(shelf, code), cleaned(told)
    if before == word and (word != SHIPPED or code not in entries(shelf)):
        return False
    session.merge(DeskWord(shelf=shelf.value, code=code, **asdict(word)))
    session.flush()
    forget("desk_words")
    record(SETTING, f"setting:{shelf.value}", actor, what=code, before=asdict(before), after=asdict(word))
    return True


def take_away(shelf: Shelf, code: str, actor: str) -> None:
    """Forget what was said about a code; twice is harmless."""
    row = session.get(DeskWord, (shelf.value, code))
    if row is not None:
        before = asdict(of(shelf, code))
        session.delete(row)
        session.flush()
        forget("desk_words")
        record(SETTING, f"setting:{shelf.value}", actor, what=code, before=before, after={})
