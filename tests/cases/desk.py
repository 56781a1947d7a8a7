"""People and reports for the tests of the cases stage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import TypeVar

from flask import Flask

from cert_portal.core.db import session
from cert_portal.core.events import Event, of_subjects
from cert_portal.core.i18n import Language
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.intake.models import Report, ReportState
from cert_portal.intake.process import process
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission

Found = TypeVar("Found")
NOW = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Hong Kong


def person(name: str = "Ann", *roles: str) -> User:
    """An account, an analyst unless told otherwise."""
    return accounts.add_user(f"{name.lower()}@portal.example", name, "four unrelated words", roles or ["analyst"])


def a_report(text: str = "A page at https://bad.example/login steals passwords", **more: object) -> Report:
    """A report that waits for triage."""
    told = {"language": Language.EN, "kind": "phishing", "email": "rita@victim.example", "name": "Rita", **more}
    drill = bool(told.pop("drill", False))
    report = receive(Submission(description=text, **told), Channel.WEB, drill=drill)  # type: ignore[arg-type]
    process(report.id)
    session.flush()
    assert report.state == ReportState.WAITING_TRIAGE
    return report


def kinds_of(number: str) -> list[str]:
    """The events of a number, by kind."""
    return [event.kind for event in of_subjects([number])]


def last(number: str) -> Event:
    """The last event of a number."""
    return of_subjects([number])[-1]


def together(app: Flask, *acts: Callable[[], Found]) -> list[Found]:
    """What each of these answers, begun at the same moment, each with a connection of its own."""
    gate, found = Barrier(len(acts)), list[Found]()

    def run(act: Callable[[], Found]) -> None:
        with app.app_context():
            gate.wait()
            found.append(act())
            session.commit()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
