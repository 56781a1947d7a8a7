"""The table of words of a list as somebody changes it: every row tells which word it was drawn from, so that a page
that was open for long puts nothing back that a colleague changed since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _

from cert_portal.cases import tags, triage
from cert_portal.cases.exchange import HOLIDAY, SHELVES
from cert_portal.core.i18n import Language
from cert_portal.guidance import kinds, wordbook
from cert_portal.guidance.wordbook import Shelf, Word
from cert_portal.web.forms.fields import too_long
from cert_portal.web.staff import administration_words as said
from cert_portal.web.staff import say, words
from cert_portal.web.staff.desk import me

LANGUAGE = dict(zip(HOLIDAY, Language, strict=True))
"""The language of each field that is a name."""


class Row:
    """A code, its word as it is, and what the table that was sent says of it (what is so where nothing was sent)."""

    def __init__(self, shelf: Shelf, code: str, form: Mapping[str, str]) -> None:
        self.shelf, self.code, self.shipped = shelf, code, shipped(shelf, code)
        self.word = self._own(wordbook.of(shelf, code))
        self.version = _version(self.word)
        sent = f"was-{code}" in form
        self.was = form[f"was-{code}"] if sent else self.version
        self.names = [form.get(f"{each}-{code}", "") if sent else self.full(self.word)[each] for each in Language]
        place = "" if self.word.position is None else str(self.word.position)
        self.place = form.get(f"place-{code}", "").strip() if sent and shelf is not Shelf.TAG else place
        self.retired = f"retired-{code}" in form if sent else self.word.retired
        self.theirs = ""
        self.retired = self.retired and not (shelf is Shelf.KIND and code in kinds.NEEDED)

    @property
    def is_placed(self) -> bool:
        """Whether the place is a number that can be one, or left open."""
        return not self.place or (self.place.isdecimal() and int(self.place[:9]) <= wordbook.MOST_PLACES)

    @property
    def told(self) -> Word:
        """The word that the table asks for."""
        place = int(self.place) if self.place and self.is_placed else None
        return self._own(wordbook.cleaned(Word(self.names[0], self.names[1], place, self.retired)))

    @property
    def is_touched(self) -> bool:
        """Whether the person says something else than the page showed."""
        return not self.is_placed or _version(self.told) != self.was

    @property
    def clashes(self) -> bool:
        """Whether somebody else changed it too since the page was drawn, to something else."""
        return self.is_touched and self.was != self.version and self.told != self.word

    @property
    def then(self) -> Word:
        """The word when everything that can be saved is saved."""
        return self.told if self.is_touched and not self.clashes else self.word

    def full(self, word: Word) -> dict[Language, str]:
        """Its names in both languages, the shipped ones where it has none of its own."""
        return {each: word.name(each) or self.shipped[each] for each in Language}

    def spelled(self, word: Word) -> str:
        """A word with all that belongs to it, for a reader."""
        parts = [" / ".join(self.full(word).values())]
        parts += [_("place %(place)s", place=word.position)] if word.position is not None else []
        parts += [str(said.OFF[self.shelf])] if word.retired else []
        return " · ".join(parts)

    def _own(self, word: Word) -> Word:
        """A word without the names that are shipped anyway."""
        names = ["" if word.name(each) == self.shipped[each] else word.name(each) for each in Language]
        return Word(names[0], names[1], word.position, word.retired)


def codes(shelf: Shelf) -> list[str]:
    """The codes of a list, in order."""
    if shelf is Shelf.KIND:
        return [kind.code for kind in kinds.ordered()]
    if shelf is Shelf.REFUSAL:
        return triage.refusals(retired=True)
    return sorted({*tags.counted(me()), *wordbook.entries(Shelf.TAG)})


def rows(shelf: Shelf, form: Mapping[str, str]) -> list[Row]:
    """The table, with what a form says of it."""
    return [Row(shelf, code, form) for code in codes(shelf)]


def wrong(table: Sequence[Row]) -> list[tuple[Any, str]]:
    """Why the table cannot be taken at all, with the places."""
    shelf = table[0].shelf if table else Shelf.TAG
    told = {row.code: row.full(row.then) for row in table}
    twice = wordbook.borne_twice({code: tuple(names.values()) for code, names in told.items()})
    found: list[tuple[Any, str]] = []
    if shelf is Shelf.REFUSAL and all(row.then.retired for row in table):
        found.append((said.REFUSED["last_reason"], "#words"))
    for row in table:
        place = anchor(table, row)
        if not row.is_placed:
            found.append((_("%(code)s: enter a whole number up to 999 as the place", code=row.code), place))
        elif long := wordbook.too_long(row.then):
            problem = too_long(row.then.name(long), wordbook.LONGEST)
            found.append((_("%(question)s: %(problem)s", question=row.code, problem=problem), place))
        elif shelf is not Shelf.TAG and row.code in twice and told[row.code] != row.full(row.word):
            found.append((_("%(code)s: another one is called the same already", code=row.code), place))
        elif shelf is Shelf.REFUSAL and not all(told[row.code].values()):
            found.append((said.REFUSED["name_missing"], place))
    return found


def clashes(table: Sequence[Row]) -> list[tuple[Any, str]]:
    """What was left out because somebody else changed it meanwhile, with both texts and the places."""
    return [(_clash(row), anchor(table, row)) for row in table if row.clashes]


def _clash(row: Row) -> str:
    return _(
        "%(code)s was changed by somebody else since you opened this page and stays as it is now: “%(now)s”. "
        "You say: “%(yours)s”. Save again to put yours.",
        code=row.code,
        now=row.spelled(row.word),
        yours=row.spelled(row.told),
    )


def once_more(table: Sequence[Row], form: Mapping[str, str]) -> list[Row]:
    """The table as it is now; in the rows that were left the person's words stand, to be saved over those shown."""
    drawn = [Row(row.shelf, row.code, form if row.clashes else {}) for row in table]
    for row in drawn:
        row.theirs = row.spelled(row.word) if row.clashes else ""
        row.was = row.version
    return drawn


