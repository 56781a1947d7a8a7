"""Checks what a program sent against a JSON Schema (the part of draft 2020-12 that our descriptions use)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from cert_portal.core import clock

Found = tuple[str, str]
"""Pointer to a wrong field, and what is wrong with it, in the reader's language."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def check(value: Any, schema: Mapping[str, Any], pointer: str = "#") -> Iterator[Found]:
    """Everything that is wrong, each with its pointer (RFC 6901 as a fragment)."""
    told = schema.get("type", ())
    allowed = [told] if isinstance(told, str) else list(told)
    if not any(_is(value, each) for each in allowed):
        yield pointer, _("must be %(type)s", type=" / ".join(allowed))
    elif isinstance(value, str):
        yield from _text(value, schema, pointer)
    elif isinstance(value, list):
        yield from _list(value, schema, pointer)
    elif isinstance(value, dict):
        yield from _object(value, schema, pointer)
    elif value is not None and not isinstance(value, bool):
        yield from _number(value, schema, pointer)


def _is(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if isinstance(value, float) and name == "integer":
        return value.is_integer()
    return isinstance(value, _TYPES[name])


def _text(value: str, schema: Mapping[str, Any], pointer: str) -> Iterator[Found]:
    if any((letter < " " and letter not in "\t\r\n") or "\ud800" <= letter <= "\udfff" for letter in value):
        yield pointer, _("holds a character that no text has")
    elif "enum" in schema and value not in schema["enum"]:
        yield pointer, _("must be one of: %(values)s", values=", ".join(schema["enum"]))
    elif len(value) < schema.get("minLength", 0):
        yield pointer, _("must not be empty")
    elif len(value) > schema.get("maxLength", len(value)):
        yield pointer, _("must not be longer than %(most)s characters", most=schema["maxLength"])
    elif schema.get("format") == "email" and value and not _EMAIL.fullmatch(value):
        yield pointer, _("must be an e-mail address like name@example.com")
    elif schema.get("format") == "date-time":
        yield from _moment(value, pointer)


def _moment(value: str, pointer: str) -> Iterator[Found]:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or "T" not in value.upper():
        yield pointer, _("must be a time with its zone, like 2026-05-04T10:00:00+08:00")
    elif not clock.is_plausible(at):
        yield pointer, _("must be in a year from %(first)s on", first=clock.FIRST_YEAR)
    elif at > clock.now():
        yield pointer, _("must be in the past")


def _number(value: float, schema: Mapping[str, Any], pointer: str) -> Iterator[Found]:
    least, most = schema["minimum"], schema["maximum"]
    if not least <= value <= most:
        yield pointer, _("must be a number from %(least)s to %(most)s", least=least, most=most)


def _list(value: list[Any], schema: Mapping[str, Any], pointer: str) -> Iterator[Found]:
    if len(value) > schema["maxItems"]:
        yield pointer, _("must not have more than %(most)s entries", most=schema["maxItems"])
        return
    for position, each in enumerate(value):
        yield from check(each, schema["items"], f"{pointer}/{position}")


def _object(value: dict[str, Any], schema: Mapping[str, Any], pointer: str) -> Iterator[Found]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{pointer}/{name}", _("is missing")
    for name, each in value.items():
        place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if name in schema["properties"]:
            yield from check(each, schema["properties"][name], place)
        else:
            yield place.encode("utf-8", "replace").decode(), _("is not known here")
