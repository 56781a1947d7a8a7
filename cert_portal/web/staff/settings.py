"""Holidays and clock rules: what a working day is, and how long things may take."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from cert_portal.core.db import session
from cert_portal.directory import calendar
from cert_portal.directory.calendar import SettingRefused
from cert_portal.directory.models import ClockRule
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff import administration_words as said
from cert_portal.web.staff import words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.forms import ClockForm, HolidaysForm
from cert_portal.web.staff.meanwhile import Typed, asked_again, sent_along, shown, take_over


@desk.get("/settings/holidays", Permission.READ_SETTINGS)
def holidays() -> Answer:
    """All general holidays that the clocks know of."""
    return show("holidays", holidays=calendar.listed(), form=HolidaysForm())


@desk.post("/settings/holidays", Permission.MANAGE_SETTINGS)
def import_holidays() -> Answer:
    """Add or rename the pasted holidays."""
    form = HolidaysForm(request.form)
    try:
        count = calendar.import_holidays(form.lines.data, me().actor)
    except SettingRefused as error:
        wrong = [(words.SETTING[error.reason] % {"line": error.line}, "#lines")]
        return show("holidays", INVALID, holidays=calendar.listed(), form=form, wrong=wrong)
    session.commit()
    flash(_("Holidays stored: %(count)s", count=count), "done")
    return redirect(url_for("staff.holidays"))


@desk.post("/settings/holidays/remove", Permission.MANAGE_SETTINGS)
def remove_holiday() -> Answer:
    """Make a day a working day again."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        abort(400)
    calendar.remove_holiday(day, me().actor)
    session.commit()
    return redirect(url_for("staff.holidays"))


@desk.get("/settings/clocks", Permission.READ_SETTINGS)
def clocks() -> Answer:
    """All clock rules."""
    return _clocks()


@desk.post("/settings/clocks/<code>", Permission.MANAGE_SETTINGS)
def change_clock(code: str) -> Answer:
    """Change how long something may take; what a colleague changed since the page was made is asked about."""
    found = session.get(ClockRule, code) or abort(404)
    session.refresh(found, with_for_update=True)
    form, now = ClockForm(request.form), ClockForm(obj=found)
    was = sent_along(request.form, now)
    if both := take_over(form, now, was, pair=("amount", "unit")):
        names = {name: f"{words.CLOCKS.get(code, code)} · {said.FIELDS[name]}" for name, _now in both}
        return _clocks(INVALID, {code: (form, shown(now))}, **asked_again(both, names))
    try:
        form.validate()
        calendar.change_rule(
            code, int(form.amount.number or 0), form.unit.data, form.share(), form.enabled.data, me().actor
        )
    except SettingRefused as error:
        return _clocks(INVALID, {code: (form, was)}, wrong=[(words.SETTING[error.reason], f"#amount-{code}")])
    session.commit()
    flash(_("The clock was changed."), "done")
    return redirect(url_for("staff.clocks"))


def _clocks(status: int = 200, typed: Mapping[str, Typed] | None = None, **facts: Any) -> Answer:
    """The clocks, with what was typed for one of them."""
    rows = []
    for rule in calendar.rules():
        form = ClockForm(obj=rule)
        rows.append((rule, *(typed or {}).get(rule.code, (form, shown(form)))))
    return show("clocks", status, rules=rows, **facts)
