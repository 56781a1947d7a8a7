"""The team: who is on duty and who is away, and who has how much to do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from cert_portal.cases import alarms, handover, mentions, roster
from cert_portal.cases.roster import RosterRefused
from cert_portal.cases.workflow import today
from cert_portal.cases.workload import workload
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff import say, words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.team_forms import AbsenceForm, ShiftForm

SHOWN_DAYS, ALARMS, NAMED_DAYS = 14, 3, 10
_PLACES = {"no_length": "#ends", "over": "#day", "overlaps": "#day", "too_far": "#day"}


@desk.get("/team", Permission.READ_CASES)
def team() -> Answer:
    """Who is on duty now and in two weeks, the next or those from `first` on, and who is away."""
    return _page()


@desk.post("/team/shifts", Permission.MANAGE_TEAM)
def add_shifts() -> Answer:
    """Put a person on duty."""
    form = ShiftForm(request.form)
    if not form.validate():
        return _page(INVALID, form=form)
    times = (form.day.data, form.begins.data, form.ends.data)
    user, days = find_person(form.person.data), int(form.days.number) if form.days.number is not None else 1
    try:
        made = roster.plan(user, *times, days, me())
    except RosterRefused as error:
        return _page(INVALID, form=form, wrong=[(say.why(error)[0], _PLACES.get(error.reason, "#person"))])
    session.commit()
    said = ngettext("%(num)s shift is on the roster.", "%(num)s shifts are on the roster.", len(made))
    flash(" ".join([said, *_days_away(user)]), "done")
    is_shown = form.day.data < today() + timedelta(days=SHOWN_DAYS)
    return redirect(url_for("staff.team", first=None if is_shown else form.day.data))


@desk.post("/team/shifts/<int:shift_id>/remove", Permission.MANAGE_TEAM)
def remove_shift(shift_id: int) -> Answer:
    """Take a shift off the roster."""
    roster.remove_shift(shift_id, me())
    session.commit()
    return redirect(url_for("staff.team", first=request.args.get("first")))


@desk.post("/team/absences", Permission.READ_CASES)
def add_absence() -> Answer:
    """Say that one is away, or that somebody else is."""
    form = AbsenceForm(request.form)
    if not form.validate():
        return _page(INVALID, absence=form)
    user = find_person(form.away_person.data) if form.away_person.data else me()
    try:
        roster.add_absence(user, form.first.data, form.last.data, me())
    except RosterRefused as error:
        return _page(INVALID, absence=form, wrong=[(say.why(error)[0], "#first")])
    session.commit()
    flash(" ".join([_("The absence is noted."), *_days_away(user)]), "done")
    return redirect(url_for("staff.team"))


def _days_away(user: User) -> list[str]:
    """What the roster and the absences of a person say differently; nothing where they agree."""
    days = [say.day(each) for each in roster.days_away(user)]
    told = _(", ").join(days[:NAMED_DAYS]) + ("…" if len(days) > NAMED_DAYS else "")
    return [_("%(name)s is on the roster though away: %(days)s.", name=user.name, days=told)] if days else []


@desk.post("/team/absences/<int:absence_id>/remove", Permission.READ_CASES)
def remove_absence(absence_id: int) -> Answer:
    """The person is there after all."""
    try:
        roster.remove_absence(absence_id, me())
    except RosterRefused as error:
        return _page(INVALID, wrong=[(say.why(error)[0], "#away")])
    session.commit()
    return redirect(url_for("staff.team"))


@desk.get("/team/workload", Permission.READ_CASES)
def team_workload() -> Answer:
    """Open cases by person and level."""
    told: dict[str, Any] = {"loads": workload(me()), "away": roster.away()}
    levels = {each: words.LEVELS[each] for each in (4, 3, 2, 1)}
    return show("workload", levels={**levels, "no_level": _("No level"), "undecided": _("Not decided")}, **told)


def strip() -> dict[str, Any]:
    """What stands above every list of the desk: who is on duty, alarms, what waits for the reader."""
    gone = roster.away()
    unowned, how_many = alarms.unowned_for(me(), ALARMS)
    return {
        "duty": roster.on_duty(),
        "unowned": unowned,
        "unowned_more": how_many - len(unowned),
        "left_alone": alarms.left_alone(me()) if gone else 0,
        "handovers": handover.waiting_for(me()),
        "away": gone,
    }


def find_person(told: str) -> User:
    """One of them, by id; no such person is a mistake of the program that asks."""
    return {str(user.id): user for user in mentions.colleagues()}.get(told) or abort(400)


def _page(status: int = 200, **facts: Any) -> Answer:
    first, absences = _first(), roster.absences()
    days = roster.days(first, SHOWN_DAYS)
    gone = {
        (row.user_id, day): row.last for _, row in absences for day, _duties in days if row.first <= day <= row.last
    }
    planned = [(day, user, shift) for day, duties in days for user, shift in duties if day >= today()]
    left = {user.id for _day, user, _shift in planned if not roster.is_on_team(user)}
    known = {
        "left": left,
        "holes": [each for each in planned if each[1].id in left or (each[1].id, each[0]) in gone],
        "duty": roster.on_duty(),
        "next_duty": roster.next_on_duty(),
        "days": days,
        "absences": absences,
        "gone": gone,
        "away": roster.away(),
        "left_alone": alarms.left_alone(me()),
        "first": first,
        "beside": roster.beside(first, SHOWN_DAYS),
        "today": today(),
        "tomorrow": today() + timedelta(days=1),
        "people": mentions.colleagues(),
        "form": ShiftForm(),
        "absence": AbsenceForm(),
    }
    return show("team", status, **{**known, **facts})


def _first() -> date:
    """The first day to show: what the address says, today where it says no day."""
    try:
        told = date.fromisoformat(request.args.get("first", ""))
    except ValueError:
        return today()
    return told if clock.is_plausible(told) else today()
