"""Words for what is suggested about a report and for the fields that can be set right, by code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from cert_portal.cases.suggestions import Suggestion, What, why_no_level
from cert_portal.guidance.signals import SUM
from cert_portal.intake.models import Report
from cert_portal.web import codes
from cert_portal.web.forms import words as form_words

Words = Mapping[Any, Any]

WHAT: Words = {
    What.KIND: _l("Kind"),
    What.LEVEL: _l("Level"),
    What.ORGANISATION: _l("Organisation"),
    What.CONCERNED: _l("Organisation concerned"),
    What.LABEL: _l("How far it may travel"),
}
FIELDS: Words = {
    "kind": _l("Kind"),
    "title": _l("Title"),
    "name": _l("Reporter"),
    "email": _l("E-mail address"),
    "telephone": _l("Telephone"),
    "organisation": _l("Organisation"),
    "concerned": _l("Organisation concerned"),
    "restriction": _l("How far it may travel"),
    "origin": _l("Where the report comes from"),
    "language": _l("Language of our letters"),
}
EVENTS: Words = {
    "report.edited": _l("Fields set right"),
    "report.secret_read": _l("The secret code was shown, to be read out"),
    "report.machine_added": _l("A program wrote; that is no answer"),
    "report.origin_set": _l("Origin set right"),
    "report.language_set": _l("Language of our letters set right"),
    "report.consent_withdrawn": _l("The reporter withdrew the consent to pass it on"),
    "report.level_proposed": _l("Suggested level taken over"),
}
NO_LEVEL: Words = {
    "no_effect": _l("none: the reporter says that it had no effect on the work"),
    "nothing_told": _l(
        "none: nobody said what leaked, what was changed or what stopped. Ask, or decide it in the case."
    ),
}
REFUSED: Words = {"no_suggestion": _l("What was suggested no longer holds. Look at the suggestions again.")}


def reason(each: Suggestion) -> str:
    """Why something is suggested, in a sentence."""
    facts = each.facts
    match each.reason:
        case "same_value":
            return ngettext(
                "%(num)s case with the same %(value)s is of this kind",
                "%(num)s cases with the same %(value)s are of this kind",
                facts["count"],
                value=facts["value"],
            )
        case "same_words":
            return ngettext(
                "%(num)s case that says nearly the same is of this kind",
                "%(num)s cases that say nearly the same are of this kind",
                facts["count"],
            )
        case "signals":
            words = [_("a sum of money") if word == SUM else word for word in facts["words"]]
            return _("the text names: %(words)s", words=" · ".join(words))
        case "label":
            return _("the text names %(label)s", label=each.value)
        case "agency":
            return _("by the answers of the member organisation: %(rule)s", rule=codes.RULES[facts["rule"]])
        case "told":
            told = " · ".join(_answer(*each) for each in facts["because"])
            return _("the reporter says “%(told)s”: %(rule)s", told=told, rule=codes.RULES[facts["rule"]])
        case "kind":
            return _("this kind is at least that: %(rule)s", rule=codes.RULES[facts["rule"]])
    return _place(each.reason, facts)


def _answer(question: str, code: str) -> str:
    if question == "personal_data":
        return _("personal data involved")
    return str(form_words.SEVERITY[code] if question == "severity_told" else form_words.AFFECTS_FORMAL[code])


def no_level(report: Report, found: Sequence[Suggestion]) -> str:
    """Why no level is suggested; "" where one is, or was taken over."""
    if any(each.what is What.LEVEL for each in found):
        return ""
    return str(NO_LEVEL.get(why_no_level(report), ""))


def _place(reason: str, facts: Mapping[str, Any]) -> str:
    if reason == "mail_domain":
        return _("%(domain)s is the domain of this organisation in the directory", domain=facts["domain"])
    if reason == "system":
        return _("%(value)s belongs to its AS%(asn)s in the directory", value=facts["value"], asn=facts["asn"])
    if reason == "held":
        return _("%(value)s lies in its network %(prefix)s in the directory", **_named(facts, "value", "prefix"))
    return _("%(value)s lies under its domain %(suffix)s in the directory", **_named(facts, "value", "suffix"))


def _named(facts: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: facts[name] for name in names}


def edited(data: Mapping[str, Any], kind: Any) -> str:
    """Which fields were set right; `kind` says what a kind is called."""
    fields = [str(FIELDS[name]) for name in data["fields"]]
    kinds = [f"{kind(data['before'])} → {kind(data['after'])}"] if data["after"] else []
    return " · ".join([*fields, *kinds])


def proposed(data: Mapping[str, Any], _names: Mapping[str, str]) -> str:
    """Which level was taken over, and by which rule."""
    return f"{codes.LEVELS[data['level']]} · {codes.RULES[data['rule']]}"


FILE_NOTES: Words = {
    "type_lies": _l("is not what its name says"),
    "archive_bomb": _l("would unpack to something enormous"),
    "empty": _l("empty"),
    "not_looked_into": _l("not looked into, the message had too many files"),
}
"""What is odd about a file."""
