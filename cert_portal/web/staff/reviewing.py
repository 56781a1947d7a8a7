"""Review of the values of a case: added in bulk, confirmed or rejected, ignored, given an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from cert_portal.cases import enrichment, ignored, indicators, noted, relations, reviewing, values
from cert_portal.cases.ignored import ValueRefused
from cert_portal.cases.models import Case, Verdict
from cert_portal.cases.values import Value
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.text import narrow
from cert_portal.directory import accounts, registry
from cert_portal.directory.permissions import Permission
from cert_portal.directory.registry import RegistryRefused
from cert_portal.web.staff import directory_words, say, value_words
from cert_portal.web.staff.case import find, hold
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, moment_told, show
from cert_portal.web.staff.indicators import chosen, page, wanted

VERDICTS = {"confirm": Verdict.CONFIRMED, "reject": Verdict.REJECTED, "reopen": Verdict.NEW}
NAMED = 5
MOST_SIGNS = 500_000
"""Of a pasted text."""


@desk.post("/cases/<number>/observables/paste", Permission.HANDLE)
def paste_observables(number: str) -> Answer:
    """Add the values of pasted lines, and show what became of each."""
    found, told = hold(number), request.form.get("lines", "")
    if len(told) > MOST_SIGNS:
        return page(found, wanted({}), INVALID, [(value_words.REFUSED["too_long"], "#lines")], pasted=told)
    try:
        lines = reviewing.paste(found, told, me())
    except ValueRefused as error:
        wrong = [(value_words.REFUSED[error.reason], "#lines")]
        return page(found, wanted({}), INVALID, wrong, pasted=told)
    session.commit()
    happened = Counter(line.outcome for line in lines)
    counts = {each: happened[each] for each in reviewing.Outcome if each in happened or each is reviewing.Outcome.TAKEN}
    return show("observables_pasted", case=found, lines=lines, counts=counts, value_words=value_words)


@desk.post("/cases/<number>/observables/noted", Permission.HANDLE)
def review_noted(number: str) -> Answer:
    """Take the ticked values of notes into the case, confirmed or rejected."""
    found, verdict = hold(number), VERDICTS.get(request.form.get("act", ""), Verdict.NEW)
    if verdict is Verdict.NEW:
        abort(400)
    try:
        count = noted.review(found, request.form.getlist("noted"), verdict, me())
    except ValueRefused:
        session.rollback()
        return page(find(number), wanted({}), INVALID, [(value_words.REFUSED["none_ticked"], "#noted")])
    session.commit()
    flash(ngettext("%(num)s value was changed.", "%(num)s values were changed.", count), "done")
    return redirect(url_for("staff.case_observables", number=number))


@desk.post("/cases/<number>/observables/act", Permission.HANDLE)
def act_on_observables(number: str) -> Answer:
    """Do something with the ticked values."""
    found, told = hold(number), request.form
    picked = chosen(values.of_case(found, me()))
    since = reviewing.changed_since(found, moment_told("seen"), me())
    if newer := [say.shown_value(each) for each in picked if each.key in since]:
        more = "…" if len(newer) > NAMED else ""
        said = _(
            "A colleague said something about %(values)s while you were looking: look at that, and do it again if you"
            " still want to.",
            values=_(", ").join(newer[:NAMED]) + more,
        )
        return page(found, wanted(told), INVALID, [(said, "#values")], told=told)
    try:
        count = _act(found, picked)
    except ValueRefused as error:
        session.rollback()
        reason = "none_ticked" if error.reason == "no_value" else error.reason
        place = {"reason_missing": "#reason", "no_day": "#until", "odd_day": "#until"}.get(reason, "#values")
        return page(found, wanted(told), INVALID, [(value_words.REFUSED[reason], place)], told=told)
    session.commit()
    flash(ngettext("%(num)s value was changed.", "%(num)s values were changed.", count), "done")
    want = wanted(told)
    return redirect(url_for("staff.case_observables", number=found.number, page=want.page, **want.told))


def _act(case: Case, picked: list[Value]) -> int:
    told = request.form
    acts: dict[str, Callable[[], int]] = {
        **{name: partial(reviewing.judge, case, picked, verdict, me()) for name, verdict in VERDICTS.items()},
        "ignore": lambda: reviewing.ignore(case, picked, told.get("reason", "")[:500], me()),
        "heed": lambda: reviewing.heed(case, picked, me()),
        "expire": lambda: reviewing.hold_until(case, picked, _day(told.get("until", "")), me()),
        "usual": lambda: reviewing.hold_until(case, picked, None, me()),
    }
    return (acts.get(told.get("act", "")) or abort(400))()


def _day(told: str) -> date:
    try:
        day = date.fromisoformat(narrow(told))
    except ValueError as error:
        raise ValueRefused("no_day") from error
    if not clock.is_plausible(day):
        raise ValueRefused("odd_day")
    return day


@desk.get("/cases/<number>/observables/<key>", Permission.READ_CASES)
def one_observable(number: str, key: str) -> Answer:
    """All that is known about one value of a case."""
    found = find(number)
    each = next((each for each in values.of_case(found, me()) if each.key == key), None) or abort(404)
    known_in = relations.by_value(relations.of_values(found, [each], me())).get(key, [])
    facts: dict[str, Any] = {"known_in": known_in, "events": reviewing.history_of(found, key)}
    facts |= {"names": accounts.names(), "may_leave": indicators.may_leave(each), "value_words": value_words}
    more = enrichment.of_value(each, me())
    chain = directory_words.chain(more.answer.steps) if more.answer else []
    facts |= {"more": more, "chain": chain, "book": directory_words, "asks": bool(current().rdap_bootstrap)}
    return show("observable", case=found, value=each, **facts)


@desk.post("/cases/<number>/observables/<key>/registry", Permission.HANDLE)
def ask_registry(number: str, key: str) -> Answer:
    """Ask the registry about a value."""
    found = hold(number)
    each = next((each for each in values.of_case(found, me()) if each.key == key), None) or abort(404)
    try:
        row = enrichment.ask(found, each, me())
    except RegistryRefused as error:
        flash(value_words.REGISTRY[error.reason], "note")
    else:
        if row.state == registry.WAITING:
            flash(_("The registry is asked. Load this page again in a moment."), "done")
        session.commit()
    return redirect(url_for("staff.one_observable", number=found.number, key=key))


@desk.get("/values/ignored", Permission.READ_CASES)
def ignored_values() -> Answer:
    """Values by which nothing is compared."""
    return _ignored()


@desk.post("/values/ignored", Permission.HANDLE)
def ignore_values() -> Answer:
    """Ignore further ones."""
    told = request.form
    try:
        until = _day(told["until"]) if told.get("until") else None
        rows = ignored.ignore(told.get("value", "")[:5000], told.get("reason", "")[:500], until, me())
    except ValueRefused as error:
        places = {"reason_missing": "#reason", "past": "#until", "no_day": "#until", "odd_day": "#until"}
        return _ignored(INVALID, [(value_words.REFUSED[error.reason], places.get(error.reason, "#value"))])
    session.commit()
    flash(
        ngettext("%(num)s value is ignored from now on.", "%(num)s values are ignored from now on.", len(rows)), "done"
    )
    return redirect(url_for("staff.ignored_values"))


@desk.post("/values/ignored/<int:ignored_id>/end", Permission.HANDLE)
def heed_value(ignored_id: int) -> Answer:
    """Compare by it again."""
    ignored.heed(ignored_id, me())
    session.commit()
    flash(_("The value is compared again."), "done")
    return redirect(url_for("staff.ignored_values"))


def _ignored(status: int = 200, wrong: list[tuple[str, str]] | None = None) -> Answer:
    rows = [(row, ignored.holds(row)) for row in ignored.listed()]
    return show("ignored", status, wrong=wrong or [], rows=rows, names=accounts.names(), told=request.form)
