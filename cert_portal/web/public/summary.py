"""A report as people read it: sections of question and answer, for the check page and the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import format_datetime
from flask_babel import gettext as _

from cert_portal import config
from cert_portal.core.i18n import Language
from cert_portal.guidance import kinds, questions
from cert_portal.web.forms import words
from cert_portal.web.forms.way import find
from cert_portal.web.public.steps import STEPS


class Row(NamedTuple):
    """One question and the answer in words; an empty answer is printed as "Not provided"."""

    slug: str
    question: str
    answer: str


class Section(NamedTuple):
    """The answers of one page."""

    title: str
    rows: tuple[Row, ...]


def sections(answers: Mapping[str, Any], files: Sequence[str], language: Language) -> list[Section]:
    """All answers in the order in which they were asked."""
    says = answers.get
    parts: list[tuple[str, list[tuple[str, str]]]] = [
        ("who", _who(answers)),
        ("what", _what(answers, language)),
        *_of_kind(answers, language),
        ("when", _when(answers)),
        ("affected", _affected(answers)),
        ("personal-data", _personal(answers)),
        ("evidence", [(_("Files"), "\n".join(files))]),
        ("actions", [(question, says(name, "")) for name, question in _actions()]),
        ("contact", _contact(answers)),
    ]
    return [_section(slug, rows) for slug, rows in parts]


def when(at: datetime) -> str:
    """A point in time in the portal's zone, as people write it."""
    local = at.astimezone(config.current().zone)
    pattern = _("d MMMM yyyy, HH:mm")
    return str(_("%(time)s (HKT)", time=format_datetime(local, pattern, rebase=False)))


def moment(text: str | None, precision: str) -> str:
    """A stored time in the portal's zone, with how sure it is."""
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    if precision == "exact":
        return when(at)
    local = at.astimezone(config.current().zone)
    whole_day = (local.hour, local.minute) == (0, 0)
    said = format_datetime(local, _("d MMMM yyyy"), rebase=False) if whole_day else when(at)
    return str(_("about %(time)s", time=said))


def _section(slug: str, rows: Iterable[tuple[str, str]]) -> Section:
    step = find(STEPS, slug)
    return Section(str(step.title) if step else "", tuple(Row(slug, question, answer) for question, answer in rows))


def _word(table: words.Words, code: Any) -> str:
    return str(table[code]) if code in table else ""


def _listed(table: words.Words, codes: Iterable[str] | None) -> str:
    return "\n".join(str(table.get(code, code)) for code in codes or ())


def _who(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    says = answers.get
    rows = [(_("On whose behalf"), _word(words.REPORTER_KINDS, says("reporter_kind")))]
    if says("for_whom") or says("for_whom_relation"):
        rows.append((_("Who is affected"), says("for_whom", "")))
        rows.append((_("What you are to them"), says("for_whom_relation", "")))
        rows.append((_("May be contacted"), _word(words.YES_NO, says("for_whom_contact"))))
    return rows


def _of_kind(answers: Mapping[str, Any], language: Language) -> list[tuple[str, list[tuple[str, str]]]]:
    """The questions of the kind, if it has any, answered or not."""
    told = answers.get("answers") or {}
    asked = questions.of_kind(answers.get("kind", ""))
    rows = [(each.asks[language], each.words(told.get(each.code, ""), language)) for each in asked]
    return [("advice", rows)] if rows else []


def _what(answers: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    names = {kind.code: kind.name(language) for kind in kinds.load()}
    named = [names.get(answers.get("kind", ""), ""), answers.get("kind_other", "")]
    return [
        (_("Description"), answers.get("description", "")),
        (_("Kind of incident"), "\n".join(filter(None, named))),
        *([(_("Logs and indicators"), answers["indicators"])] if answers.get("indicators") else []),
    ]


def _when(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    says = answers.get
    return [
        (_("When it happened"), moment(says("occurred_at"), says("occurred_precision", ""))),
        (_("When you noticed it"), moment(says("discovered_at"), says("discovered_precision", ""))),
        (_("Still going on"), _word(words.YES_NO, says("still_going"))),
        (_("How you noticed it"), says("found_how", "")),
    ]


def _affected(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    says = answers.get
    people, hours, severity = says("people_affected"), says("tolerable_hours"), says("severity_told")
    return [
        (_("Equipment"), _listed(words.HARDWARE, says("hardware"))),
        (_("Software and services"), _listed(words.SOFTWARE, says("software"))),
        (_("What went wrong with information"), _listed(words.AFFECTS, says("affects"))),
        (_("Effect on your work"), says("business_effect", "")),
        (_("People affected"), "" if people is None else f"{people:,}"),
        (_("How bad it is"), "" if severity is None else _word(words.SEVERITY, str(severity))),
        (_("How long you can do without"), "" if hours is None else _("%(hours)s hours", hours=f"{hours:,g}")),
    ]


def _personal(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [(_("Personal data involved"), _word(words.YES_NO, answers.get("personal_data")))]
    if answers.get("personal_data") == "yes":
        rows.append((_("Which personal data"), answers.get("personal_data_what", "")))
        rows.append((_("Privacy Commissioner told"), _word(words.YES_NO, answers.get("pcpd_told"))))
    return rows


def _actions() -> tuple[tuple[str, str], ...]:
    return (
        ("action_detection", _("Found out so far")),
        ("action_containment", _("Done to stop it and to recover")),
        ("action_preparation", _("In place before it happened")),
        ("action_post", _("Planned afterwards")),
        ("others_told", _("Who else knows")),
        ("found_why", _("Why it could happen")),
        ("weaknesses", _("Weaknesses found")),
    )


def _contact(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    says = answers.get
    agreed = (_("May be passed to"), _listed(words.CONSENTS, says("consents")))
    if says("anonymous"):
        return [(_("How to reach you"), _("Do not contact me: I want to stay anonymous")), agreed]
    return [
        (_("Name"), says("name", "")),
        (_("Organisation"), says("organisation", "")),
        (_("E-mail"), says("email", "")),
        (_("Telephone"), says("telephone", "")),
        (_("Language"), words.LANGUAGES.get(says("language", ""), "")),
        (_("Best time"), _word(words.CONTACT_TIMES, says("contact_time"))),
        agreed,
    ]
