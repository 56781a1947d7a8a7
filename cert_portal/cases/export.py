"""What leaves the desk as data: a list of cases in rows, and one case with everything that the person may see.

Both bear TLP:AMBER or a narrower label: they hold what reporters say about themselves (catalogue 000-49 to 000-60).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cert_portal.cases import access, conditions, events, family, later, tags, timeline, values, wording
from cert_portal.cases.bounds import labels, widest_of
from cert_portal.cases.clocks import Reading
from cert_portal.cases.correspondence import PlannedLetter
from cert_portal.cases.ignored import ValueRefused
from cert_portal.cases.labels import narrower
from cert_portal.cases.links import SPLIT, links_of
from cert_portal.cases.models import Case
from cert_portal.cases.query import Query
from cert_portal.cases.queue import NO_CLOCKS, Sort, View, numbers, reports
from cert_portal.cases.related import observables_of
from cert_portal.cases.sightings import all_findings_of
from cert_portal.cases.triage import OPENED_BY
from cert_portal.cases.visible import how_many_reports, reports_of, visible_to
from cert_portal.cases.withheld import without_doors
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import declare, record
from cert_portal.core.i18n import Language
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.tlp import TLP
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from cert_portal.intake.submission import Submission
from cert_portal.monitoring.models import Finding

MOST = 10_000
LIST_EXPORTED = declare("desk.list_exported", "A list of cases left as a file", "cases")
CASE_EXPORTED = declare("case.exported", "A case left as a file", "form", "tlp", "notes")
FORM = {
    "000-49": ("description",),
    "000-50": ("kind", "kind_other"),
    "000-51": ("hardware", "software"),
    "000-52": ("severity_told",),
    "000-53": ("affects",),
    "000-54": ("business_effect", "people_affected"),
    "000-55": ("occurred_at", "occurred_precision", "discovered_at", "discovered_precision"),
    "000-56": ("found_how", "found_why", "weaknesses"),
    "000-57": ("personal_data", "personal_data_what", "pcpd_told"),
    "000-58": ("tolerable_hours",),
    "000-59": ("action_preparation", "action_detection", "action_containment", "action_post"),
    "000-60": ("reporter_kind", "others_told", "consents", "reference", "restriction"),
}
"""The items of the incident form (catalogue 000-49 to 000-60) and the fields that answer each."""
FACTS = frozenset({events.KIND_SET.name, events.LEVEL_SET.name})
"""Lines whose words belong to the case itself."""
COLUMNS = (
    "number",
    "state",
    "level",
    "kind",
    "title",
    "owner",
    "tags",
    "reports",
    "opened",
    "updated",
    "closed",
    "waiting_until",
    "restricted",
    "exercise",
    "tlp",
)

REPORT_COLUMNS = ("number", "state", "kind", "channel", "origin", "title", "received", "answered", "tlp")


def rows(
    query: Query,
    user: User,
    sort: Sort = Sort.NEWEST,
    others: Mapping[int, Reading] = NO_CLOCKS,
    tlp: TLP | None = None,
) -> list[tuple[str, ...]]:
    """The cases of a query in the order of their list (`others` as in `queue.cases`), of the MOST first, and a line of
    names before; of these only what may leave under a label (`tlp`). Each bears its own in the last column. Raises
    QueryRefused.

    That it left is recorded, with the words of the query.
    """
    conditions.check(query)
    found = [each for each in _rows(numbers(query, user, MOST, sort, others), user) if _may_leave(each[-1], tlp)]
    record(LIST_EXPORTED, user.actor, user.actor, cases=len(found), text=str(query))
    return [COLUMNS, *found]


def _may_leave(label: str, tlp: TLP | None) -> bool:
    return tlp is None or narrower(label, tlp) == tlp


def report_rows(view: View, user: User, query: Query) -> Iterator[tuple[str, ...]]:
    """The reports of a list that a query asks for, oldest first, at most MOST, and a line of names before; that it
    left is recorded. Raises QueryRefused.
    """
    found = reports(view, user, size=MOST, query=query).rows
    record(LIST_EXPORTED, user.actor, user.actor, cases=len(found), text=f"{view} {query}".strip())
    yield REPORT_COLUMNS
    for each in found:
        told = str(each.details.get("restriction") or TLP.AMBER)
        facts = (each.number, each.state, each.kind, each.channel, each.origin, each.title)
        yield (*facts, _local(each.received_at), _local(each.first_response_at), told)


def _local(at: datetime | None) -> str:
    """A time as somebody reads it in a spreadsheet: of the portal's zone, to the second, with the offset (RFC 3339)."""
    return at.astimezone(current().zone).isoformat(timespec="seconds") if at else ""


