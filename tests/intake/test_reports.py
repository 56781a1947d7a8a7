"""A report from its arrival to the queue: number, acknowledgement, what it names, and the proof that none is lost."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from cert_portal.core import clock, numbers, search
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.i18n import Language
from cert_portal.core.mail import outbox, spool
from cert_portal.core.mail.message import parse
from cert_portal.core.numbers import NumberKind
from cert_portal.intake import files, process, reconcile
from cert_portal.intake.compare import compare
from cert_portal.intake.models import Observable, Report, ReportState
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, ReporterKind, Submission
from tests.intake.messages import deliver, letter


def arrived(**told: Any) -> Report:
    facts: dict[str, Any] = {"description": "My till shows hxxps://bad[.]example/pay", "email": "ann@shop.example"}
    report = receive(Submission(language=Language.EN, **(facts | told)), Channel.WEB)
    session.commit()
    return report


def events_of(report: Report) -> list[str]:
    rows = select(Event.kind).where(Event.subject == report.number).order_by(Event.id)
    return list(session.scalars(rows))


def test_a_report_has_a_number_before_anything_else(context: Flask) -> None:
    report = arrived(name="Ann", telephone="2345 6789", kind="phishing")
    assert numbers.resolve(report.number) == (NumberKind.REPORT, report.id)
    assert (report.state, report.origin, report.ack_address) == (ReportState.RECEIVED, "local", "ann@shop.example")
    assert (report.reporter_name, report.reporter_telephone) == ("Ann", "2345 6789")
    assert events_of(report) == ["report.received"]
    assert process.unfinished() == []
    with clock.turned_to(clock.now() + timedelta(seconds=61)):
        assert process.unfinished() == [report.id]


def test_who_stays_anonymous_is_nowhere(context: Flask) -> None:
    report = arrived(anonymous=True, name="Ann", telephone="2345 6789")
    assert (report.reporter_name, report.reporter_email, report.reporter_telephone) == ("", "", "")
    assert report.ack_address == ""


def test_reports_of_other_teams_are_counted_apart(context: Flask) -> None:
    assert arrived(reporter_kind=ReporterKind.OVERSEAS_CERT).origin == "overseas"


def test_all_answers_are_kept_by_name() -> None:
    at = datetime(2026, 5, 4, tzinfo=UTC)
    told = Submission(language=Language.EN, occurred_at=at, severity_told=0, software=["till"]).as_json()
    assert set(told) == {each.name for each in fields(Submission)}
    assert (told["occurred_at"], told["severity_told"], told["discovered_at"]) == ("2026-05-04T00:00:00+00:00", 0, None)


def test_processing_twice_is_processing_once(context: Flask) -> None:
    report = arrived()
    assert process.process(report.id)
    session.commit()
    assert not process.process(report.id)
    assert not process.process(999)
    assert report.state == ReportState.WAITING_TRIAGE
    assert events_of(report) == ["report.received", "report.processed", "report.acknowledged"]
    assert session.query(outbox.Letter).count() == 1
    assert process.unfinished() == []


def test_the_acknowledgement_holds_what_the_reporter_needs(context: Flask, run_jobs: Any) -> None:
    number = arrived(kind="phishing").number
    session.remove()
    run_jobs()
    [path] = (Path(context.extensions["settings"].instance_dir) / "mail").glob("*.eml")
    mail = parse(path.read_bytes())
    assert number in mail.subject
    assert mail.headers["auto-submitted"] == "auto-replied"
    assert "TLP:AMBER" in mail.text


def test_the_acknowledgement_of_a_mail_answers_it(context: Flask) -> None:
    deliver(letter())
    report = session.query(Report).one()
    process.process(report.id)
    assert session.scalars(select(outbox.Letter)).one().headers["In-Reply-To"] == "<one@shop.example>"


def test_an_odd_message_id_is_not_repeated(context: Flask) -> None:
    deliver(letter(Message_ID="no angle brackets"))
    process.process(session.query(Report).one().id)
    assert "In-Reply-To" not in session.scalars(select(outbox.Letter)).one().headers


def test_without_an_address_nobody_is_acknowledged(context: Flask) -> None:
    report = arrived(email="", telephone="2345 6789")
    process.process(report.id)
    session.commit()
    assert events_of(report)[-1] == "report.not_acknowledged"


def test_one_address_gets_only_so_many_acknowledgements_an_hour(context: Flask) -> None:
    for _ in range(process.MOST_ACKS_AN_HOUR + 1):
        report = arrived()
        process.process(report.id)
        session.commit()
    assert session.query(outbox.Letter).count() == process.MOST_ACKS_AN_HOUR
    assert session.query(Event).filter_by(kind="report.not_acknowledged").one().data["reason"] == (
        "too_many_to_this_address"
    )
    assert report.state == ReportState.WAITING_TRIAGE


def test_what_a_report_names_is_found_once(context: Flask) -> None:
    report = arrived(software=["Shop 9.1"], found_how="CVE-2026-12345")
    files.keep("sample.bin", b"x", report_id=report.id)
    session.flush()
    assert compare(report) == 4
    assert compare(report) == 0
    values = set(session.scalars(select(Observable.value)))
    assert {"https://bad.example/pay", "bad.example", "CVE-2026-12345"} < values
    assert "ann@shop.example" not in values
    assert search.find(NumberKind.REPORT, "ann@shop.example") == [report.id]
    assert search.find(NumberKind.REPORT, "sample.bin") == [report.id]
    assert search.find(NumberKind.REPORT, "9.1") == [report.id]


def test_both_sides_of_the_balance_are_counted(context: Flask) -> None:
    deliver(letter())
    receipt = spool.store(letter(text="another"))
    assert reconcile.unfinished() == [receipt]
    balance = reconcile.reconcile()
    assert (balance.taken, balance.difference, balance.unfinished) == (2, 1, [receipt])
    assert balance.outcomes["reports"] == 1
    session.rollback()


def test_nothing_in_nothing_out(context: Flask) -> None:
    assert reconcile.reconcile().difference == 0
    assert reconcile.unfinished() == []
