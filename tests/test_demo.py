"""The demonstration's year: the same for the same seed, believable, and silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from cert_portal import config, demo
from cert_portal.cases import roster
from cert_portal.cases.models import AgencyReport, Case
from cert_portal.cases.workflow import State
from cert_portal.cli import cli
from cert_portal.coordination import workflow as referrals
from cert_portal.coordination.models import Referral
from cert_portal.core import clock, events, queue
from cert_portal.core.db import session, start_writing
from cert_portal.core.events import Event
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.outgoing import LetterState
from cert_portal.core.schedule import digest_moment
from cert_portal.directory import calendar
from cert_portal.governance import annual
from cert_portal.intake.models import Report
from cert_portal.intake.submission import Channel, Origin
from cert_portal.monitoring import service as monitoring
from cert_portal.publishing.models import AdvisoryState, AdvisoryVersion
from cert_portal.subscriptions import digest
from cert_portal.subscriptions.models import Mailing, Subscriber, SubscriberState

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
CASES = 70


@pytest.fixture
def desk(context: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty desk with people and parties, late in a year; keys of parties are made by a test of their own."""
    with clock.turned_to(NOW):
        begin()
        yield


@pytest.fixture
def no_press(desk: None) -> None:
    """Without a publication key nothing is signed, which is quick."""
    config.use(replace(config.current(), publication_key=""))


def rows() -> list[tuple[object, ...]]:
    """What must be the same again: numbers, kinds, dates."""
    numbered = Event.subject.regexp_match("^(R|C|N|CP-)")
    found = session.execute(select(Event.kind, Event.subject, Event.at).where(numbered).order_by(Event.at, Event.id))
    cases = session.execute(select(Case.number, Case.kind, Case.state, Case.title, Case.level).order_by(Case.number))
    return [tuple(row) for row in (*found.all(), *cases.all())]


def begin_again() -> None:
    """Empty every table and make people and parties anew."""
    for table in reversed(Event.metadata.sorted_tables):
        session.execute(delete(table))
    session.commit()
    begin()


def begin() -> None:
    """People and parties on an empty desk."""
    calendar.seed()
    demo.load_users()
    session.commit()
    demo.load_directory()
    session.commit()
    demo.load_members()
    session.commit()


def count_of(column: object) -> Counter[str]:
    """How often each value stands in a column."""
    return Counter(session.scalars(select(column)).all())  # type: ignore[call-overload]  # a column


def test_the_same_seed_tells_the_same_year(no_press: None) -> None:
    demo.load_year(6, 5, 2025)
    first = rows()
    begin_again()
    demo.load_year(6, 5, 2025)
    assert rows() == first
    assert len(first) > 50
    assert {str(row[1])[:3] for row in first if str(row[1]).startswith("C2")} <= {"C24", "C25"}
    begin_again()
    demo.load_year(6, 6, 2025)
    assert rows() != first


def test_a_year_shows_everything(no_press: None) -> None:
    demo.load_year(CASES)
    kinds, channels, origins = count_of(Report.kind), count_of(Report.channel), count_of(Report.origin)
    assert kinds.most_common(1)[0][0] == "phishing"
    assert len(kinds) > 8
    assert set(channels) == {Channel.WEB, Channel.EMAIL, Channel.TELEPHONE, Channel.FAX}
    assert set(origins) == set(Origin)
    assert set(count_of(Report.language)) == {"en", "zh-hant"}
    states = count_of(Case.state)
    assert states[State.CLOSED] > states[State.IN_HANDLING] > 0
    assert count_of(Case.restricted)[True] > 0  # type: ignore[index]  # a column of truths
    assert count_of(Case.drill)[True] > 0  # type: ignore[index]
    told = {each.value for each in (referrals.State.RESOLVED, referrals.State.NOT_THEIRS, referrals.State.HELD)}
    assert told | {referrals.State.EXPIRED.value, referrals.State.BOUNCED.value} <= set(count_of(Referral.state))
    assert session.scalar(select(func.count()).select_from(Referral).where(Referral.their_reference != ""))
    assert session.scalar(select(func.count()).select_from(Referral).where(Referral.consent_at.is_not(None)))
    for bounce in session.scalars(select(Event).where(Event.kind == "referral.bounced")):
        letter = session.get_one(Letter, bounce.data["letter"])
        assert letter.sent_at is not None
        assert letter.sent_at < bounce.at, "a letter comes back after it left"
    assert "case.reopened" in count_of(Event.kind)
    assert set(count_of(Subscriber.state)) == {each.value for each in SubscriberState}
    assert len(monitoring.sources()) == 3
    assert monitoring.due() == []
    assert monitoring.waiting() > 3


