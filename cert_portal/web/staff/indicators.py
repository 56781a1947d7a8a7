"""The values of a case: looked over page by page, and sent on as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, request
from werkzeug.wrappers import Response

from cert_portal.cases import indicators, noted, relations, values
from cert_portal.cases.ignored import ValueRefused
from cert_portal.cases.indicators import Form
from cert_portal.cases.models import Case
from cert_portal.cases.values import Standing, Value
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.text import refang
from cert_portal.core.tlp import TLP
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff import value_words
from cert_portal.web.staff.case import find
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.exports import as_csv, as_file
from cert_portal.web.staff.list_words import OBSERVABLES

PAGE = 100
SHOWN_CASES = 20


@dataclass(frozen=True)
class Wanted:
    """Which values of a case somebody wants to see."""

    standing: str = ""
    kind: str = ""
    text: str = ""
    page: int = 1

    def among(self, every: Sequence[Value]) -> list[Value]:
        """Those that suit."""
        text = refang(self.text).casefold()
        return [
            each
            for each in every
            if self.standing in ("", each.standing) and self.kind in ("", each.kind) and text in each.value.casefold()
        ]

    @property
    def told(self) -> dict[str, Any]:
        """What an address says of it, without the page."""
        return {"standing": self.standing or None, "kind": self.kind or None, "q": self.text or None}


def wanted(told: Mapping[str, str]) -> Wanted:
    """What an address or a form says; what is no list or kind means all."""
    standing, kind, page = told.get("standing", ""), told.get("kind", ""), told.get("page", "")
    return Wanted(
        standing if standing in set(Standing) else "",
        kind if kind in OBSERVABLES else "",
        told.get("q", "").strip()[:200],
        min(int(page), 10_000) if page.isascii() and page.isdigit() and int(page[:6]) else 1,
    )


@desk.get("/cases/<number>/observables", Permission.READ_CASES)
def case_observables(number: str) -> Answer:
    """Each value once: who names it, what was made of it and which other cases know it."""
    return page(find(number), wanted(request.args))


@desk.post("/cases/<number>/observables", Permission.HANDLE)
def export_observables(number: str) -> Answer:
    """The ticked values as CSV, STIX 2.1, for MISP or as plain lines; `copy` names one alone."""
    told, found = request.form, find(number)
    one = "copy" in told
    form, label = ("txt", TLP.RED.value) if one else (told.get("form"), told.get("tlp"))
    if form not in set(Form) or label not in set(TLP):
        abort(400)
    every = values.of_case(found, me())
    picked = values.chosen(every, [told["copy"]]) if one else chosen(every)
    try:
        leaving = indicators.export(found, picked, Form(form), TLP(label), me())
    except ValueRefused as error:
        session.rollback()
        return page(found, wanted(told), INVALID, [(value_words.REFUSED[error.reason], "#values")])
    answer = _file(found, leaving, Form(form), TLP(label))
    session.commit()
    return answer


def _file(case: Case, leaving: Sequence[Value], form: Form, tlp: TLP) -> Response:
    name = f"{'EXERCISE-' if case.drill else ''}{case.number}-{tlp.value.removeprefix('TLP:')}"
    match form:
        case Form.CSV:
            return as_file(as_csv(indicators.as_rows(case, leaving, tlp)), "text/csv", f"{name}.csv")
        case Form.STIX:
            return as_file(indicators.as_stix(case, leaving, tlp), "application/stix+json", f"{name}.stix.json")
        case Form.MISP:
            return as_file(indicators.as_misp(case, leaving, tlp), "application/json", f"{name}.misp.json")
    is_for_clipboard = request.headers.get("Sec-Fetch-Dest") == "empty"  # a script of our page asks for them
    lines = indicators.as_lines(leaving) if is_for_clipboard else indicators.as_text(case, leaving, tlp)
    return as_file(lines, "text/plain", f"{name}.txt")


def chosen(every: Sequence[Value]) -> list[Value]:
    """Those that were ticked, or all of the list that the form came from."""
    if "everything" in request.form:
        return wanted(request.form).among(every)
    return values.chosen(every, request.form.getlist("values"))


def page(found: Case, want: Wanted, status: int = 200, wrong: Sequence[tuple[Any, str]] = (), **more: Any) -> Answer:
    """The values of a case, a hundred at a time."""
    every = values.of_case(found, me())
    listed = want.among(every)
    pages = max(1, -(-len(listed) // PAGE))
    number = min(want.page, pages)
    related = relations.of_values(found, every, me())
    facts = {
        "noted": noted.of_case(found, me(), every),
        "values": listed[(number - 1) * PAGE : number * PAGE],
        "listed": len(listed),
        "page": number,
        "pages": pages,
        "counts": {each: sum(value.standing is each for value in every) for each in Standing},
        "every": len(every),
        "kinds": sorted({each.kind for each in every}),
        "related": related[:SHOWN_CASES],
        "related_count": len(related),
        "known_in": relations.by_value(related),
        "tlps": indicators.labels(found, me()),
        "names": accounts.names(),
        "value_words": value_words,
        "seen": clock.now(),
        "may_leave": indicators.may_leave,
    }
    return show("observables", status, wrong=wrong, case=found, want=want, **(facts | more))