def anchor(table: Sequence[Row], row: Row) -> str:
    """Where the row stands."""
    return f"#word-{table.index(row) + 1}"


def shipped(shelf: Shelf, code: str) -> dict[Language, str]:
    """The words of a code in both languages when nobody chose others."""
    if shelf is Shelf.KIND:
        return dict(kinds.by_code(code).names)
    return said.shipped(words.REFUSALS.get(code)) if shelf is Shelf.REFUSAL else dict.fromkeys(Language, "")


def field(shelf: Shelf | None, code: str, name: str, told: Any) -> str:
    """A field of a word or of something else that is set, in words; an empty name of a shipped word is that word."""
    if shelf and told in ("", None) and name in LANGUAGE:
        word = shipped(shelf, code)[LANGUAGE[name]]
        return _("%(word)s (as shipped)", word=word) if word else said.nothing(name)
    return said.value(name, told)


def named(what: str, code: str) -> str:
    """Something that is set, as the reader's language calls it; `what` is a section of a file or the record's word."""
    match what:
        case "kinds" | "kind":
            return say.kind(code)
        case "refusals" | "refusal":
            return say.refusal(code)
        case "clocks" | "clock":
            return str(words.CLOCKS[code])
        case "holidays" | "holiday":
            return say.day(date.fromisoformat(code))
    return code


def all_shipped() -> dict[str, dict[str, list[str]]]:
    """The words of all codes of the lists when nobody chose others, for a file of settings."""
    return {
        section: {code: list(shipped(shelf, code).values()) for code in codes(shelf)}
        for section, shelf in SHELVES.items()
    }


def _version(word: Word) -> str:
    return hashlib.sha256(repr(word).encode()).hexdigest()[:16]
