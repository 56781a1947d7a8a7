"""Holidays and clock rules: what a working day is, and how long things may take."""

from __future__ import annotations

from datetime import date

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from cert_portal.core.db import session
from cert_portal.directory import calendar
from cert_portal.directory.calendar import SettingRefused
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff import words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.forms import ClockForm, HolidaysForm


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
    return show("clocks", rules=[(rule, ClockForm(obj=rule)) for rule in calendar.rules()])


@desk.post("/settings/clocks/<code>", Permission.MANAGE_SETTINGS)
def change_clock(code: str) -> Answer:
    """Change how long something may take."""
    form = ClockForm(request.form)
    try:
        form.validate()
        calendar.change_rule(
            code, int(form.amount.number or 0), form.unit.data, form.share(), form.enabled.data, me().actor
        )
    except SettingRefused as error:
        rules = [(rule, form if rule.code == code else ClockForm(obj=rule)) for rule in calendar.rules()]
        return show("clocks", INVALID, rules=rules, wrong=[(words.SETTING[error.reason], f"#amount-{code}")])
    session.commit()
    flash(_("The clock was changed."), "done")
    return redirect(url_for("staff.clocks"))
