"""The brief for the convenor (004-14): from level 3 on, under five headings, once for each level that is reached.

The convenor of the source is whoever has the role of supervisor; of a restricted case those who are named on it, and
whoever is named later is told then. Of a restricted case, or one of which anything is TLP:RED, the letter tells that
there is a brief, and no more; on the case it can be read by who may see the case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from cert_portal.cases import events
from cert_portal.cases.agency import LOSSES
from cert_portal.cases.agency_after import of_reports
from cert_portal.cases.bounds import labels
from cert_portal.cases.models import Case
from cert_portal.cases.visible import may_see, reports_of
from cert_portal.config import current
from cert_portal.core.events import of_subjects, record
from cert_portal.core.i18n import Language
from cert_portal.core.mail import letters, outbox
from cert_portal.core.tlp import TLP
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Role
from cert_portal.guidance.kinds import named
from cert_portal.intake.models import Report
from cert_portal.intake.observables import defanged

FROM_LEVEL = 3
HEADINGS = ("facts", "scope", "loss", "support", "measures")
_MOST = 1500
Row = tuple[str, str | datetime]
"""What it is, as a code, and what was told; a moment is left to the face and the letter."""


def sections(case: Case, reports: Sequence[Report], language: Language) -> Mapping[str, list[Row]]:
    """The five headings with what is known by now; a heading of which nothing is known is empty."""
    told = [each.details for each in reports]
    agencies = [row.facts for row in of_reports(reports).values()]
    return {
        "facts": _facts(case, reports, language),
        "scope": [*_words(agencies, "scope"), *_words(told, "people_affected", "business_effect")],
        "loss": _words(agencies, *(f"loss_{each}" for each in LOSSES)),
        "support": _words(agencies, "support", "support_what"),
        "measures": _words(told, "action_detection", "action_containment", "action_post", "others_told"),
    }


def tell_convenor(case: Case) -> int:
    """Tell the convenors when a level from 3 on is reached that they have not been told of; answers how many."""
    if not waits(case):
        return 0
    convenors = [each for each in accounts.with_role(Role.SUPERVISOR) if may_see(case, each)]
    for user in convenors:
        _post(case, user)
    if convenors:
        record(events.CONVENOR_BRIEFED, case.number, "system", level=case.level, letters=len(convenors))
    return len(convenors)


def waits(case: Case) -> bool:
    """Whether a level from 3 on is reached of which no convenor was told."""
    return (case.level or 0) >= FROM_LEVEL and (case.level or 0) > _told_before(case)


def _told_before(case: Case) -> int:
    kind = events.CONVENOR_BRIEFED.name
    return max((each.data["level"] for each in of_subjects([case.number]) if each.kind == kind), default=0)


def _post(case: Case, user: User) -> None:
    language = Language(user.language)
    reports = reports_of(case, user)
    bound = labels(case, user)[0]
    told = not case.restricted and bound != TLP.RED
    facts: dict[str, Any] = {"number": case.number, "level": case.level, "tlp": bound if told else TLP.AMBER}
    facts["sections"] = _plain(sections(case, reports, language)) if told else None
    facts["restricted"] = case.restricted
    subject, text = letters.render("convenor_brief", language, facts)
    draft = outbox.Draft("convenor_brief", case.number, language, user.email, subject, text, drill=case.drill)
    outbox.post(replace(draft, inside=True))


def _plain(found: Mapping[str, list[Row]]) -> dict[str, list[tuple[str, str]]]:
    """The rows as words of a letter, in which no address can be clicked."""
    return {
        code: [(name, _local(told) if isinstance(told, datetime) else defanged(told)) for name, told in rows]
        for code, rows in found.items()
    }


def _facts(case: Case, reports: Sequence[Report], language: Language) -> list[Row]:
    noticed = min((each.details.get("discovered_at") or "" for each in reports), default="")
    organisations = dict.fromkeys(str(each.details.get("organisation") or "") for each in reports)
    rows: list[Row] = [
        ("title", case.title),
        ("kind", named(case.kind, language)),
        ("organisation", ", ".join(filter(None, organisations))),
        ("noticed", datetime.fromisoformat(noticed) if noticed else ""),
        ("opened", case.opened_at),
        ("reports", ", ".join(each.number for each in reports)),
        *(("description", each.text[:_MOST]) for each in reports[:3]),
    ]
    return [(name, words) for name, words in rows if words]


def _words(told: Sequence[Mapping[str, Any]], *names: str) -> list[Row]:
    """Each answer once, by the names asked."""
    rows: list[Row] = [(name, str(each[name])[:_MOST]) for name in names for each in told if each.get(name)]
    return list(dict.fromkeys(rows))


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(current().zone):%Y-%m-%d %H:%M %Z}"
