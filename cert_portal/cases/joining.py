"""The one place where reports become part of a case, so that a search for words finds every case that holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cert_portal.cases.models import Case, CaseReport
from cert_portal.core import search
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind

NOTHING: Mapping[int, int | None] = {}


def join(case: Case, report_ids: Sequence[int], read: Mapping[int, int | None] = NOTHING) -> None:
    """Make these reports, of which the case holds none yet, part of it. Nothing is told to the journal. `read`: up to
    which addition somebody read a report in the case that it comes from.
    """
    session.flush()
    session.add_all(CaseReport(case_id=case.id, report_id=each, read_to=read.get(each)) for each in report_ids)
    search.mark_held(NumberKind.REPORT, report_ids, NumberKind.CASE, case.id)
    session.flush()
