"""Searches under a name, and the columns of lists."""

from __future__ import annotations

import pytest

from cert_portal.cases import queue, saved, service, triage
from cert_portal.cases.models import DeskChoice
from cert_portal.cases.query import QueryRefused, parse
from cert_portal.cases.queue import Sort, View
from cert_portal.cases.saved import Column, ReportColumn, SearchRefused
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.directory.models import User
from tests.cases.desk import a_report, person

pytestmark = pytest.mark.usefixtures("context")


def test_a_search_is_kept_replaced_and_shared(ann: User) -> None:
    bob = person("Bob")
    first = saved.save("  My  waves ", "tag:wave", Sort.NEWEST, ann, shared=False)
    assert (first.name, saved.of(bob)) == ("My waves", [])
    again = saved.save("My waves", "tag:wave is:open", Sort.CHANGED, ann, shared=True)
    assert (again, again.query, again.sort) == (first, "tag:wave is:open", "changed")
    assert saved.of(ann) == saved.of(bob) == [first]
    with pytest.raises(SearchRefused, match="not_yours"):
        saved.remove(first.id, bob)
    saved.remove(first.id, ann)
    saved.remove(first.id, ann)
    assert saved.of(ann) == []
    kinds = [event.kind for event in of_subjects([ann.actor])]
    assert kinds[-3:] == ["desk.search_saved", "desk.search_saved", "desk.search_removed"]


def test_a_search_of_reports_is_kept_with_its_list_and_counted(ann: User) -> None:
    bob = person("Bob")
    a_report("A virus ran", kind="malware")
    hidden = a_report("A secret virus ran", kind="malware")
    triage.open_case([hidden], bob, title="x", kind="malware", restricted=True)
    service.open_case([a_report()], ann, title="y", kind="phishing")
    of_reports = saved.save("Viruses", "kind:malware", Sort.NEWEST, ann, shared=True, view=View.TRIAGE)
    of_cases = saved.save("Open", "is:open", Sort.NEWEST, ann, shared=False)
    words = saved.save("Words", "virus", Sort.NEWEST, ann, shared=False, view=View.TRIAGE)
    assert (of_reports.view, of_cases.view) == ("triage", "")
    assert saved.counts(ann) == [(of_cases, 1), (of_reports, 1), (words, 1)]
    assert saved.counts(bob) == [(of_reports, 1)]
    of_reports.query = "kind:unknown"
    assert saved.counts(bob) == [(of_reports, None)], "a kind that was taken from the list since"
    with pytest.raises(QueryRefused, match="cases_only"):
        saved.save("x", "owner:me", Sort.NEWEST, ann, shared=False, view=View.TRIAGE)
    assert saved.remove(of_reports.id, ann) == "triage"
    assert saved.remove(of_cases.id, ann) == ""


def test_no_list_of_reports_is_counted_further_than_it_is_said(ann: User) -> None:
    for number in range(3):
        a_report(f"Number {number} of something")
    assert queue.count_reports(View.TRIAGE, parse(""), ann) == 3
    assert queue.count_reports(View.TRIAGE, parse(""), ann, 2) == 2
    assert queue.count_reports(View.QUARANTINED, parse("kind:phishing"), ann) == 0


def test_what_cannot_be_kept(ann: User) -> None:
    with pytest.raises(SearchRefused, match="name_missing"):
        saved.save(" ", "is:open", Sort.NEWEST, ann, shared=False)
    with pytest.raises(QueryRefused):
        saved.save("x", "kind:nonsense", Sort.NEWEST, ann, shared=False)
    for number in range(saved.MOST):
        saved.save(str(number), "is:open", Sort.NEWEST, ann, shared=False)
    with pytest.raises(SearchRefused, match="too_many"):
        saved.save("one more", "is:open", Sort.NEWEST, ann, shared=False)
    saved.save("7", "is:closed", Sort.NEWEST, ann, shared=False)


def test_columns_are_each_persons_own(ann: User) -> None:
    assert saved.columns_of(ann, Column) == list(saved.USUAL[Column])
    saved.choose_columns(["reports", "kind", "nonsense"], ann, Column)
    assert saved.columns_of(ann, Column) == [Column.KIND, Column.REPORTS]
    saved.choose_columns([], ann, Column)
    assert saved.columns_of(ann, Column) == []
    assert saved.columns_of(person("Bob"), Column) == list(saved.USUAL[Column])


def test_lists_of_reports_have_columns_of_their_own(ann: User) -> None:
    bob = person("Bob")
    session.merge(DeskChoice(user_id=bob.id, columns=["kind"]))  # chosen when only lists of cases had columns
    assert saved.columns_of(bob, ReportColumn) == list(saved.USUAL[ReportColumn])
    saved.choose_columns(["report.kind", "report.who", "kind"], ann, ReportColumn)
    assert saved.columns_of(ann, ReportColumn) == [ReportColumn.KIND, ReportColumn.WHO]
    assert saved.columns_of(ann, Column) == list(saved.USUAL[Column])
    saved.choose_columns(["level"], ann, Column)
    saved.choose_columns([], ann, ReportColumn)
    assert (saved.columns_of(ann, Column), saved.columns_of(ann, ReportColumn)) == ([Column.LEVEL], [])


def test_keeping_a_shared_search_anew_does_not_take_it_from_colleagues(ann: User) -> None:
    row = saved.save("Waves", "tag:wave", Sort.NEWEST, ann, shared=True)
    assert saved.save("Waves", "tag:wave is:open", Sort.NEWEST, ann, shared=False) is row
    assert row.shared
    assert saved.of(person("Bob")) == [row]
