"""Migrations: head equals the models; each goes up, down and up again with rows in the tables, on both databases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import Connection

from cert_portal import config
from cert_portal.app import create_app
from cert_portal.cases import later, saved, service, triage, unsent
from cert_portal.cases.correspondence import PlannedLetter
from cert_portal.cases.models import Case, SavedSearch
from cert_portal.cases.queue import Sort
from cert_portal.cases.team import Unsent
from cert_portal.config import Settings
from cert_portal.coordination import answers, refer
from cert_portal.coordination.answers import Told
from cert_portal.coordination.workflow import Verb
from cert_portal.core import clock, search
from cert_portal.core.db import Base, db, session, start_writing
from cert_portal.core.events import Event
from cert_portal.core.i18n import Language
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.numbers import NumberKind
from cert_portal.directory import accounts, calendar, contacts, organisations
from cert_portal.directory.contacts import ContactTold
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.governance import annual
from cert_portal.intake import drafts
from cert_portal.intake.models import Report
from cert_portal.intake.process import process
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission

ROOT = Path(__file__).parents[1]
REVISIONS = [each.revision for each in ScriptDirectory(str(ROOT / "migrations")).walk_revisions()][::-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path, worker: str) -> Iterator[Flask]:
    """An application on a database without any table."""
    url = (
        os.environ[f"TEST_PG_MIGRATIONS_{worker.upper()}"]
        if request.param == "postgresql"
        else f"sqlite:///{tmp_path}/m.sqlite"
    )
    before = config.current() if config._in_force else settings
    app = create_app(replace(settings, database_url=url, redis_url=f"unix://{tmp_path}/none"))
    start_writing()
    with app.app_context():
        with db.engine.begin() as connection:
            if request.param == "postgresql":
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
        yield app
        session.remove()
        db.engine.dispose()
    config.use(before)


def fill() -> None:
    """Rows in the tables of every stage."""
    calendar.seed()
    taken = len(accounts.everybody())
    ann = accounts.add_user(f"ann{taken}@portal.example", "Ann", "four unrelated words", ["analyst"])
    draft = drafts.start(Language.ZH_HANT)
    drafts.add_file(draft, "a.txt", b"words")
    report = receive(
        Submission(language=Language.EN, description="見 http://bad.example", email="a@b.example"), Channel.WEB
    )
    process(report.id)
    case = triage.open_case([report], ann, title="x", kind="phishing")
    told = OrganisationTold(
        "vendor", f"Vendor {taken}", asns=["64500"], prefixes=["192.0.2.0/24"], domains=["bad.example"]
    )
    party = organisations.add(
        told if not organisations.by_name("Vendor 0") else OrganisationTold("vendor", "Other"), "system"
    )
    contacts.add(party, ContactTold(email="abuse@vendor.example"), "system")
    referral = refer.prepare(case, party, ann, observables=[("url", "http://bad.example")])
    assert refer.send(referral, ann) == "sent"
    answers.by_page(referral, Verb.ANSWER, Told("done", "T-1", [("a.txt", b"words")]))
    annual.comment(2026, "foreword", "Shorter", ann)
    for about in (report, case):
        unsent.keep(about, "letter", {"letter": [f"Dear {about.number}"]}, ann)
    tomorrow = clock.now() + timedelta(days=1)
    for place in (None, case):
        later.plan(place, report, "Hello", "Dear you", tomorrow, ann)
    saved.save("Waits", "kind:phishing", Sort.NEWEST, ann, shared=True)
    session.commit()


def differences(connection: Connection) -> list[object]:
    """What autogenerate would still change."""
    lite = connection.dialect.name == "sqlite"

    def is_compared(_item: object, name: str | None, kind: str, *_rest: object) -> bool:
        if kind == "table":
            return not str(name).startswith("search_words")
        return not (lite and name == "ix_search_entries_words")

    context = MigrationContext.configure(connection, opts={"include_object": is_compared, "compare_type": True})
    return list(compare_metadata(context, Base.metadata))


def test_the_head_equals_the_models(empty: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        assert differences(connection) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_up_down_and_up_again_with_rows(empty: Flask, revision: str) -> None:
    upgrade(revision=revision)
    if revision == REVISIONS[-1]:
        fill()
        assert search.find("R", "bad.example") != []
    session.remove()
    downgrade(revision="-1")
    if revision == REVISIONS[0]:
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade()
    assert session.scalars(select(Event)).all() == [] or revision != REVISIONS[0]
    if accounts.by_email("ann@portal.example") is None:
        fill()


def test_reports_are_found_by_the_age_of_their_cases(empty: Flask) -> None:
    """Where rows have no age (on SQLite) there is no span."""
    upgrade()
    fill()

    def found() -> list[list[int]]:
        spans = search.newest(NumberKind.CASE)
        return [
            list(session.scalars(search.within(NumberKind.REPORT, "bad.example", ids, NumberKind.CASE)))
            for ids in spans
        ]

    before = found()
    assert all(before)
    session.remove()
    downgrade(revision="0025")
    assert not any(found())
    session.remove()
    upgrade()
    assert found() == before


def test_who_wrote_a_letter_is_found_in_the_journal(empty: Flask) -> None:
    upgrade()
    fill()
    case = session.scalars(select(Case)).one()
    report, ann = session.scalars(select(Report)).one(), accounts.everybody()[0]
    service.write_to_reporter(case, report, "Hello", "Dear Rita", ann)
    service.write_to_reporter(None, report, "Hello", "Dear Rita", ann)
    session.commit()
    rows = select(Letter.writer, Letter.written_on).where(Letter.name == "case_letter").order_by(Letter.id)
    before = session.execute(rows).all()
    assert before == [(ann.actor, case.number), (ann.actor, report.number)]
    session.remove()
    downgrade(revision="0027")
    upgrade()
    assert session.execute(rows).all() == before


def test_a_migration_that_is_killed_in_the_middle_is_done_again(empty: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(revision="0027")
    with monkeypatch.context() as patch:
        patch.setattr("sqlalchemy.bindparam", Mock(side_effect=RuntimeError("killed between columns and letters")))
        with pytest.raises(SystemExit):
            upgrade(revision="0028")
    session.remove()
    assert "writer" not in {each["name"] for each in inspect(db.engine).get_columns("letters")}
    upgrade()
    assert "writer" in {each["name"] for each in inspect(db.engine).get_columns("letters")}


def test_drafts_and_letters_of_cases_outlive_the_way_down_and_up(empty: Flask) -> None:
    upgrade()
    fill()
    case = session.scalars(select(Case.number)).one()
    session.remove()
    downgrade(revision="0022")
    upgrade()
    assert [(row.about, row.fields) for row in session.scalars(select(Unsent))] == [
        (case, {"letter": [f"Dear {case}"]})
    ]
    assert [row.case_id is None for row in session.scalars(select(PlannedLetter))] == [False]
    assert [(row.name, row.view) for row in session.scalars(select(SavedSearch))] == [("Waits", "")]
