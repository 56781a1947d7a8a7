"""A form of a row that a colleague may change before it comes back: nothing of theirs is put back unseen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, Form

from cert_portal.core.text import one_line
from cert_portal.web.forms.words import Words

Typed = tuple[Form, dict[str, str]]
"""A form as somebody left it, and the fields that its page had shown."""


def shown(form: Form) -> dict[str, str]:
    """The fields as they stand, each on one line: a page sends them along as `was-` and the name."""
    return {field.name: one_line(" ".join(_values(field))) for field in form}


def sent_along(told: Mapping[str, str], now: Form) -> dict[str, str]:
    """What the page had shown; of what was not sent, what stands there now."""
    return {name: one_line(told.get(f"was-{name}", value)) for name, value in shown(now).items()}


def take_over(form: Form, now: Form, was: Mapping[str, str], pair: Collection[str] = ()) -> list[tuple[str, str]]:
    """Fill in, where the person changed nothing, what somebody else did meanwhile. Answers the fields that both
    changed, each with how it reads now. The fields of a `pair` say one thing: who changed one changed both.
    """
    mine, theirs, both = shown(form), shown(now), []
    for name in mine:
        one = pair if name in pair else (name,)
        if all(mine[each] == was[each] for each in one):
            form[name].data = now[name].data
        elif mine[name] != theirs[name] and any(theirs[each] != was[each] for each in one):
            both.append((name, _reads(now[name])))
    return both


def asked_again(both: list[tuple[str, str]], names: Words) -> dict[str, Any]:
    """What hinders, and how the fields read now that somebody else changed, too."""
    said = _("Somebody set the same fields right while you were writing. Nothing was saved yet.")
    told = [(names[name], now) for name, now in both]
    return {"wrong": [(said, "#edited-meanwhile")], "edited_meanwhile": told}


def _values(field: Field) -> list[str]:
    """What a field holds; several answers in one order."""
    return sorted(field.data) if isinstance(field.data, list) else [str(field.data or "")]


def _reads(field: Field) -> str:
    """The words of a field; of a tick there are two alone, so that no two people can change it differently."""
    named = {each.value: str(each.label) for each in getattr(field, "choices", ())}
    return " · ".join(named.get(each, each) for each in _values(field)) or "–"
