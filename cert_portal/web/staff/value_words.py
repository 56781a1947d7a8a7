"""Words about the values of cases, by code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from cert_portal.cases import indicators, reviewing
from cert_portal.cases.models import Verdict
from cert_portal.cases.relations import Known, Relation
from cert_portal.cases.reviewing import Outcome
from cert_portal.cases.values import Standing, Value

Words = Mapping[Any, Any]
STANDINGS: Words = {
    Standing.NEW: _l("To review"),
    Standing.CONFIRMED: _l("Confirmed"),
    Standing.REJECTED: _l("Rejected"),
    Standing.QUIET: _l("Not compared"),
}
COLOURS: Words = {
    Standing.NEW: "blue",
    Standing.CONFIRMED: "green",
    Standing.REJECTED: "red",
    Standing.QUIET: "grey",
}
VERDICTS: Words = {
    Verdict.NEW: _l("Opened again"),
    Verdict.CONFIRMED: _l("Confirmed"),
    Verdict.REJECTED: _l("Rejected"),
}
OUTCOMES: Words = {
    Outcome.TAKEN: _l("Taken"),
    Outcome.ALREADY: _l("Already there"),
    Outcome.ALLOW_LISTED: _l("On the allow list or ignored everywhere: not taken"),
    Outcome.IN_PART: _l("Taken in part"),
    Outcome.ALREADY_IN_PART: _l("Already there, in part"),
    Outcome.RANGE: _l("A range, not taken: refer it by its AS number, or add single addresses"),
    Outcome.NOT_UNDERSTOOD: _l("Not understood"),
}
OUTCOME_COLOURS: Words = {
    Outcome.TAKEN: "green",
    Outcome.ALREADY: "grey",
    Outcome.ALLOW_LISTED: "yellow",
    Outcome.IN_PART: "yellow",
    Outcome.ALREADY_IN_PART: "yellow",
    Outcome.RANGE: "red",
    Outcome.NOT_UNDERSTOOD: "red",
}
REFUSED: Words = {
    "no_value": _l("Choose at least one value that may leave"),
    "none_ticked": _l("Choose at least one value"),
    "empty": _l("Enter at least one address, hash or the like"),
    "too_many": _l("These are more than 5,000 lines: paste them in parts"),
    "too_long": _l("These are more than 500,000 characters: paste them in parts"),
    "full": _l("A case holds at most 10,000 added values: nothing of these lines was added"),
    "loses_part": _l(
        "More would be ignored than is typed: put https:// in front of an address with a path or a port, or enter the "
        "domain or the IP address alone"
    ),
    "reason_missing": _l("Say why"),
    "past": _l("This day is over: choose today or a later one"),
    "odd_day": _l("Enter a day between the years 1990 and 2200"),
    "no_day": _l("Enter a day, or choose the usual time"),
    "tlp": _l("The case, its reports or a restriction allow no such label. Choose one that is offered."),
}
REGISTRY: Words = {
    "off": _l("Registries are not asked: the setting RDAP_BOOTSTRAP is empty."),
    "no_question": _l("No registry knows values of this kind."),
    "not_public": _l("This address is not on the open Internet."),
    "no_registry": _l("No registry that can be asked answers for this."),
    "not_found": _l("The registry does not know it."),
    "no_answer": _l("The registry gave no answer that can be read."),
    "away": _l("The registry could not be reached."),
    "too_slow": _l("The registry did not answer in time."),
}
REGISTRY_FACTS: Words = {
    "name": _l("Registered name"),
    "holder": _l("Holder"),
    "range": _l("Range"),
    "country": _l("Country"),
    "registrar": _l("Registrar"),
    "handle": _l("Handle"),
}
REGISTRY_EVENTS: Words = {
    "registration": _l("Registered"),
    "expiration": _l("Expires"),
    "last changed": _l("Last change"),
}
EVENTS: Words = {
    reviewing.REGISTRY_ASKED.name: _l("Registry asked"),
    reviewing.ADDED.name: _l("Values added"),
    reviewing.JUDGED.name: _l("Values reviewed"),
    reviewing.IGNORED.name: _l("Values no longer compared"),
    reviewing.HEEDED.name: _l("Values compared again"),
    reviewing.EXPIRY_SET.name: _l("End of values set"),
    indicators.EXPORTED.name: _l("Observables downloaded as a file"),
}


def _count(data: Mapping[str, Any], _names: object) -> str:
    return ngettext("%(num)s value", "%(num)s values", len(data["values"]))


def _judged(data: Mapping[str, Any], names: object) -> str:
    return f"{VERDICTS[data['verdict']]} · {_count(data, names)}"


def until(data: Mapping[str, Any], day: Callable[[str], str]) -> str:
    """Until when values hold, as an event tells it."""
    told = _("holds until %(day)s", day=day(data["until"])) if data["until"] else _("holds for the usual time")
    return f"{told} · {_count(data, ())}"


TELLERS: Words = {
    reviewing.REGISTRY_ASKED.name: _count,
    reviewing.ADDED.name: _count,
    reviewing.JUDGED.name: _judged,
    reviewing.IGNORED.name: _count,
    reviewing.HEEDED.name: _count,
}


def trouble(code: str) -> str:
    """Why a registry said nothing."""
    return str(REGISTRY.get(code) or _("The registry could not be read (%(code)s).", code=code))


def reasons(value: Value, *, notes: bool = True) -> str:
    """Why a value is not compared; what a colleague wrote of that only with `notes`."""
    told = [_("says nothing")] if value.known else []
    told += [_("ignored everywhere")] if value.everywhere else []
    told += [value.ignored] if value.ignored and notes else []
    return " · ".join([*told, *([_("out of date")] if value.is_expired else [])])


def how(known: Known) -> str:
    """How another case knows a value."""
    told = [_("named by its reports")] if known.named else []
    told += [_("added there by a person")] if known.added else []
    return " · ".join([*told, *([_("confirmed there")] if known.confirmed else [])])


def why(relation: Relation) -> str:
    """Why another case is found."""
    count = len(relation.values)
    told = [ngettext("%(num)s value in common", "%(num)s values in common", count)]
    told += [_("named by its reports")] if relation.by_reports else []
    told += [_("added there by a person")] if relation.by_hand else []
    if relation.confirmed:
        told.append(ngettext("%(num)s confirmed there", "%(num)s confirmed there", relation.confirmed))
    return " · ".join(told)


def one(event: Any, day: Callable[[str], str]) -> str:
    """What an event says about one value."""
    if "verdict" in event.data:
        return str(VERDICTS[event.data["verdict"]])
    if "until" in event.data:
        return _("holds until %(day)s", day=day(event.data["until"])) if event.data["until"] else _("the usual time")
    return ""
