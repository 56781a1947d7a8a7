"""The liaison officer's pages: figures of a period, the rows behind each, and what each means. They only show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, make_response, request, url_for
from werkzeug.wrappers import Response

from cert_portal.config import current
from cert_portal.core import clock, numbers
from cert_portal.core.numbers import NumberKind
from cert_portal.core.text import whole
from cert_portal.directory.permissions import Permission
from cert_portal.governance import behind, definitions
from cert_portal.governance import figures as counting
from cert_portal.governance.behind import Choice
from cert_portal.governance.definitions import Definition
from cert_portal.governance.period import Period, PeriodWrong, between, named, of_year, this_year
from cert_portal.web.figures import page
from cert_portal.web.staff import figures_words as said
from cert_portal.web.staff.desk import INVALID, Answer, desk, may, me, show


@dataclass(frozen=True)
class Asked:
    """The period that an address asks for; `wrong` is the code of what is wrong with it, and then it is this year."""

    period: Period
    wrong: str = ""

    @property
    def compared(self) -> Period:
        """The same days of the year before; of a period that is not over, the days until today."""
        last = max(self.period.first, min(self.period.last, _today()))
        return Period(self.period.first, last).before()

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return INVALID if self.wrong else 200


PAGES: Mapping[str, tuple[str, Permission]] = {
    NumberKind.REPORT: ("staff.report", Permission.READ_REPORTS),
    NumberKind.CASE: ("staff.case", Permission.READ_CASES),
    NumberKind.REFERRAL: ("staff.referral", Permission.READ_CASES),
}
"""The page of what a number begins with, and who may open it: a liaison officer none of them."""
COMPARED = {*page.COUNTED, *(each.id for each in definitions.targets())}
"""What the dashboard shows of the year before."""


@desk.get("/figures", Permission.READ_FIGURES)
def figures() -> Answer:
    """Everything at a glance."""
    asked = _asked()
    now, before = counting.measure(asked.period), counting.measure(asked.compared, only=COMPARED)
    wrong = [(said.WRONG[asked.wrong], "#from")] if asked.wrong else []
    return show("figures", asked.status, wrong=wrong, now=now, before=before, **_frame(asked))


@desk.get("/figures/rows/<metric>", Permission.READ_FIGURES)
def figure_rows(metric: str) -> Answer:
    """The rows behind a number: as many as it says."""
    asked, choice, skip = _asked(), _choice(), _skip()
    try:
        found = behind.rows(metric, asked.period, me(), choice, skip)
    except LookupError:
        abort(404)
    told: dict[str, Any] = {"page": found, "choice": choice, "skip": skip, "leads_to": _leads_to}
    return show("figure_rows", metric=metric, **told, **_frame(asked))


@desk.get("/figures/definitions", Permission.READ_FIGURES)
def figure_definitions() -> Answer:
    """What each figure means."""
    return show("figure_definitions", groups=_groups(), **page.facts())


@desk.get("/figures.<any('csv', 'json'):form>", Permission.READ_FIGURES)
def figures_file(form: str) -> Answer:
    """The same numbers for a spreadsheet or a program."""
    found = counting.measure(_asked().period)
    told = counting.to_csv(found) if form == "csv" else counting.to_json(found.as_json())
    return attachment(told, f"figures-{found.first}-{found.last}.{form}", TYPES[form])


TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}


def attachment(body: str | bytes, filename: str, media_type: str) -> Response:
    """A file to keep."""
    answer = make_response(body)
    answer.headers["Content-Type"] = media_type
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def _leads_to(number: str) -> str:
    """The page of a report, case or referral, for who may open it; "" for anybody else and for anything else."""
    told = numbers.normalise(number)
    endpoint, permission = PAGES[told[0]] if told else ("", None)
    return url_for(endpoint, number=told) if permission and may(permission) else ""


def _frame(asked: Asked) -> dict[str, Any]:
    def to(metric: str, **more: Any) -> str:
        told = {name: value for name, value in more.items() if value}
        return url_for("staff.figure_rows", metric=metric, period=asked.period.code, **told)

    periods = list(_periods(asked.period))
    return {**page.facts(), "asked": asked, "to": to, "said": said, "periods": periods, "this_year": this_year()}


def _periods(period: Period) -> Iterator[tuple[str, str, bool]]:
    """The periods of the same year to choose from: code, words, and whether it is this one."""
    year = period.first.year
    codes = [f"{year}", f"{year}-H1", f"{year}-H2", *(f"{year}-Q{part}" for part in range(1, 5))]
    for code in [*codes, *(f"{year}-{month:02d}" for month in range(1, 13))]:
        yield code, said.period(code), code == period.code


def _asked() -> Asked:
    told = request.args
    try:
        if told.get("from") or told.get("to"):
            return Asked(between(told.get("from", ""), told.get("to", "")))
        return Asked(named(told["period"]) if told.get("period") else of_year(this_year()))
    except PeriodWrong as error:
        return Asked(of_year(this_year()), error.reason)


def _choice() -> Choice:
    return Choice(*(request.args.get(name, "")[:200] for name in ("part", "dimension", "code")))


def _skip() -> int:
    return whole(request.args.get("skip", ""), 8)


def _groups() -> dict[str, list[Definition]]:
    groups: dict[str, list[Definition]] = {}
    for each in definitions.load():
        groups.setdefault(each.group, []).append(each)
    return groups


def _today() -> date:
    return clock.now().astimezone(current().zone).date()
