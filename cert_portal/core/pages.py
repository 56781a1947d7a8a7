"""Lists page by page, by keys: a page far back costs no more than the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, TypeVarTuple

from sqlalchemy import ColumnElement, Select

from cert_portal.core.db import session
from cert_portal.core.text import whole

Row = TypeVar("Row")
Columns = TypeVarTuple("Columns")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list and the key that the next page begins after ("" for the last page)."""

    rows: Sequence[Row] = ()
    after: str = ""


def newest(rows: Select[Row], key: ColumnElement[int], after: str, most: int) -> Page[Row]:
    """The rows of the highest ids (`key`) below what `after` tells ("": the highest of all), at most so many."""
    found: Sequence[Any] = session.scalars(below(rows, key, after).order_by(key.desc()).limit(most + 1)).all()
    return cut(found, [each.id for each in found], most)


def below(rows: Select[*Columns], key: ColumnElement[int], after: str) -> Select[*Columns]:
    """Only what has a lower id than a key tells; all of it for what is no key."""
    last = whole(after)
    return rows.where(key < last) if last else rows


def cut(found: Sequence[Row], ids: Sequence[int], most: int) -> Page[Row]:
    """A page of rows that were asked for with one more than fit, and their ids."""
    return Page(found[:most], str(ids[most - 1]) if len(found) > most else "")
