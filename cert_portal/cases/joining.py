"""The one place where reports become part of a case, so that a search for words finds every case that holds them."""

from __future__ import annotations

from collections.abc import Sequence

from cert_portal.cases.models import Case, CaseReport
from cert_portal.core import search
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind


def join(case: Case, report_ids: Sequence[int]) -> None:
    """Make these reports, of which the case holds none yet, part of it. Nothing is told to the journal."""
    session.flush()
    session.add_all(CaseReport(case_id=case.id, report_id=each) for each in report_ids)
    search.mark_held(NumberKind.REPORT, report_ids, NumberKind.CASE, case.id)
    session.flush()
