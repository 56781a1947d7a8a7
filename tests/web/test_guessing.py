"""Who guesses numbers and secrets learns nothing: a wrong pair costs exactly what an unknown number costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from cert_portal.core.db import db, session, start_writing
from cert_portal.core.i18n import Language
from cert_portal.core.numbers import NumberKind, issue
from cert_portal.intake import files, status
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission

WRONG = "AAAA-AAAA-AAAA"
ASKED: dict[str, Callable[[FlaskClient, str], object]] = {
    "page, asked": lambda client, number: client.post("/en/status", data={"number": number, "secret": WRONG}),
    "page, by its address": lambda client, number: client.get(f"/en/status/{number}/{WRONG}"),
    "page, adding": lambda client, number: client.post(f"/en/status/{number}/{WRONG}", data={"text": "more"}),
    "interface": lambda client, number: client.get(f"/api/v1/reports/{number}/status?secret={WRONG}"),
    "interface, no secret": lambda client, number: client.get(f"/api/v1/reports/{number}/status"),
}


@pytest.fixture
def numbers(app: Flask) -> dict[str, str]:
    """A number that stands for a long report with a file, one that is only reserved, and one that nobody has."""
    with app.app_context():
        start_writing()
        report = receive(Submission(Language.EN, description="x" * 100_000), Channel.API)
        files.keep("a.txt", b"x" * 10_000, report_id=report.id)
        reserved = issue(NumberKind.REPORT)
        session.commit()
        return {"known": report.number, "reserved": reserved, "unknown": "R26-999999-9"}


@contextmanager
def work(app: Flask) -> Iterator[list[str]]:
    """What is asked of the database, in order."""
    told: list[str] = []

    def note(_connection: object, cursor: object, statement: str, *_more: object) -> None:
        told.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(engine, "after_cursor_execute", note)


@pytest.mark.parametrize("way", ASKED)
def test_a_wrong_pair_makes_the_same_work_as_an_unknown_number(app: Flask, numbers: dict[str, str], way: str) -> None:
    client, done, derived = app.test_client(), {}, {}
    ASKED[way](client, numbers["unknown"])  # what is made once is made
    for name, number in numbers.items():
        with work(app) as statements, derivations() as made:
            ASKED[way](client, number)
        done[name], derived[name] = [each for each in statements if "FROM " in each], len(made)
    assert done["known"] == done["reserved"] == done["unknown"]
    assert derived["known"] == derived["reserved"] == derived["unknown"] > 0
    assert not any("reports" in each or "numbers" in each for each in done["known"]), "not even looked for"


@contextmanager
def derivations() -> Iterator[list[str]]:
    """The numbers whose secret is derived."""
    made: list[str] = []
    whole = status.secret_of

    def noting(number: str) -> str:
        made.append(number)
        return whole(number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(status, "secret_of", noting)
        yield made


def test_the_right_pair_is_still_found(app: Flask, numbers: dict[str, str]) -> None:
    with app.app_context():
        secret = status.secret_of(numbers["known"])
    client = app.test_client()
    assert client.get(f"/api/v1/reports/{numbers['known']}/status?secret={secret}").status_code == 200
    assert client.get(f"/en/status/{numbers['known']}/{secret}").status_code == 200
