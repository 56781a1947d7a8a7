"""What the reports of a case name: looked over, and sent on as a file."""

from __future__ import annotations

from flask import abort, request

from cert_portal.cases import indicators
from cert_portal.cases.indicators import Form
from cert_portal.core.db import session
from cert_portal.core.tlp import TLP
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff.case import find
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.exports import as_csv, as_file
from cert_portal.web.staff.list_words import REFUSED_LIST


@desk.get("/cases/<number>/observables", Permission.READ_CASES)
def case_observables(number: str) -> Answer:
    """Each value once, with how many reports name it and which other cases do."""
    return _page(number)


@desk.post("/cases/<number>/observables", Permission.HANDLE)
def export_observables(number: str) -> Answer:
    """The ticked values as CSV, STIX 2.1 or for MISP."""
    told, found = request.form, find(number)
    if told.get("form") not in set(Form) or told.get("tlp") not in set(TLP):
        abort(400)
    form, tlp = Form(told["form"]), TLP(told["tlp"])
    chosen = indicators.export(found, told.getlist("values"), form, tlp, me())
    if not chosen:
        session.rollback()
        return _page(number, INVALID, [(REFUSED_LIST["no_value"], "#values")])
    name = f"{found.number}-{tlp.value.removeprefix('TLP:')}"
    if form is Form.CSV:
        answer = as_file(as_csv(indicators.as_rows(chosen, tlp)), "text/csv", f"{name}.csv")
    elif form is Form.STIX:
        answer = as_file(indicators.as_stix(found, chosen, tlp), "application/stix+json", f"{name}.stix.json")
    else:
        answer = as_file(indicators.as_misp(found, chosen, tlp), "application/json", f"{name}.misp.json")
    session.commit()
    return answer


def _page(number: str, status: int = 200, wrong: list[tuple[str, str]] | None = None) -> Answer:
    found = find(number)
    values = indicators.of_case(found, me())
    return show("observables", status, wrong=wrong or [], case=found, values=values, tlps=list(TLP))
