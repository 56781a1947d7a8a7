"""What two pages of one person keep for the own desk at the same moment."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask

from cert_portal.cases import saved
from cert_portal.cases.models import SavedSearch
from cert_portal.cases.queue import Sort
from cert_portal.cases.saved import Column, ReportColumn, SearchRefused
from cert_portal.core.db import session, start_writing
from cert_portal.directory.models import User
from tests.cases.desk import person, together


@pytest.fixture
def ann(app: Flask) -> int:
    start_writing()
    with app.app_context():
        made = person().id
        session.commit()
        return made


def test_one_name_kept_by_two_pages_is_kept_once(app: Flask, ann: int) -> None:
    def keep(told: str) -> str:
        return saved.save("Waves", told, Sort.NEWEST, session.get_one(User, ann), shared=False).query

    asked = ["tag:a", "tag:b"]
    assert sorted(together(app, *(partial(keep, told) for told in asked))) == asked
    with app.app_context():
        (row,) = session.query(SavedSearch).all()
        assert row.query in asked


def test_columns_chosen_by_two_pages_are_both_kept(app: Flask, ann: int) -> None:
    def choose(of_cases: bool) -> None:
        user = session.get_one(User, ann)
        if of_cases:
            saved.choose_columns(["level"], user, Column)
        else:
            saved.choose_columns(["report.who"], user, ReportColumn)

    together(app, partial(choose, True), partial(choose, False))
    with app.app_context():
        user = session.get_one(User, ann)
        assert saved.columns_of(user, Column) == [Column.LEVEL]
        assert saved.columns_of(user, ReportColumn) == [ReportColumn.WHO]


def test_a_shared_search_gets_no_name_that_its_owner_has_given_already(app: Flask, ann: int) -> None:
    with app.app_context():
        user = session.get_one(User, ann)
        first = saved.save("Waves", "tag:a", Sort.NEWEST, user, shared=True)
        saved.save("Seas", "tag:b", Sort.NEWEST, user, shared=False)
        with pytest.raises(SearchRefused, match="name_taken"):
            saved.manage(first, " Seas ", 1, user)
        saved.manage(first, "Lakes", 1, user)
        assert first.name == "Lakes"
