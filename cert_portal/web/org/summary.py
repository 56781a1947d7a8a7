"""A report of an organisation as people read it: sections of question and answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from cert_portal.guidance import kinds, questions
from cert_portal.web import frame
from cert_portal.web.forms import agency_say, agency_told, words
from cert_portal.web.forms.agency_told import Row
from cert_portal.web.org.steps import STEPS

Section = tuple[str, list[Row]]


def sections(details: Mapping[str, Any], facts: Mapping[str, Any], files: Sequence[str]) -> list[Section]:
    """All answers by page, in the order asked: `details` of the report, `facts` of the organisation."""
    rows = [
        *_report(details),
        *agency_told.facts(facts),
        *agency_told.losses(facts),
        ("evidence", _("Files"), "\n".join(files)),
        *_contact(details),
    ]
    found = [(str(step.title), [row for row in rows if row[0] == step.slug]) for step in STEPS]
    return [(title, asked) for title, asked in found if asked]


def _report(details: Mapping[str, Any]) -> list[Row]:
    language, says = frame.language(), details.get
    kind = kinds.by_code(says("kind") or "not_sure")
    named = " · ".join(filter(None, (kind.name(language), says("kind_other"))))
    asked = questions.answered(says("answers") or {}, language)
    return [
        ("when", _("When it happened"), moment(says("occurred_at"), says("occurred_precision"))),
        ("when", _("When you noticed it"), moment(says("discovered_at"), says("discovered_precision"))),
        ("when", _("Still going on"), str(words.YES_NO.get(says("still_going") or "", ""))),
        ("when", _("How you noticed it"), says("found_how") or ""),
        ("what", _("Description"), says("description") or ""),
        ("what", _("Kind of incident"), named),
        ("support", _("Done to stop it and to recover"), says("action_containment") or ""),
        *(("details", question, said) for question, said in asked),
    ]


def _contact(details: Mapping[str, Any]) -> list[Row]:
    says = details.get
    return [
        ("contact", _("Organisation"), says("organisation") or ""),
        ("contact", _("Name"), says("name") or ""),
        ("contact", _("E-mail"), says("email") or ""),
        ("contact", _("Telephone"), says("telephone") or ""),
        ("contact", _("Best time"), str(words.CONTACT_TIMES.get(says("contact_time") or "", ""))),
    ]


def moment(told: str | None, precision: str | None) -> str:
    """A stored time, and whether it is only about then."""
    if not told:
        return ""
    at = agency_say.when(datetime.fromisoformat(told))
    return at if precision == "exact" else _("about %(time)s", time=at)
