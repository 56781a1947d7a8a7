"""Files that leave the desk: a list as CSV, a case as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from functools import reduce

from flask import Response, abort, request

from cert_portal.cases import export
from cert_portal.cases.labels import narrower
from cert_portal.cases.query import QueryRefused, parse
from cert_portal.cases.queue import Sort, View, holds_reports
from cert_portal.coordination.lists import running
from cert_portal.core.db import session
from cert_portal.core.tlp import TLP
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff.desk import Answer, desk, me

_FORMULA = tuple("=+-@＝＋－＠\t\r")
"""Signs with which a spreadsheet, of which some narrow full-width signs first, takes a cell for a formula."""


@desk.post("/cases.csv", Permission.READ_CASES)
def export_list() -> Answer:
    """The cases of a query in the order of the list, at most 10,000; of these what may leave under a label."""
    told, label = request.form.get("sort"), request.form.get("tlp", "")
    if label and label not in set(TLP):
        abort(400)
    sort = Sort(told) if told in set(Sort) else Sort.NEWEST
    try:
        others = running(me()) if sort is Sort.DUE else {}
        query, tlp = parse(request.form.get("q", ""), whole=True), TLP(label) if label else None
        rows = export.rows(query, me(), sort, others, tlp)
    except QueryRefused:
        abort(400)
    session.commit()
    return as_file(as_csv(rows), "text/csv", f"cases-{label.removeprefix('TLP:') or _label(rows)}.csv")


@desk.post("/queue/<view>/csv", Permission.READ_CASES)
def export_reports(view: str) -> Answer:
    """The reports of a list that a query asks for, at most 10,000."""
    if view not in set(View) or not holds_reports(View(view)):
        abort(404)
    try:
        rows = list(export.report_rows(View(view), me(), parse(request.form.get("q", ""))))
    except QueryRefused:
        abort(400)
    session.commit()
    return as_file(as_csv(rows), "text/csv", f"reports-{view}-{_label(rows)}.csv")


def _label(rows: Sequence[Sequence[str]]) -> str:
    """The narrowest label of these rows, which stands last in each, as a name of a file tells it."""
    return reduce(narrower, (each[-1] for each in rows[1:]), TLP.AMBER.value).removeprefix("TLP:")


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV (RFC 4180) that a spreadsheet opens in the right charset and never takes for formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return f"\ufeff{out.getvalue()}"


def as_file(told: str, kind: str, name: str) -> Response:
    """A text as a download of this name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(told, content_type=f"{kind}; charset=utf-8", headers=headers)
