"""A form of a row that a colleague may change before it comes back: nothing of theirs is put back unseen."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import Field, Form

from cert_portal.core.text import one_line


def shown(form: Form) -> dict[str, str]:
    """The fields as they stand, each on one line: a page sends them along as `was-` and the name."""
    return {field.name: one_line(str(field.data or "")) for field in form}


def sent_along(told: Mapping[str, str], now: Form) -> dict[str, str]:
    """What the page had shown; of what was not sent, what stands there now."""
    return {name: one_line(told.get(f"was-{name}", value)) for name, value in shown(now).items()}


def take_over(form: Form, now: Form, was: Mapping[str, str]) -> list[tuple[str, str]]:
    """Fill in, where the person changed nothing, what somebody else did meanwhile. Answers the fields that both
    changed, each with how it reads now.
    """
    theirs, both = shown(now), []
    for name, mine in shown(form).items():
        if mine == was[name]:
            form[name].data = now[name].data
        elif theirs[name] not in (was[name], mine):
            both.append((name, _reads(now[name])))
    return both


def _reads(field: Field) -> str:
    """The words of a field; of a tick there are two alone, so that no two people can change it differently."""
    named = {each.value: str(each.label) for each in getattr(field, "choices", ())}
    return named.get(field.data, str(field.data or "")) or "–"
