"""The words by which a case is found: its title, number and kind, what colleagues noted, why its level is
another one, in the cases that went into it too (it shows their lines), and what machines saw.

Nothing of its reports: these are found by themselves, and lead to the case whoever may see them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from cert_portal.cases import events, family
from cert_portal.cases.models import Case, CaseValue
from cert_portal.cases.workflow import STEPS
from cert_portal.core import search
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.i18n import Language
from cert_portal.core.numbers import NumberKind
from cert_portal.guidance.kinds import by_code
from cert_portal.monitoring.models import Finding

FOUND_BY = events.NOTES | STEPS | {events.LEVEL_SET.name}
"""The lines by whose words a case is found. Nothing that may speak of another case, as the reason of a link does: who
sees this one may not see that.
"""
MOST = 500
"""Of how many findings, and how many values that people added, a search finds the case."""


def index_case(case: Case) -> None:
    """Make the words of the case searchable, in place of what was there."""
    session.flush()
    lines = of_subjects([case.number, *(each.number for each in family.merged_into(case))])
    notes = [each.text or "" for each in lines if each.kind in FOUND_BY]
    seen = session.execute(
        select(Finding.ip, Finding.domain, Finding.url).where(Finding.case_number == case.number).limit(MOST)
    )
    places = [told for row in seen for told in row if told]
    added = select(CaseValue.value).where(CaseValue.case_id == case.id, CaseValue.added_at.is_not(None))
    places += session.scalars(added.limit(MOST))
    names = map(by_code(case.kind).name, Language)
    search.index(NumberKind.CASE, case.id, "\n".join([case.number, case.title, *names, *notes, *places]))


def index_cases(ids: Sequence[int]) -> None:
    """Make the words of these cases searchable anew."""
    for each in ids:
        index_case(session.get_one(Case, each))