def test_todays_desk_has_something_in_every_place(no_press: None) -> None:
    demo.load_year(CASES)
    demo.load_reports()
    states = count_of(Case.state)
    assert set(states) >= set(State) - {State.MERGED, State.RESOLVED}
    waiting = count_of(Report.state)
    assert waiting["waiting_triage"] >= 5
    assert count_of(AdvisoryVersion.state)[AdvisoryState.IN_REVIEW] == 1
    assert monitoring.waiting() > 0
    sent = count_of(Referral.state)
    silent = sent[referrals.State.EXPIRED]
    answered = sent[referrals.State.RESOLVED] + sent[referrals.State.ANSWERED] + sent[referrals.State.NOT_THEIRS]
    assert 0 < silent * 3 < answered


def test_member_organisations_report_in_every_state(no_press: None) -> None:
    demo.load_year(6)
    found = session.scalars(select(AgencyReport)).all()
    states = {"released", "release_asked", "sent", "with_coordinator"}
    assert {row.state for row in found} == states
    assert len({row.organisation_id for row in found}) == 2
    assert {row.late for row in found} == {True, False}
    assert {1, 2, 3} <= {row.level for row in found}
    assert {"help", "inform"} <= {row.facts.get("support") for row in found}
    assert "agency.updated" in count_of(Event.kind)


def test_this_year_is_told_the_same_way_on_the_same_day(no_press: None) -> None:
    demo.load_year(6, 5, NOW.year)
    first = rows()
    begin_again()
    demo.load_year(6, 5, NOW.year)
    assert rows() == first


def test_everything_lies_in_the_past_and_nothing_leaves(no_press: None) -> None:
    demo.load_year(12)
    assert session.scalars(select(func.max(Event.recorded_at))).one() <= NOW
    assert set(count_of(Letter.state)) == {LetterState.SENT}
    assert session.info.get("jobs", []) == []
    assert sum(queue.lengths().values()) == 0
    assert not (config.current().instance_dir / "mail").exists()
    due = digest.open_due()
    assert due == []
    assert digest_moment(NOW) > NOW
    assert events.seal() > 100
    assert list(events.broken_links()) == []


def test_last_years_report_is_out_and_this_years_begun(no_press: None) -> None:
    demo.load_year(12)
    last = annual.published_book(2025)
    assert last is not None
    assert "釣魚" in last[1].words["foreword"]["zh-hant"]
    assert last[1].figures.as_json()
    this = annual.find(2026)
    assert this is not None
    assert this.state == annual.AnnualState.DRAFT
    assert [name for _said, name in annual.comments(2026)] == ["Grace Poon"]


def test_advisories_are_signed_and_go_every_way(desk: None) -> None:
    demo.load_year(1)
    found = count_of(AdvisoryVersion.state)
    assert found[AdvisoryState.PUBLISHED] == 3
    assert set(found) == set(AdvisoryState) - {AdvisoryState.APPROVED}
    assert session.scalars(select(Mailing).where(Mailing.finished_at.is_(None))).first() is None
    embargo = session.scalars(select(AdvisoryVersion.embargo_until).where(AdvisoryVersion.state == "embargoed")).one()
    assert embargo is not None
    assert embargo > NOW


def test_the_command_fills_an_empty_desk_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    config.use(replace(config.current(), publication_key=""))

    def run(*words: str) -> tuple[int, str]:
        start_writing()
        result = app.test_cli_runner().invoke(cli, ["demo", "load", *words])
        return result.exit_code, result.stdout.strip()

    assert run("--year", "2098")[0] == 1
    assert run("--cases", "2", "--seed", "3") == (0, "A year of work was made, and 3 reports that wait.")
    with app.app_context():
        assert roster.on_duty()
        assert len(roster.days(roster.today(), 7)[0][1]) == 3
    assert run("--cases", "9") == (0, "There are data already; nothing was added.")
