"""How the staff pages say things: times, time left, who did what and why something is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import get_timezone_name
from flask import g
from flask_babel import format_date, format_datetime, get_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup, escape

from cert_portal.cases import mentions
from cert_portal.cases.bulk_reports import deciders
from cert_portal.cases.clocks import Reading, Standing
from cert_portal.cases.letters import LetterRefused
from cert_portal.cases.mentions import MentionRefused
from cert_portal.cases.models import Case
from cert_portal.cases.triage import TriageRefused
from cert_portal.cases.withheld import pieces, without_doors
from cert_portal.cases.workflow import MoveRefused
from cert_portal.config import current
from cert_portal.core.i18n import Language
from cert_portal.core.text import defang, unturned
from cert_portal.directory import accounts
from cert_portal.guidance import wordbook
from cert_portal.guidance.advice import UnknownBody, who_to_tell
from cert_portal.guidance.kinds import UnknownKind, by_code
from cert_portal.guidance.wordbook import Shelf
from cert_portal.intake.observables import defanged
from cert_portal.web import frame
from cert_portal.web.forms.spans import span
from cert_portal.web.forms.words import LANGUAGES
from cert_portal.web.staff import (
    agency_words,
    letter_words,
    merging_words,
    referral_words,
    triage_words,
    value_words,
    words,
)
from cert_portal.web.staff.taking_words import ORIGINS


def language() -> Language:
    """The reader's language."""
    return frame.language()


def kind(code: str) -> str:
    """The name of a kind of incident; an unknown code as it is."""
    try:
        return by_code(code).name(language())
    except UnknownKind:
        return code


def refusal(code: str) -> str:
    """A reason of refusal: the centre's own word, else ours."""
    return wordbook.of(Shelf.REFUSAL, code).name(language()) or str(words.REFUSALS.get(code, code))


def tag(code: str) -> str:
    """A tag as the reader's language calls it."""
    return wordbook.of(Shelf.TAG, code).name(language()) or code


def body(code: str) -> str:
    """The name of a body that somebody was referred to; an unknown code as it is."""
    try:
        return who_to_tell([code], language())[0].name
    except UnknownBody:
        return code


def why(error: Any) -> list[Any]:
    """Sentences for a refusal of the stages."""
    if isinstance(error, MoveRefused):
        return [words.CONDITIONS[name] for name in error.missing]
    if isinstance(error, TriageRefused) and error.told:
        return [_("The case was merged into %(number)s: take the reports out on its page.", number=error.told)]
    told = words.REFUSED[error.reason]
    if isinstance(error, LetterRefused):
        return [str(told) % {"told": error.told}]
    return [str(told) % {"name": error.name} if isinstance(error, MentionRefused) else told]


def quicker(numbers: Sequence[str]) -> dict[str, str]:
    """Sentences for who decided about each of these reports."""
    told, names = deciders(numbers), accounts.names()
    return {each: _("%(name)s has dealt with it.", name=who(names.get(by, by))) for each, by in told.items()}


def typed(told: str) -> str:
    """What somebody typed, with the signs that turn its direction to be seen."""
    return unturned(told)


def zone() -> str:
    """The time zone of everything that the desk reads and types, by name."""
    if current().timezone == "Asia/Hong_Kong":
        return _("Hong Kong time")
    return f"{get_timezone_name(current().zone, locale=get_locale())} ({current().timezone})"


def moment(at: datetime) -> str:
    """A time as everybody here reads it: 21 Nov 2026 22:51 (HKT)."""
    name = at.astimezone(current().zone).tzname()
    return minute(at) + (f"（{name}）" if language() is Language.ZH_HANT else f" ({name})")


def minute(at: datetime) -> str:
    """The same without the zone."""
    return format_datetime(at, "y年M月d日 HH:mm" if language() is Language.ZH_HANT else "d MMM y HH:mm")


def day(told: date | str) -> str:
    """A day as everybody here reads it: 21 Nov 2026; of a moment, the day that it is here then."""
    at = date.fromisoformat(told) if isinstance(told, str) else told
    at = at.astimezone(current().zone).date() if isinstance(at, datetime) else at
    return format_date(at, "y年M月d日" if language() is Language.ZH_HANT else "d MMM y")


def told_moment(told: str | None, precision: str | None) -> str:
    """A time that a reporter told (ISO 8601), and whether it is only about then."""
    if not told:
        return ""
    at = moment(datetime.fromisoformat(told))
    return at if precision == "exact" else _("about %(at)s", at=at)


