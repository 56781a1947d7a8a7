"""The rows behind each figure: as many as it says, and nothing about people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cert_portal.cases import service
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.directory.models import ClockRule, User
from cert_portal.governance import behind, definitions
from cert_portal.governance.behind import Choice, NoSuchList, Page
from cert_portal.governance.definitions import UnknownMetric
from cert_portal.governance.figures import measure
from cert_portal.governance.period import named
from tests.cases.desk import NOW, a_report, person
from tests.governance import busy
from tests.governance.record import case, days, hours, referral, report, say

YEAR = named("2026")
CUTOFF = datetime(2026, 12, 20, tzinfo=UTC)


def all_rows(metric: str, user: User, choice: Choice | None = None) -> Page:
    lines, skip = [], 0
    while True:
        page = behind.rows(metric, YEAR, user, choice, skip, CUTOFF)
        lines += page.lines
        if page.after is None:
            return Page(lines, page.total, None)
        skip = page.after


def test_every_figure_opens_as_many_rows_as_it_says(grace: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behind, "MOST", 7)
    busy.year(count=40)
    found = measure(YEAR, CUTOFF)
    for each in definitions.load():
        figure = found[each.id]
        whole = figure.numerator if figure.denominator is None else figure.denominator
        page = all_rows(each.id, grace)
        assert len(page.lines) == page.total == (whole or 0), each.id
        assert page.total or not figure.measured, f"{each.id}: the year should have some"
        if each.target and figure.measured:
            met, missed = (all_rows(each.id, grace, Choice(part=part)) for part in (behind.MET, behind.MISSED))
            assert (met.total, missed.total) == (figure.numerator, (whole or 0) - (figure.numerator or 0))
        for name, table in figure.by.items():
            for code, count in table.items():
                rows = all_rows(each.id, grace, Choice(dimension=name, code=code))
                assert len(rows.lines) == rows.total == count, (each.id, name, code)
            assert sum(count or 0 for count in table.values()) == whole, (each.id, name)


def test_a_row_has_number_dates_kind_and_level(grace: User) -> None:
    report("R1")
    say("report.first_response", "R1", hours(2), how="letter")
    case("C1", kind="malware")
    say("case.level_set", "C1", hours(1), before=None, level=3, rule="c3_personal", flag="", override=False)
    case("C2")
    say("case.level_set", "C2", hours(1), before=None, level=None, rule="no_effect", flag="", override=False)
    say("case.kind_set", "C2", hours(1), before="phishing", after="botnet")
    response = behind.rows("response.median", YEAR, grace).lines[0]
    assert (response.number, response.at, response.until, response.kind) == ("R1", NOW, hours(2), "phishing")
    rows = [(row.number, row.kind, row.level) for row in behind.rows("cases.opened", YEAR, grace).lines]
    assert rows == [("C1", "malware", "3"), ("C2", "botnet", "none")]


def test_a_restricted_case_counts_and_gives_nothing_away(grace: User) -> None:
    ann = person()
    with clock.turned_to(NOW):
        hidden = service.open_case([a_report()], ann, title="A bank", kind="ransomware", restricted=True)
        shown = service.open_case([a_report()], ann, title="A shop", kind="phishing")
    referral("N1", hidden.number, days(1))
    referral("N2", shown.number, days(1))
    for metric in ("cases.opened", "reports.received", "referrals.sent"):
        page = behind.rows(metric, YEAR, grace)
        assert page.total == 2
        assert sorted(bool(row.number) for row in page.lines) == [False, True], metric
        empty = next(row for row in page.lines if not row.number)
        assert (empty.at, empty.until, empty.kind, empty.level) == (None, None, "", "")
        assert all(row.number for row in behind.rows(metric, YEAR, ann).lines), "who is named on it sees it"


def test_lists_that_there_are_not(grace: User) -> None:
    wrong: list[tuple[str, Any]] = [
        ("cases.opened", Choice(part="met")),
        ("response.first_day", Choice(part="late")),
        ("cases.opened", Choice(dimension="title", code="x")),
        ("cases.open", Choice(dimension="month", code="2026-01")),
    ]
    for metric, choice in wrong:
        with pytest.raises(NoSuchList):
            behind.rows(metric, YEAR, grace, choice)
    with pytest.raises(UnknownMetric):
        behind.rows("cases.titles", YEAR, grace)


def test_what_is_not_measured_has_no_rows(grace: User) -> None:
    session.get_one(ClockRule, "first_response").enabled = False
    report("R1")
    assert behind.rows("response.first_day", YEAR, grace).total == 0
    assert behind.rows("calls.answered", YEAR, grace).total == 0