def _level(case: Case) -> str:
    """As a search asks for it; nothing while it is not decided."""
    return str(case.level or ("no_level" if case.level_rule else ""))


def _rows(wanted: list[str], user: User) -> Iterator[tuple[str, ...]]:
    names, place = accounts.names(), {number: at for at, number in enumerate(wanted)}
    for start in range(0, len(wanted), 500):
        found = select(Case).where(Case.number.in_(wanted[start : start + 500]), visible_to(user))
        cases = sorted(session.scalars(found), key=lambda case: place[case.number])
        hung, counts, bound = tags.of_cases(cases), how_many_reports(cases, user), widest_of(cases, user)
        for case in cases:
            moments = (case.opened_at, case.updated_at, case.closed_at)
            yield (
                *(case.number, case.state, _level(case), case.kind, case.title),
                *(names.get(f"user:{case.owner_id}", ""), ", ".join(hung.get(case.id, []))),
                str(counts.get(case.id, 0)),
                *map(_local, moments),
                case.waiting_until.isoformat() if case.waiting_until else "",
                *("yes" if each else "" for each in (case.restricted, case.drill)),
                bound[case.id].value,
            )


def whole(case: Case, user: User, tlp: TLP, *, notes: bool) -> dict[str, Any]:
    """One case with its reports, its values, findings and links, and all that happened; the notes that colleagues wrote
    for each other only when they are asked for (`notes`).

    Raises ValueRefused("tlp") for a label that its reports or its restriction forbid.
    """
    if tlp not in labels(case, user):
        raise ValueRefused("tlp")
    names = accounts.names()
    return {
        "tlp": tlp.value,
        "made_at": clock.now().isoformat(),
        "made_by": user.name,
        "with_notes": notes,
        **{name: getattr(case, name) for name in ("number", "title", "kind", "state", "phase", "level", "level_rule")},
        **{name: getattr(case, name) for name in ("level_override_reason", "impact", "restricted", "drill", "outcome")},
        "label": case.tlp,
        "owner": names.get(f"user:{case.owner_id}", ""),
        "named": [{"name": each.name, **_reason(reason, OPENED_BY, notes)} for each, reason in access.named(case)],
        "waiting_until": case.waiting_until.isoformat() if case.waiting_until else None,
        **{name: moment(getattr(case, name)) for name in ("opened_at", "updated_at", "closed_at")},
        "tags": tags.of_cases([case]).get(case.id, []),
        "merged": [each.number for each in family.merged_into(case)],
        "links": [
            {"case": each.case.number, **_reason(why, SPLIT, notes)}
            for each in links_of(case, user)
            for why in each.reasons
        ],
        "reports": [_report(each) for each in reports_of(case, user)],
        "observables": [_value(each, names, notes) for each in values.of_case(case, user)],
        "findings": [_finding(each) for each in all_findings_of(case, user)],
        "letters_for_later": [_planned(case, row, to, names) for row, to in later.of_case(case, user)],
        "timeline": [as_entry(each) for each in lines(case, user, notes=notes)],
    }


def _reason(told: str, code: str, notes: bool) -> dict[str, str]:
    """A person's own words in `reason`, when they leave (`notes`); where nobody had to give any, what happened in
    `code`.
    """
    return {"code": code, "reason": ""} if told == code else {"code": "", "reason": told if notes else ""}


def lines(case: Case, user: User, *, notes: bool) -> list[timeline.Entry]:
    """All that happened, in order; `notes` says whether with what colleagues wrote for each other: notes, and the
    reasons of what was done to the case.
    """
    found = timeline.of_case(case, user)
    if notes:
        return found
    return [replace(each, text="") if _is_reason(each) else each for each in found if each.kind not in events.NOTES]


