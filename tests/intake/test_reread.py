"""Stored originals are read again: more is understood, nothing is received or answered twice, no work is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from cert_portal import cli as commands
from cert_portal import config
from cert_portal.core import blobs, clock, crypto, search
from cert_portal.core.db import on_postgresql, session, start_writing
from cert_portal.core.events import Event, of_subjects
from cert_portal.core.i18n import Language
from cert_portal.core.mail import compose, spool
from cert_portal.core.mail.message import InboundMail
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import accounts
from cert_portal.intake import files, inside, observables, opening, paper, reread, transcript
from cert_portal.intake.editing import edit
from cert_portal.intake.mail import take
from cert_portal.intake.models import FaxPage, MailReceipt, Observable, Report, ReportAddition
from cert_portal.intake.pages import Picture
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission
from tests.conftest import NOW
from tests.intake.messages import additions, deliver, letter, report, sealed, with_file
from workers.intake import process_report, read_fax

Patch = pytest.MonkeyPatch
PICTURE = Picture(b"\x89PNG", 10, 10)


def values(found: Report) -> set[str]:
    rows = session.query(Observable.value).filter_by(report_id=found.id)
    return {value for (value,) in rows}


def again(found: Report) -> reread.Changes:
    """As the command does it."""
    number = found.id
    session.commit()
    changes = reread.keep(reread.look(number))
    session.commit()
    return changes


def events(number: str) -> list[dict[str, Any]]:
    return [each.data for each in of_subjects([number]) if each.kind == "report.read_again"]


def counted() -> tuple[int, int, int]:
    """Reports, letters and acknowledgements: what must not grow."""
    acknowledged = session.query(Event).filter(Event.kind.in_(["report.acknowledged", "report.not_acknowledged"]))
    return session.query(Report).count(), session.query(Letter).count(), acknowledged.count()


def half_blind(patch: Patch, **less: Any) -> None:
    """A reader that understands less than ours does."""
    whole = opening.read

    def read(raw: bytes) -> InboundMail:
        return replace(whole(raw), **less)

    patch.setattr(opening, "read", read)


def test_a_mail_that_is_understood_better_says_more(context: Flask, monkeypatch: Patch) -> None:
    with monkeypatch.context() as patch:
        half_blind(patch, text="??", subject="??", attachments=[], trouble=["bad_charset"])
        number = deliver(with_file("證據.txt", b"from 192.0.2.77", Subject="公司電腦中毒")).told
    before = counted()
    made = report(number)
    assert (made.text, made.title, made.language, made.trouble) == ("??", "??", "en", ["bad_charset"])
    changes = again(made)
    made = report(number)
    assert (made.text.strip(), made.title, made.language) == ("See the file", "公司電腦中毒", "zh-hant")
    assert made.details["description"] == made.text
    assert (made.trouble, [each.filename for each in made.files]) == ([], ["證據.txt"])
    assert "192.0.2.77" in values(made)
    assert search.find("R", "中毒") == [made.id]
    assert (changes.parts, changes.files) == (["text", "title", "trouble"], 1)
    assert events(number) == [{"parts": changes.parts, "observables": 2, "dropped": 0, "files": 1}]
    assert counted() == before
    assert not again(made).any
    assert len(events(number)) == 1


def test_a_title_that_a_person_set_stays(context: Flask) -> None:
    made = report(deliver(with_file("a.txt", b"from 192.0.2.77", Subject="Help")).told)
    ann = accounts.add_user("ann@portal.example", "Ann", "four unrelated words", ["analyst"])
    edit(made, {"title": "False page"}, ann)
    session.commit()
    assert "title" not in again(made).parts
    assert report(made.number).title == "False page"


def test_a_sealed_mail_is_opened_when_its_key_is_there(context: Flask, monkeypatch: Patch) -> None:
    raw = sealed(compose.text_part("Attack from 192.0.2.78"), config.current().desk_key)

    def no_key(_self: crypto.Keyring, _data: bytes) -> None:
        raise crypto.CryptoError("no secret key")

    with monkeypatch.context() as patch:
        patch.setattr(crypto.Keyring, "decrypt", no_key)
        number = deliver(raw).told
    made, before = report(number), counted()
    assert (made.trouble, "192.0.2.78" in values(made)) == (["cannot_decrypt"], False)
    assert "text" in again(made).parts
    made = report(number)
    assert ("Attack from" in made.text, made.trouble) == (True, [])
    assert "192.0.2.78" in values(made)
    with monkeypatch.context() as patch:  # the key is lost later: what it opened stays
        patch.setattr(crypto.Keyring, "decrypt", no_key)
        assert not again(made).any
    assert "Attack from" in report(number).text
    assert counted() == before


def test_what_was_added_by_mail_is_read_again_too(context: Flask, monkeypatch: Patch) -> None:
    number = deliver(letter()).told
    with monkeypatch.context() as patch:
        half_blind(patch, text="", attachments=[])
        subject = f"[{number}]"
        deliver(letter(subject, "It came from 192.0.2.79", Message_ID="<two@shop.example>"))
    [added] = additions()
    assert added.text == ""
    before = counted()
    receipt = str(added.receipt)
    assert reread.of_receipt(receipt) == report(number).id == reread.of_receipt(str(report(number).receipt))
    assert "text" in again(report(number)).parts
    [added] = additions()
    assert "192.0.2.79" in added.text
    assert "192.0.2.79" in values(report(number))
    with monkeypatch.context() as patch:
        half_blind(patch, text="", trouble=["unreadable"])
        assert not again(report(number)).any
    assert (counted(), session.query(ReportAddition).count()) == (before, 1)


def test_a_verdict_on_a_signature_stays(context: Flask) -> None:
    number = deliver(letter()).told
    row = session.query(MailReceipt).one()
    row.signature, row.signer = "good", "ann@shop.example"
    again(report(number))
    assert session.query(MailReceipt).one().signature == "good"


def test_a_report_of_a_program_is_searched_anew(context: Flask, monkeypatch: Patch) -> None:
    told = Submission(Language.EN, description="Beacon to 192.0.2.80 and evil.example", indicators="198.51.100.7")
    with monkeypatch.context() as patch:
        patch.setattr(observables, "find", lambda words: [("domain", "false.example"), ("ip", "192.0.2.80")])
        patch.setattr(inside, "look", lambda *_told: inside.Inside())
        made = receive(told, Channel.API)
        files.keep("log.txt", b"seen 192.0.2.81", report_id=made.id)
        number = made.id
        session.commit()
        process_report(number)
    made, before = session.query(Report).one(), counted()
    config.use(replace(config.current(), allow_list="192.0.2.80"))
    changes = again(made)
    assert (changes.parts, changes.observables, changes.dropped) == (["inside", "known"], 3, 1)
    assert values(made) >= {"192.0.2.80", "evil.example", "198.51.100.7", "192.0.2.81"}
    assert "false.example" not in values(made)
    assert counted() == before


def fax(*attachments: tuple[str, bytes], subject: str = "Fax") -> int:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "fax@gateway.example", subject
    mail.set_content("Caller ID: 2345 6789")
    for name, data in attachments:
        mail.add_attachment(data, "image", "tiff", filename=name)
    told = take(spool.store(mail.as_bytes(), "fax"))
    number = session.query(Report).filter_by(number=told.told).one().id
    session.commit()
    session.remove()
    process_report(number)
    return number


def test_a_fax_is_read_again_and_what_a_person_wrote_stays(context: Flask, monkeypatch: Patch) -> None:
    monkeypatch.setattr(transcript, "look", lambda _key: [(PICTURE, "pishing"), (PICTURE, "acount")])
    monkeypatch.setattr(paper, "read", lambda _pictures: None)
    number = fax(("a.tif", b"II*\x00 x"))
    assert not again(session.get_one(Report, number)).any, "its pages were never read: that is the job's work"
    read_fax(number)
    made = session.get_one(Report, number)
    ann = accounts.add_user("ann@portal.example", "Ann", "four unrelated words", ["operator"])
    transcript.save(made, transcript.pages(made)[0], "phishing from 192.0.2.82", ann)
    made.reporter_telephone = made.telephone_key = ""
    session.commit()
    before = counted()
    monkeypatch.setattr(transcript, "look", lambda _key: [(PICTURE, each) for each in ("phishing", "account", "third")])
    changes = again(session.get_one(Report, number))
    assert changes.parts == ["pages", "telephone"]
    made = session.get_one(Report, number)
    assert [each.text for each in transcript.pages(made)] == ["phishing from 192.0.2.82", "account", "third"]
    assert made.telephone_key == "85223456789"
    assert "192.0.2.82" in values(made)
    assert not again(made).any
    assert counted() == before


def test_a_fax_that_could_not_be_read_can_be_read_now(context: Flask, monkeypatch: Patch) -> None:
    monkeypatch.setattr(transcript, "look", lambda _key: [])
    number = fax(("a.tif", b"II*\x00 x"))
    read_fax(number)
    form = paper.Read("R26-000099-0", Language.ZH_HANT, {"name": "CHAN", "description": "locked"}, ("ransomware",))
    monkeypatch.setattr(transcript, "look", lambda _key: [(PICTURE, "now")])
    monkeypatch.setattr(paper, "read", lambda pictures: form if pictures else None)
    assert again(session.get_one(Report, number)).parts == ["form", "pages"]
    assert [(each.page, each.text) for each in session.query(FaxPage)] == [(1, "now")]
    made = session.get_one(Report, number)
    assert (made.details["description"], made.reporter_name, made.kind) == ("locked", "CHAN", "ransomware")
    made.details = made.details | {"description": "a person put it right"}
    assert not again(made).any
    assert session.get_one(Report, number).details["description"] == "a person put it right"


@pytest.fixture
def command(app: Flask) -> Callable[..., Result]:
    """Run the command on the application under test."""

    def run(*arguments: str) -> Result:
        start_writing()
        return app.test_cli_runner().invoke(commands.cli, ["reread", *arguments])

    return run


def test_the_command_takes_one_a_range_or_all(app: Flask, command: Callable[..., Result], monkeypatch: Patch) -> None:
    with app.app_context(), monkeypatch.context() as patch, clock.turned_to(NOW):
        half_blind(patch, text="")
        numbers = [deliver(letter(f"Help {n}", Message_ID=f"<{n}@shop.example>")).told for n in range(3)]
        receipts = {each.number: str(each.receipt) for each in session.query(Report)}
        before = counted()
    tried = command("--all", "--dry-run")
    assert tried.stdout.splitlines()[-1] == "3 read, 3 changed, 0 originals gone"
    one = command(numbers[0].lower())
    assert one.stdout.splitlines() == [
        f"{numbers[0]}  text  observables +2 -0, files +0",
        "1 read, 1 changed, 0 originals gone",
    ]
    assert "1 read, 1 changed" in command(receipts[numbers[1]]).stdout
    assert "3 read, 1 changed" in command("--from", "2026-05-04", "--to", "2026-05-04").stdout
    assert "0 read" in command("--from", "2026-05-05", "--to", "2026-05-06").stdout
    assert "3 read, 0 changed" in command("--all").stdout
    with app.app_context():
        assert counted() == before


def test_all_makes_the_index_of_words_anew(app: Flask, command: Callable[..., Result]) -> None:
    """Else a word whose rows all moved is read from end to end by each search (PostgreSQL)."""
    with app.app_context():
        deliver(letter("Help with ochre"))
        made = index_file()
    assert command("--all").exit_code == 0
    with app.app_context():
        assert len(search.find("R", "ochre")) == 1
        assert (index_file() == made) is not on_postgresql()


def index_file() -> object:
    """The file in which PostgreSQL keeps the index of words."""
    return on_postgresql() and session.scalar(text("SELECT pg_relation_filenode('ix_search_entries_words')"))


def test_the_command_says_what_is_gone(app: Flask, command: Callable[..., Result]) -> None:
    with app.app_context():
        number = deliver(with_file("a.txt", b"x")).told
        receipt = str(report(number).receipt)
        key = report(number).files[0].blob_key
        spool._path(receipt).unlink()
        blobs.delete(key)
    found = command(number)
    assert found.exit_code == 1
    assert found.stdout.splitlines()[0] == f"{number}  gone: {receipt}"
    assert found.stdout.splitlines()[-1] == "1 read, 0 changed, 2 originals gone"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "name reports"),
        (("--all", "R26-000001-0"), 2, "name reports"),
        (("--from", "2026-05-04"), 2, "name reports"),
        (("--all", "--to", "2026-05-04"), 2, "name reports"),
        (("--from", "2026-05-04", "--to", "2026-05-01"), 1, "the first day comes after"),
        (("R26-000777-0",), 1, "no report"),
    ],
)
def test_the_command_refuses(command: Callable[..., Result], arguments: tuple[str, ...], code: int, said: str) -> None:
    found = command(*arguments)
    assert (found.exit_code, said in found.output) == (code, True)
