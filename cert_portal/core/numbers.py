"""Numbers that people say on the telephone: serial per kind and year, one check digit, merges followed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import Integer, String, select, text
from sqlalchemy.orm import Mapped, mapped_column
from stdnum.iso7064 import mod_11_10

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import Base, BigId, session


class NumberKind(StrEnum):
    """The letter that a number begins with."""

    REPORT = "R"
    CASE = "C"
    REFERRAL = "N"


class Serial(Base):
    """The last serial given, per kind and year."""

    __tablename__ = "serials"

    kind: Mapped[str] = mapped_column(String(1), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class Number(Base):
    """What a number stands for. A merged number points to the one that took it in, and goes on resolving."""

    __tablename__ = "numbers"

    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(1))
    target_id: Mapped[int] = mapped_column(BigId)
    merged_into: Mapped[str | None] = mapped_column(String(16))


_TAKE = text(
    "INSERT INTO serials (kind, year, last) VALUES (:kind, :year, :count) "
    "ON CONFLICT (kind, year) DO UPDATE SET last = serials.last + excluded.last RETURNING last"
)
_PLAIN = re.compile(r"([RCN])(\d{2})(\d{6,9})(\d)")
_SHORT = re.compile(r"([RCN]) ?-?(\d{2})(?:[ -](\d{1,6}|[1-9]\d{6,8})|(\d{6}))", re.ASCII)
_IN_TEXT = re.compile(r"(?<![A-Z0-9])[RCN] ?\d{2}[ -]?\d{6,9}[ -]?\d(?!\d)")
_SHORT_IN_TEXT = re.compile(rf"(?<![\w-]){_SHORT.pattern}(?![\w-]| \d)", re.ASCII)
_DASHES = re.compile("[\u2010-\u2015\u2212]")


def issue(kind: NumberKind) -> str:
    """Take the next number of this kind in the portal's current year, such as R26-000417-0."""
    return issue_many(kind, 1)[0]


def issue_many(kind: NumberKind, count: int) -> list[str]:
    """Take this many numbers, one or more, that follow each other."""
    year = clock.now().astimezone(current().zone).year
    return [_spelt(kind, f"{year % 100:02d}{serial:06d}") for serial in _take_serials(kind, year, count)]


def _spelt(kind: NumberKind, digits: str) -> str:
    return f"{kind}{digits[:2]}-{digits[2:]}-{mod_11_10.calc_check_digit(digits)}"


def take_serial(kind: str, year: int) -> int:
    """The next serial of a kind (one letter) in a year, counted from 1; a rolled back one is given again."""
    return _take_serials(kind, year, 1)[0]


def _take_serials(kind: str, year: int, count: int) -> range:
    last: int = session.execute(_TAKE, {"kind": kind, "year": year, "count": count}).scalar_one()
    return range(last - count + 1, last + 1)


def assign(number: str, target_id: int) -> None:
    """Say which row a number stands for."""
    session.add(Number(number=number, kind=number[0], target_id=target_id))


def normalise(told: str) -> str | None:
    """The number that somebody typed or dictated, in its one spelling; None when it is not one or a digit is wrong.

    Case, spaces, dashes and full-width forms do not matter.
    """
    plain = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", told[:64]).upper())
    match = _PLAIN.fullmatch(plain)
    if not match or not mod_11_10.is_valid(plain[1:]):
        return None
    return f"{match[1]}{match[2]}-{match[3]}-{match[4]}"


def complete(told: str) -> str | None:
    """The number that somebody means who leaves out its check digit, as in C26-48; None for anything else.

    A number that is typed whole is none of these, so that a wrong digit still leads nowhere.
    """
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", told[:64])).upper().strip().removeprefix("#")
    match = _SHORT.fullmatch(plain)
    if not match or normalise(told):
        return None
    digits = f"{match[2]}{int(match[3] or match[4]):06d}"
    return f"{match[1]}{digits[:2]}-{digits[2:]}-{mod_11_10.calc_check_digit(digits)}"


def of_this_year(told: str) -> list[str]:
    """The numbers, one of each kind, that somebody may mean who says a serial alone, as in 77; none for other words."""
    plain = unicodedata.normalize("NFKC", told[:64]).strip().removeprefix("#")
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 6 and int(plain)):
        return []
    year = clock.now().astimezone(current().zone).year
    return [_spelt(kind, f"{year % 100:02d}{int(plain):06d}") for kind in NumberKind]


def find_in(words: str) -> list[str]:
    """Every valid number in a text, in order, once each."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", words)).upper()
    found = (normalise(match[0]) for match in _IN_TEXT.finditer(plain))
    return list(dict.fromkeys(number for number in found if number))


def typed(words: str) -> tuple[list[str], list[str]]:
    """The numbers that somebody typed into a box, without their check digits too, once each; and what is none, piece by
    piece.
    """
    found: list[str] = []

    def take(match: re.Match[str]) -> str:
        number = normalise(match[0]) or complete(match[0])
        found.extend([number] if number else [])
        return " " if number else match[0]

    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", words)).upper()
    rest = _SHORT_IN_TEXT.sub(take, _IN_TEXT.sub(take, plain))
    return list(dict.fromkeys(found)), list(dict.fromkeys(re.findall(r"[^\s,;、]+", rest)))


def mistyped(told: str) -> str:
    """The number without its check digit, of a whole number of which some digit is wrong; "" for anything else."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", told[:64])).upper().strip()
    match = _PLAIN.fullmatch(re.sub(r"[^A-Z0-9]", "", plain))
    whole = _IN_TEXT.fullmatch(plain) and match and not normalise(plain) and not complete(plain)
    return f"{match[1]}{match[2]}-{match[3]}" if match and whole else ""


def resolve(number: str) -> tuple[NumberKind, int] | None:
    """Kind and row of a number, merges followed; None when it stands for nothing yet (a reserved one)."""
    seen: set[str] = set()
    row = session.get(Number, number)
    while row and row.merged_into and row.number not in seen:
        seen.add(row.number)
        row = session.get(Number, row.merged_into)
    return (NumberKind(row.kind), row.target_id) if row else None


def leads(told: Sequence[str]) -> dict[str, str]:
    """To which number each of these that was merged leads in the end; a statement for each merge after another."""
    found: dict[str, str] = {}
    begun = {number: number for number in told}
    while begun:
        rows = select(Number.number, Number.merged_into).where(Number.number.in_(set(begun.values())))
        into = {number: other for number, other in session.execute(rows) if other}
        begun = {number: into[at] for number, at in begun.items() if at in into and into[at] != found.get(number)}
        found |= begun
    return found


def merge(number: str, into: str | None) -> None:
    """From now on a number leads to another one; None makes it lead to its own row again."""
    session.get_one(Number, number).merged_into = into
