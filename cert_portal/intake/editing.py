"""What a person at the desk sets right in the fields of a report. The message as it came stays what it was."""

from __future__ import annotations

from collections.abc import Mapping

from cert_portal.core import clock, telephone, tlp
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.text import one_line
from cert_portal.directory.models import User
from cert_portal.guidance.kinds import by_code
from cert_portal.intake import events
from cert_portal.intake.compare import compare
from cert_portal.intake.models import Report
from cert_portal.intake.receive import GUESSED, spoken
from cert_portal.intake.submission import Origin

COLUMNS = {"title": "title", "name": "reporter_name", "email": "reporter_email", "telephone": "reporter_telephone"}
"""Fields that have a column of their own, and which; all but the title stand in `details` too."""
LABEL = "restriction"
DETAILS = ("organisation", "concerned", LABEL)
"""The organisation of the reporter, the one that can do something about what is reported, and the TLP label."""
FIELDS = ("kind", *COLUMNS, *DETAILS)
LONGEST = {"title": 200, "name": 200, "email": 320, "telephone": 60, "organisation": 200, "concerned": 200}
LANGUAGE = "language"
EDITED = "edited"
"""Under this name `details` lists the fields that a person set; reading the original again leaves them alone."""


def fields_of(report: Report) -> dict[str, str]:
    """What can be set right, as it is now."""
    told = {name: str(getattr(report, column) or "") for name, column in COLUMNS.items()}
    return {"kind": report.kind, **told, **{name: str(report.details.get(name) or "") for name in DETAILS}}


def all_of(report: Report) -> dict[str, str]:
    """The same with where it comes from and the language of its letters, as a form shows it."""
    return {**fields_of(report), "origin": report.origin, LANGUAGE: report.language}


def wished(report: Report, told: Mapping[str, str], shown: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What a form changed against what it showed, and the names of that which somebody else changed meanwhile.

    The row is held. Of what was not shown, what stands there now counts as shown.
    """
    session.flush()
    session.refresh(report, with_for_update=True)
    now = {name: _one_line(value) for name, value in all_of(report).items()}
    before = {name: _one_line(shown.get(name, value)) for name, value in now.items()}
    mine = {name: _one_line(told[name] or "") for name in now if name in told}
    wanted = {name: value for name, value in mine.items() if value != before[name]}
    return wanted, [name for name, value in wanted.items() if now[name] not in (before[name], value)]


def edit(report: Report, told: Mapping[str, str], actor: User) -> list[str]:
    """Set the fields that were told and differ; answers their names. A search finds the new words. Raises UnknownKind.

    What was there before stands in the text of the event, which can be erased.
    """
    session.flush()
    session.refresh(report, with_for_update=True)
    before = fields_of(report)
    wanted = {name: _plain(name, told[name]) for name in FIELDS if name in told}
    changed = {name: value for name, value in wanted.items() if value != before[name]}
    if not changed:
        return []
    _set(report, changed)
    words = [f"{before[name] or '–'} → {value or '–'}" for name, value in changed.items() if name != "kind"]
    was, now = (before["kind"], changed["kind"]) if "kind" in changed else ("", "")
    told_before = "\n".join(words) or None
    record(events.EDITED, report.number, actor.actor, text=told_before, fields=list(changed), before=was, after=now)
    session.flush()
    compare(report)
    return list(changed)


def narrow(report: Report, words: str) -> bool:
    """Mark it with the label that a subject names, unless it bears as narrow a one; False when nothing is new.

    What a person set stays.
    """
    before, told = str(report.details.get(LABEL) or ""), tlp.narrowest(words)
    label = tlp.narrowest(f"{before} {told}")
    if label == before or LABEL in report.details.get(EDITED, ()):
        return False
    report.details = {**report.details, LABEL: label}
    return True


def narrow_after_answer(report: Report, subject: str) -> None:
    """An answer is TLP:RED: so is the report from now on. Every other label may be that of our own letter."""
    before = str(report.details.get(LABEL) or "–")
    if tlp.narrowest(subject) == tlp.TLP.RED and narrow(report, subject):
        told = f"{before} → {tlp.TLP.RED.value}"
        record(events.EDITED, report.number, "reporter", text=told, fields=[LABEL], before="", after="")


def set_origin(report: Report, origin: Origin, actor: User) -> bool:
    """Say whose report it is; False when nothing is new. An acknowledgement that is still to come follows it."""
    session.flush()
    session.refresh(report, with_for_update=True)
    before = report.origin
    if before == origin:
        return False
    report.origin, report.updated_at = origin, clock.now()
    guess_language(report)
    record(events.ORIGIN_SET, report.number, actor.actor, before=before, after=origin)
    return True


def set_language(report: Report, language: Language, actor: str) -> bool:
    """Say in which language the reporter is written to from now on; False when nothing is new. No guess changes it."""
    session.flush()
    session.refresh(report, with_for_update=True)
    before = report.language
    if before == language:
        return False
    report.language, report.updated_at = language, clock.now()
    report.details = {**report.details, EDITED: sorted({*report.details.get(EDITED, ()), LANGUAGE})}
    record(events.LANGUAGE_SET, report.number, actor, before=before, after=language)
    return True


def guess_language(report: Report) -> None:
    """Decide anew where it was guessed and nobody set it: after other words (`details`), or another origin."""
    if report.channel in GUESSED and LANGUAGE not in report.details.get(EDITED, ()):
        guess = Language(report.details.get(LANGUAGE) or report.language)
        report.language = spoken(report.channel, report.origin, guess)


def _plain(name: str, value: str) -> str:
    if name == LABEL:
        return tlp.narrowest(value)
    return by_code(value).code if name == "kind" else _one_line(value)[: LONGEST[name]]


def _one_line(value: str) -> str:
    return one_line(value)


def _set(report: Report, changed: Mapping[str, str]) -> None:
    details = {name: value for name, value in changed.items() if name != "title"}
    edited = sorted({*report.details.get(EDITED, ()), *changed})
    report.details = {**report.details, **details, EDITED: edited}
    report.kind = changed.get("kind", report.kind)
    for name, column in COLUMNS.items():
        if name in changed:
            setattr(report, column, changed[name])
    if "telephone" in changed:
        report.telephone_key = telephone.key(changed["telephone"])
    report.updated_at = clock.now()