def file_notes(notes: Sequence[str]) -> str:
    """What is odd about a file, in words."""
    return " · ".join(str(triage_words.FILE_NOTES[each]) for each in notes)


def left(reading: Reading) -> str:
    """The time left, or since when it is over, in words."""
    if reading.standing in (Standing.MET, Standing.MISSED):
        return str(words.STANDINGS[reading.standing])
    if abs(reading.left) < timedelta(minutes=1):
        return _("due now")
    time = span(abs(reading.left))
    if reading.left < timedelta(0):
        return _("overdue by %(span)s", span=time)
    if reading.standing is Standing.SOON:
        return _("due soon: %(span)s left", span=time)
    return _("%(span)s left", span=time)


def left_of_case(reading: Reading) -> str:
    """The same, saying which clock it is where it is not that of the resolution."""
    if reading.code not in words.CLOCKS_OF_CASES:
        return left(reading)
    return _("%(clock)s: %(left)s", clock=words.CLOCKS_OF_CASES[reading.code], left=left(reading))


def who(actor: str) -> str:
    """Who did it: a name, or one of two words."""
    return {"system": _("The portal"), "reporter": _("The reporter"), "party": _("The party")}.get(actor, actor)


def details(entry: Any, names: Mapping[str, str]) -> str:
    """What a line of the timeline says besides its heading."""
    data = entry.data or {}
    teller = _TELLERS.get(entry.kind)
    if teller:
        return teller(data, names)
    if entry.kind.startswith("case.") and "before" in data:
        told = [str(words.OUTCOMES[data["outcome"]])] if data.get("outcome") else []
        told += [_("until %(day)s", day=day(data["until"]))] if data.get("until") else []
        return " · ".join(told)
    return ""


def level(case: Case) -> str:
    """The level of a case in words; of none, whether that was decided."""
    if case.level:
        return str(words.LEVELS[case.level])
    return _("No level") if case.level_rule else _("Not decided")


def _level(data: Mapping[str, Any], _names: Mapping[str, str]) -> str:
    level = words.LEVELS[data["level"]] if data["level"] else _("No level")
    if data["override"]:
        return _("%(level)s, set by a person; the rule said: %(rule)s", level=level, rule=words.RULES[data["rule"]])
    return _("%(level)s, because %(rule)s", level=level, rule=words.RULES[data["rule"]])