def _is_reason(entry: timeline.Entry) -> bool:
    """Whether its words say why something was done to the case; titles and why the level is another one are facts."""
    return entry.letter is None and entry.kind not in FACTS and entry.kind.startswith(("case.", "report.taken_out"))


def left(number: str, actor: str, form: str, tlp: TLP, *, notes: bool) -> None:
    """Record that a case left as a file, and whether with the notes of colleagues."""
    record(CASE_EXPORTED, number, actor, form=form, tlp=tlp.value, notes=notes)


def _report(report: Report) -> dict[str, Any]:
    return {
        **{
            name: getattr(report, name)
            for name in ("number", "state", "channel", "origin", "language", "kind", "title")
        },
        **{name: getattr(report, name) for name in ("text", "trouble", "closed_reason", "drill")},
        "form": form_of(report),
        "details": {**Submission(Language(report.language)).as_json(), **report.details},
        "reporter": {
            "name": report.reporter_name,
            "email": report.reporter_email,
            "telephone": report.reporter_telephone,
        },
        **{name: moment(getattr(report, name)) for name in ("received_at", "updated_at", "first_response_at")},
        "files": [{"filename": each.filename, "size": each.size, "sha256": each.sha256} for each in report.files],
        "observables": [
            {"kind": each.kind, "value": each.value, "known": each.known} for each in observables_of(report)
        ],
    }


def form_of(report: Report) -> dict[str, dict[str, Any]]:
    """The answers to the incident form, by its items; what was not asked or not answered is there and empty."""
    empty = Submission(Language(report.language), description=report.text, kind=report.kind).as_json()
    told = {**empty, **{name: value for name, value in report.details.items() if value is not None}}
    told |= {"kind": report.kind, "description": told["description"] or report.text}
    return {item: {name: told[name] for name in fields} for item, fields in FORM.items()}


def _value(each: values.Value, names: dict[str, str], notes: bool) -> dict[str, Any]:
    return {
        **{name: getattr(each, name) for name in ("key", "kind", "value", "known", "reports")},
        "is_ignored": bool(each.ignored),
        "ignored": each.ignored if notes else "",
        "verdict": each.verdict.value,
        "judged_by": names.get(f"user:{each.judged_by}", ""),
        "judged_at": moment(each.judged_at),
        "ignored_everywhere": each.everywhere,
        "expires_on": each.expires_on.isoformat() if each.expires_on else None,
        "added_by": names.get(f"user:{each.added_by}", ""),
        "added_at": moment(each.added_at),
        "source": each.source,
    }


def _planned(case: Case, row: PlannedLetter, report: Report, names: dict[str, str]) -> dict[str, Any]:
    """A letter that waits for its time, or was stopped, with the facts that it will have put in."""
    known = wording.of_report(case, report)
    words = {name: wording.fill(getattr(row, name), known) for name in ("subject", "text")}
    facts = {**words, "state": row.state, "reason": row.reason}
    author = names.get(f"user:{row.author_id}", "")
    return {"report": report.number, "author": author, "leaves_at": row.leaves_at.isoformat(), **facts}


def _finding(finding: Finding) -> dict[str, Any]:
    texts = ("feed", "kind", "ip", "domain", "url", "restriction", "state")
    return {"id": finding.id, **{name: getattr(finding, name) for name in texts}, "raw": finding.raw}


def as_entry(entry: timeline.Entry) -> dict[str, Any]:
    """A line of a timeline as data."""
    letter = entry.letter
    return {
        "line": entry.key,
        "at": entry.at.isoformat(),
        "recorded_at": entry.recorded_at.isoformat(),
        "kind": entry.kind,
        "about": entry.about,
        "who": entry.who,
        "text": without_doors(entry.text, entry.about),
        "data": entry.data,
        "letter": _way_of(letter) if letter else None,
    }


def _way_of(letter: Letter) -> dict[str, Any]:
    """A letter, and what became of it."""
    return {
        "subject": letter.subject,
        "to": letter.recipient,
        **{
            name: getattr(letter, name)
            for name in ("language", "state", "sealing", "drill", "came_back", "came_back_reason")
        },
        "sent_at": moment(letter.sent_at),
        "came_back_at": moment(letter.came_back_at),
    }


def moment(at: Any) -> str | None:
    """A time in ISO 8601."""
    return at.isoformat() if at else None
