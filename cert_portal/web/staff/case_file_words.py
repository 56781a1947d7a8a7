"""What the file of a case says in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from cert_portal.config import current
from cert_portal.guidance import questions
from cert_portal.web import codes
from cert_portal.web.forms import words
from cert_portal.web.frame import language
from cert_portal.web.staff import letter_words, say

Words = Mapping[Any, Any]
FIELDS: Words = {
    "description": _l("Description"),
    "kind": _l("Kind of incident"),
    "kind_other": _l("Kind in the reporter's words"),
    "hardware": _l("Equipment"),
    "software": _l("Software and services"),
    "severity_told": _l("How bad it is"),
    "affects": _l("What went wrong with information"),
    "business_effect": _l("Effect on the work"),
    "people_affected": _l("People affected"),
    "occurred_at": _l("When it happened"),
    "discovered_at": _l("When it was noticed"),
    "found_how": _l("How it was noticed"),
    "found_why": _l("Why it happened"),
    "weaknesses": _l("Weaknesses found"),
    "personal_data": _l("Personal data involved"),
    "personal_data_what": _l("Which personal data"),
    "pcpd_told": _l("Privacy Commissioner told"),
    "tolerable_hours": _l("Longest tolerable time, in hours"),
    "action_preparation": _l("In place before it happened"),
    "action_detection": _l("Found out so far"),
    "action_containment": _l("Done to stop it and to recover"),
    "action_post": _l("Planned afterwards"),
    "reporter_kind": _l("On whose behalf"),
    "others_told": _l("Who else was told"),
    "consents": _l("May be passed on to"),
    "reference": _l("The sender's own reference"),
    "restriction": _l("How far the sender lets it travel"),
}
"""Fields of the incident form, by name; those of precision are told with their time."""
_ANSWERS: Words = {
    "hardware": words.HARDWARE,
    "software": words.SOFTWARE,
    "severity_told": words.SEVERITY,
    "affects": words.AFFECTS_FORMAL,
    "personal_data": words.YES_NO,
    "pcpd_told": words.YES_NO,
    "reporter_kind": words.REPORTER_KINDS,
    "consents": words.CONSENTS,
}

IMPACT: Words = {
    "leaked": (_l("What leaked?"), codes.LEAKS),
    "tampered": (_l("What was changed?"), codes.TAMPERINGS),
    "halted": (_l("What was disturbed or stopped?"), codes.HALTS),
    "tolerable_hours": (_l("Longest outage that can be borne, in hours"), {}),
    "expected_hours": (_l("Expected outage, in hours"), {}),
}
"""The answers that the level is derived from: the question, and the words of the answers that are codes."""


def rows(form: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Item of the catalogue, question and answer, in order; "" where nothing was answered."""
    return [
        (item, str(FIELDS[name]), answer(name, fields))
        for item, fields in form.items()
        for name in fields
        if name in FIELDS
    ]


def answer(name: str, fields: Mapping[str, Any]) -> str:
    """One answer in words."""
    told = fields[name]
    if told is None or told == "" or told == []:
        return ""
    if name == "kind":
        return say.kind(told)
    if name in ("occurred_at", "discovered_at"):
        return say.told_moment(told, fields[name.replace("_at", "_precision")])
    if isinstance(told, float):
        return f"{told:g}"
    known = _ANSWERS.get(name, {})
    return "\n".join(str(known.get(str(each), each)) for each in (told if isinstance(told, list) else [told]))


def more(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a reporter told besides the incident form, each with its question; what was left open is left out."""
    whom = [details.get("for_whom"), details.get("for_whom_relation")]
    if (may := str(details.get("for_whom_contact") or "")) in words.YES_NO:
        whom.append(_("may be contacted: %(answer)s", answer=words.YES_NO[may]))
    time, going = str(details.get("contact_time") or ""), str(details.get("still_going") or "")
    found = [
        *questions.answered(details.get("answers") or {}, language()),
        (_("On behalf of"), " · ".join(str(each) for each in whom if each)),
        (_("Best time"), words.CONTACT_TIMES.get(time, time)),
        (_("Postal address"), details.get("address")),
        (_("Still going on"), words.YES_NO.get(going)),
        (_("Organisation concerned"), details.get("concerned")),
        (_("Logs and indicators"), details.get("indicators")),
    ]
    return [(str(question), str(told)) for question, told in found if told]


def people(told: Mapping[str, Any]) -> str:
    """Who may see a case that leaves as data, a line for each."""
    if not told["restricted"]:
        return _("Everybody at the centre who may read cases.")
    itself = _("opened or restricted the case, or owns it")
    return "\n".join(_with(each["name"], each["reason"] or (each["code"] and itself)) for each in told["named"])


def links(told: Mapping[str, Any]) -> str:
    """What the case has to do with others, a line for each."""
    return "\n".join(_with(each["case"], each["reason"] or (each["code"] and _("Split off"))) for each in told["links"])


def _with(told: str, why: str) -> str:
    return f"{told} – {why}" if why else told


def impact(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The answers that the level is derived from, each with its question; none where nobody answered."""
    return [
        (str(question), str(known[answer]) if known else f"{answer:g}")
        for name, (question, known) in IMPACT.items()
        if (answer := told["impact"].get(name)) is not None
    ]


def waits(letter: Mapping[str, Any]) -> str:
    """Until when a letter for later waits, or why it did not leave."""
    if letter["state"] == "stopped":
        return " · ".join([_("Did not leave"), str(letter_words.STOPPED[letter["reason"]])])
    return " · ".join([_("Waits"), say.moment(datetime.fromisoformat(letter["leaves_at"]))])


def how_to_check(name: str, fingerprint: str) -> str:
    """What lies beside the file, so that whoever gets it can check it."""
    lines = [
        _("How to check that this file is ours and whole"),
        "",
        _("1. Take our keys from %(address)s/pgp.asc and import them:", address=current().base_url),
        "   gpg --import pgp.asc",
        _("2. Check the file:"),
        f"   gpg --verify {name}.asc {name}",
        _("3. It must say “Good signature” and show this fingerprint:"),
        f"   {fingerprint}",
        _("4. Compare the fingerprint with one from another place: a printed letter, or a call to our hotline."),
        f"   {current().hotline}",
        "",
    ]
    return "\n".join(lines)
