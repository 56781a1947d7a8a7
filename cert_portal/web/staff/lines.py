"""The timeline of a case on the page: which of its lines are shown, and which were put right by others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from cert_portal.cases import later
from cert_portal.cases.events import NOTES
from cert_portal.cases.spoken import FROM_OUTSIDE
from cert_portal.cases.timeline import Entry
from cert_portal.core.text import whole
from cert_portal.web.forms.words import Words

GROUPS: Words = {
    "all": _l("Everything"),
    "notes": _l("Notes"),
    "letters": _l("Letters"),
    "outside": _l("From outside"),
    "steps": _l("Steps of the work"),
}
DATED = tuple(each.name for each in later.PLANNED)
WORTH_KNOWING = ("letters", "outside", *DATED)
"""What somebody did meanwhile that may make a letter needless."""


def group_of(entry: Entry) -> str:
    """Where a line belongs among the groups that the reader may choose."""
    if entry.kind in NOTES:
        return "notes"
    if entry.letter:
        return "letters"
    return "outside" if entry.addition or entry.kind in FROM_OUTSIDE else "steps"


def last(entries: Sequence[Entry]) -> str:
    """When the newest line of a page was written down, which a form of it tells as `seen`."""
    return str(max(map(_written, entries), default=0))


def since(entries: Sequence[Entry], seen: str | None, *changes: str) -> list[Entry]:
    """What was written down after the newest line that a page held, of these groups or kinds of event: that line may
    be gone. All of it when no such moment is told; nothing when there was no page.
    """
    if seen is None:
        return []
    newer = [each for each in entries if _written(each) > whole(seen)]
    return [each for each in newer if group_of(each) in changes or each.kind in changes]


def _written(entry: Entry) -> int:
    """The moment in microseconds."""
    return round(entry.recorded_at.timestamp() * 1_000_000)


def shown(entries: Sequence[Entry]) -> dict[str, Any]:
    """The lines of the group that is asked for, how many each group has, and the line that is to be put right."""
    counts = Counter(group_of(each) for each in entries)
    asked = request.args.get("lines", "all")
    current = asked if asked in GROUPS else "all"
    corrected: dict[str, list[Entry]] = {}
    for each in entries:
        if each.kind == "case.corrected":
            corrected.setdefault((each.data or {})["line"], []).append(each)
    return {
        "entries": [each for each in entries if current in ("all", group_of(each))],
        "line_groups": [
            (code, label, counts.total() if code == "all" else counts[code]) for code, label in GROUPS.items()
        ],
        "lines_of": current,
        "corrected": corrected,
        "seen": last(entries),
        "correcting": next((each for each in entries if each.key == request.values.get("line")), None),
    }
