"""Several messages in one transaction come to what they come to one by one."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import event

from cert_portal.core.db import db, session
from cert_portal.core.mail import spool
from cert_portal.core.mail.outbox import Letter
from cert_portal.intake import mail, opening
from cert_portal.intake.models import MailReceipt, Report, ReportFile, ReportState
from cert_portal.intake.process import MOST_ACKS_AN_HOUR
from cert_portal.intake.reconcile import reconcile
from tests.intake.messages import additions, letter, report, with_file
from workers import mail as jobs
from workers.mail import MOST_TOGETHER, take_together

KINDS = ("shop", "bank", "school", "temple", "ferry", "tram", "market", "clinic")
SAME = (
    "I got a message from the post office that says parcel {number} is held and asks for a fee of 12 dollars by card "
    "on the page https://post-office-fee.example/pay within a day, I did not pay but opened the page on my telephone"
)


def different(number: int, **headers: str) -> bytes:
    """A message like no other."""
    words = " ".join(f"{kind}{number * 7 + place}" for place, kind in enumerate(KINDS))
    told = {"Message_ID": f"<m{number}@shop.example>", "From": f"Ann <ann{number}@shop.example>"} | headers
    return letter(f"Help {number}", f"{words} http://bad{number}.example/x", **told)


def rows(raws: list[bytes]) -> list[MailReceipt]:
    """Take these messages together; all have an outcome."""
    told = take_together([spool.store(raw) for raw in raws])
    assert all(isinstance(each, MailReceipt) for each in told.values()), told
    assert reconcile().difference == 0
    return [each for each in told.values() if isinstance(each, MailReceipt)]


def test_reports_of_one_transaction_are_whole(context: Flask) -> None:
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    event.listen(db.engine, "commit", lambda *_: asked.append("COMMIT"))
    told = rows([*(different(number) for number in range(7)), with_file("bad.bin", b"\x00" * 50)])
    writes = [each for each in asked if each.startswith("INSERT INTO reports ")]
    assert (asked.count("COMMIT"), len(writes)) == (1, 1 if db.engine.name == "postgresql" else 8)
    numbers = [each.told for each in told]
    assert [int(number[4:10]) for number in numbers] == list(range(1, 9))
    assert {report(number).state for number in numbers} == {ReportState.WAITING_TRIAGE}
    assert [report(each.told).receipt for each in told] == [each.receipt for each in told]
    assert session.query(ReportFile).one().report_id == report(numbers[7]).id
    letters = {each.about: each for each in session.query(Letter).all()}
    assert {number: letters[number].recipient for number in numbers[:7]} == {
        number: f"ann{place}@shop.example" for place, number in enumerate(numbers[:7])
    }
    assert letters[numbers[3]].headers["In-Reply-To"] == "<m3@shop.example>"


def test_the_same_again_is_a_duplicate_and_an_answer_joins(context: Flask) -> None:
    first, other = different(1), different(2)
    answer = different(3, References="<m1@shop.example>")
    to_answer = different(4, References="<m3@shop.example>")
    told = rows([first, first, answer, other, first, to_answer])
    outcomes = sorted((each.outcome, each.told) for each in told)
    one, two = sorted(each.number for each in session.query(Report).all())
    assert outcomes == [("duplicate", one)] * 2 + [("reply", one)] * 2 + [("report", one), ("report", two)]
    assert [each.report_id for each in additions()] == [report(one).id] * 2


def test_a_surge_that_comes_together_is_one_group(context: Flask) -> None:
    raws = [
        letter(f"Parcel {number}", SAME.format(number=number), Message_ID=f"<p{number}@x.example>")
        for number in range(14)
    ]
    raws = [raw.replace(b"ann@shop", b"ann%d@shop" % number) for number, raw in enumerate(raws)]
    numbers = [each.told for each in rows(raws)]
    first = report(min(numbers))
    assert first.first_alike_id is None
    assert {report(number).first_alike_id for number in numbers} == {None, first.id}
    letters = session.query(Letter).order_by(Letter.about).all()
    many = ["Many people are reporting the same" in each.text for each in letters]
    assert many == [False] * 9 + [True] * 5


def test_one_address_is_answered_so_often_and_no_more(context: Flask) -> None:
    raws = [different(number, From="Ann <ANN@shop.example>") for number in range(MOST_ACKS_AN_HOUR + 4)]
    assert {each.outcome for each in rows(raws)} == {"report"}
    assert session.query(Letter).count() == MOST_ACKS_AN_HOUR


def test_what_cannot_be_taken_holds_up_no_other(context: Flask) -> None:
    receipts = [spool.store(different(number)) for number in range(3)]
    gone = "20260101T000000000000-00000000-report"
    told = take_together([receipts[0], gone, *receipts[1:]])
    assert isinstance(told[gone], FileNotFoundError)
    assert [getattr(told[each], "outcome", "") for each in receipts] == ["report"] * 3


def test_a_message_that_another_process_took_meanwhile_keeps_its_outcome(context: Flask) -> None:
    receipts = [spool.store(different(number)) for number in range(3)]
    before = jobs.take_and_commit(receipts[1]).told
    told = take_together(receipts)
    assert [getattr(told[each], "outcome", "") for each in receipts] == ["report"] * 3
    assert (getattr(told[receipts[1]], "told", ""), session.query(Report).count()) == (before, 3)


def test_what_stands_between_two_groups_joins_one_and_merges_none(context: Flask) -> None:
    words = [f"word{number}" for number in range(60)]
    other = [f"term{number}" for number in range(60)]

    def said(number: int, *told: str) -> bytes:
        return letter(f"n{number}", " ".join(told), Message_ID=f"<g{number}@x.example>", From=f"g{number}@x.example")

    one, two = rows([said(1, *words)])[0].told, rows([said(2, *other)])[0].told
    leads = said(3, *words[:49], *[f"new{number}" for number in range(9)])
    rows([leads, said(4, *words[:58]), said(5, *other[:58])])
    assert {report(one).first_alike_id, report(two).first_alike_id} == {None}


def test_a_message_that_no_parser_can_read_is_set_aside_for_a_person(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(raw: bytes) -> object:
        raise RecursionError

    monkeypatch.setattr(opening, "read", breaks)
    [told] = rows([different(1)])
    assert (told.outcome, report(told.told).trouble) == ("quarantined", ["unreadable"])
    assert rows([different(1)])[0].outcome == "duplicate"


def test_large_messages_come_a_few_at_a_time(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "MOST_BYTES", 2_000)
    sizes: list[int] = []
    really = mail.take_new

    def counted(*told: object) -> list[MailReceipt]:
        taken = really(*told)  # type: ignore[arg-type]  # as it was called
        sizes.append(len(taken))
        return taken

    monkeypatch.setattr(mail, "take_new", counted)
    rows([different(1), with_file("big.bin", b"\x00" * 5_000), *map(different, range(2, MOST_TOGETHER + 9))])
    assert sizes[:2] == [1, 1]
    assert all(1 < size < MOST_TOGETHER for size in sizes[2:-1])