def _owner(data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    before, after = (names.get(f"user:{each}", "") if each else _("Nobody") for each in (data["before"], data["after"]))
    return f"{before} → {after}" if data["before"] else after


def _planned(data: Mapping[str, Any]) -> str:
    return f"{data['report']} · {moment(datetime.fromisoformat(data['leaves_at']))}"


def _unread(data: Mapping[str, Any]) -> str:
    unread = data.get("unread", 0)
    return ngettext("%(num)s page could not be read", "%(num)s pages could not be read", unread) if unread else ""


_TELLERS: Mapping[str, Any] = {
    "case.level_set": _level,
    "case.owner_set": _owner,
    "case.convenor_briefed": lambda data, names: str(words.LEVELS[data["level"]]),
    "case.phase_set": lambda data, names: f"{words.PHASES[data['before']]} → {words.PHASES[data['after']]}",
    "case.kind_set": lambda data, names: kind(data["after"]),
    "case.opened": lambda data, names: " · ".join([kind(data["kind"]), *data["reports"]]),
    "case.report_attached": lambda data, names: data["report"],
    "case.findings_attached": lambda data, names: " · ".join([str(data["findings"]), *data["feeds"]]),
    "finding.attached": lambda data, names: data["case"],
    "finding.set_aside": lambda data, names: str(words.SET_ASIDE[data["reason"]]),
    "case.access_granted": lambda data, names: names.get(data["user"], data["user"]),
    "case.access_revoked": lambda data, names: names.get(data["user"], data["user"]),
    "case.observables_exported": lambda data, names: f"{data['form'].upper()} · {data['tlp']} · {data['count']}",
    "case.letter_planned": lambda data, names: _planned(data),
    "case.letter_replanned": lambda data, names: _planned(data),
    "case.letter_cancelled": lambda data, names: data["report"],
    "case.letter_stopped": lambda data, names: f"{data['report']} · {letter_words.STOPPED[data['reason']]}",
    "report.letter_planned": lambda data, names: moment(datetime.fromisoformat(data["leaves_at"])),
    "report.letter_replanned": lambda data, names: moment(datetime.fromisoformat(data["leaves_at"])),
    "report.letter_stopped": lambda data, names: str(letter_words.STOPPED[data["reason"]]),
    "case.drill_set": lambda data, names: str(letter_words.EXERCISE_IS[data["drill"]]),
    "report.drill_set": lambda data, names: str(letter_words.EXERCISE_IS[data["drill"]]),
    "case.tlp_set": lambda data, names: f"{data['before']} → {data['after']}",
    "case.exported": lambda data, names: letter_words.left_as_file(data),
    "case.tagged": lambda data, names: data["tag"],
    "case.untagged": lambda data, names: data["tag"],
    "report.not_acknowledged": lambda data, names: str(words.NOT_ANSWERED.get(data["reason"], data["reason"])),
    "report.text_not_answered": lambda data, names: str(words.NOT_ANSWERED.get(data["reason"], data["reason"])),
    "report.attached": lambda data, names: data["case"],
    "report.taken_out": lambda data, names: data["case"],
    "case.reports_taken_out": lambda data, names: " · ".join(data["reports"]),
    "report.refused": lambda data, names: refusal(data["reason"]),
    "report.referred_elsewhere": lambda data, names: body(data["body"]),
    **referral_words.TELLERS,
    "referral.planned": lambda data, names: moment(datetime.fromisoformat(data["leaves_at"])),
    **agency_words.TELLERS,
    **merging_words.TELLERS,
    **value_words.TELLERS,
    "case.values_expiry_set": lambda data, names: value_words.until(data, day),
    "report.consent_withdrawn": lambda data, names: " · ".join(str(words.MAY_GO_TO[each]) for each in data["consents"]),
    "report.origin_set": lambda data, names: " → ".join(str(ORIGINS[data[each]]) for each in ("before", "after")),
    "report.pages_read": lambda data, names: _unread(data),
    "report.language_set": lambda data, names: str(LANGUAGES[data["after"]]),
    "report.edited": lambda data, names: triage_words.edited(data, kind),
    "report.level_proposed": triage_words.proposed,
    "report.received": lambda data, names: f"{words.CHANNELS[data['channel']]} · {kind(data['kind'])}",
}


def marked(entry: Any) -> list[mentions.Piece]:
    """The words of an entry in pieces; those that name a colleague who was told are marked."""
    ids = (entry.data or {}).get("mentions")
    if ids and "everybody" not in g:
        g.everybody = accounts.everybody()  # once for a page, however many notes it shows
    found = mentions.pieces(entry.text, [user for user in g.everybody if user.id in ids] if ids else [])
    return [(typed(piece), names_somebody) for piece, names_somebody in found]


def clock_time(at: datetime) -> str:
    """A time of the day: 09:30."""
    return f"{at.astimezone(current().zone):%H:%M}"


def weekday(told: date) -> str:
    """A day with its weekday: Mon 4 May."""
    return format_date(told, "M月d日（EEEE）" if language() is Language.ZH_HANT else "E d MMM")


def safe(value: str) -> str:
    """An address that nobody clicks by accident."""
    return defang(value)


def masked_number(number: str) -> str:
    """The last three digits of a telephone number: enough to compare, too few to call."""
    return f"…{number[-3:]}"


def shown_value(told: Any) -> str:
    """A value with its kind: whatever could be clicked is defanged."""
    return defang(told.value) if told.kind in ("url", "domain", "ip", "email") else str(told.value)


def safe_text(words: str) -> str:
    """A text, logs among them, with its addresses so and with signs that turn its direction to be seen; times and
    versions in it stay as they are.
    """
    return unturned(defanged(words))


def withheld(entry: Any) -> str:
    """The words of an entry for a file: without what opens a door."""
    return without_doors(entry.text, entry.about)


def letter_text(text: str) -> Markup:
    """The words of a letter; what opens a door is marked, so that it stays off paper."""
    door = Markup('<span class="staff-door">{}</span>')
    return Markup("").join(door.format(piece) if opens else escape(piece) for piece, opens in pieces(typed(text)))


def sender(language_code: str) -> str:
    """Whom a letter of the desk comes from, as its head says."""
    return f"{current().centre_name(Language(language_code))} <{current().report_address}>"


def masked(address: str) -> str:
    """An address that tells where a letter went, but not to whom."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"
