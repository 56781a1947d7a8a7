"""The source of letters that left, and letters that answer what a reporter wrote."""

from __future__ import annotations

import re
from email.message import EmailMessage
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from cert_portal.cases import withheld
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail import outbox
from cert_portal.core.mail.outbox import Letter
from cert_portal.intake.models import MailReceipt, Report
from cert_portal.intake.status import add, secret_of
from cert_portal.intake.submission import Channel
from tests.intake.messages import deliver
from tests.web.staff.desk import do, open_case, report, sign_in


def leave(app: Flask, number: str) -> list[int]:
    """The letters about a number leave; answers their ids, oldest first."""
    start_writing()
    with app.app_context():
        letters = outbox.about([number])
        for each in letters:
            if envelope := outbox.claim(each.id):
                outbox.keep(envelope)
                each.sent_at = clock.now()
        session.commit()
        return [each.id for each in letters]


@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_the_source_of_a_letter_tells_its_head_and_no_secret(app: Flask, ann: FlaskClient, language: str) -> None:
    number = report(app, "釣魚", language=language)
    path = f"/staff/cases/{open_case(ann, number)}"
    do(ann, f"{path}/write", to=number, subject="Hello", letter="Dear Rita, 你好", do="send")
    assert "Source of the letter" not in ann.get(path).text, "it has not left"
    first, last = leave(app, number)
    page = ann.get(path).text
    assert re.findall(r"/staff/letters/(\d+)/source", page) == [str(first), str(last)]
    source = ann.get(f"/staff/letters/{last}/source").text
    assert "Message-ID: &lt;" in source
    assert "To: rita@victim.example" in source
    received = ann.get(f"/staff/letters/{first}/source").text
    with app.app_context():
        secret = secret_of(number)
    assert "Auto-Submitted: auto-replied" in received
    assert number in received
    for written in (source, received):
        assert secret not in written
        assert secret not in written.replace("=\n", "").replace("=\r\n", "")


def test_no_link_leads_to_a_source_that_was_not_stored(app: Flask, ann: FlaskClient) -> None:
    number = report(app)
    path = f"/staff/cases/{open_case(ann, number)}"
    (letter,) = leave(app, number)
    assert ann.get(f"/staff/letters/{letter}/source").status_code == 200
    start_writing()
    with app.app_context():
        session.get_one(Letter, letter).body_digest = None
        session.commit()
    assert ann.get(f"/staff/letters/{letter}/source").status_code == 404
    page = ann.get(path).text
    assert "Handed over" in page
    assert "Source of the letter" not in page


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_no_part_of_a_signed_letter_tells_the_secret(app: Flask, encoding: str) -> None:
    number = report(app)
    with app.app_context():
        secret = secret_of(number)
        letter = EmailMessage()
        letter.set_content(f"你好 {secret}\nhttps://portal.example/p/token-of-a-party", cte=encoding)
        letter.add_attachment(b"signature", maintype="application", subtype="pgp-signature")
        told = withheld.source(letter.as_bytes(), number)
    assert secret not in told.replace("=\n", "")
    assert "token-of-a-party" not in told.replace("=\n", "")
    assert "你好 […]\nhttps://portal.example/p/[…]" in told


def test_the_source_of_a_letter_is_hidden_with_its_case(app: Flask, ann: FlaskClient) -> None:
    number = report(app)
    path = f"/staff/cases/{open_case(ann, number)}"
    do(ann, f"{path}/write", to=number, subject="Hello", letter="Dear Rita", do="send")
    with app.app_context():
        ids = [each.id for each in outbox.about([number])]
    assert ann.get(f"/staff/letters/{ids[-1]}/source").status_code == 404, "not sealed yet"
    leave(app, number)
    bob = sign_in(app, "Bob", "analyst")
    assert bob.get(f"/staff/letters/{ids[-1]}/source").status_code == 200
    do(ann, f"{path}/restrict", why="a colleague")
    assert bob.get(f"/staff/letters/{ids[-1]}/source").status_code == 404
    assert ann.get(f"/staff/letters/{ids[-1]}/source").status_code == 200
    with app.app_context():
        start_writing()
        session.get_one(Letter, ids[0]).about = "user:1"
        session.commit()
    assert ann.get(f"/staff/letters/{ids[0]}/source").status_code == 404, "a letter to people of the desk"


def test_what_a_reporter_wrote_is_answered_with_its_words(app: Flask, ann: FlaskClient) -> None:
    number = report(app, language="zh-hant")
    path = f"/staff/cases/{open_case(ann, number, others=[report(app, email='lee@shop.example')])}"
    start_writing()
    with app.app_context():
        row = session.scalars(select(Report).where(Report.number == number)).one()
        add(row, Channel.WEB, "First line\n\n> and <last>", [])
        session.commit()
    do(ann, f"{path}/unsent/letter", to="", subject="Begun", letter="My words")
    for place in (path, f"/staff/reports/{number}"):
        page = ann.get(place).text
        [link] = re.findall(r'href="([^"]+\?answer=a\d+)#writing"', page)
        page = ann.get(link).text
        assert "&gt; First line\n&gt;\n&gt; &gt; and &lt;last&gt;" in page
        assert "你於" in page
    assert re.search(rf'value="{number}"[^>]*checked', ann.get(f"{path}?answer={link.rpartition('=')[2]}").text)
    assert "My words" in ann.get(f"{path}?answer={link.rpartition('=')[2]}").text
    begun = {"to": number, "subject": "Begun", "letter": "My words\n\n" + quote(ann.get(link).text)}
    do(ann, f"{path}/unsent/letter", **begun)
    again = ann.get(f"{path}?answer={link.rpartition('=')[2]}").text
    assert again.count("&gt; First line") == 1, "it is quoted already"
    for odd in ("a999", "e1", "x", ""):
        assert "&gt; First line" not in ann.get(f"{path}?answer={odd}").text


def quote(page: str) -> str:
    """What stands in the form of a letter from the line on that says when the reporter wrote."""
    found = re.search(r'(?s)<textarea[^>]*name="letter"[^>]*>(.*?)</textarea>', page)
    assert found
    return unescape(found[1]).strip().partition("\n\n")[2]


def test_a_letter_that_was_begun_to_one_reporter_is_not_turned_to_another(app: Flask, ann: FlaskClient) -> None:
    first, second = report(app), report(app, email="lee@shop.example", name="Lee")
    path = f"/staff/cases/{open_case(ann, first, others=[second])}"
    start_writing()
    with app.app_context():
        add(session.scalars(select(Report).where(Report.number == second)).one(), Channel.WEB, "My card 4242", [])
        session.commit()
    do(ann, f"{path}/unsent/letter", to=first, subject="Begun", letter="Dear Rita, your password is known")
    link = re.findall(r'href="([^"]+\?answer=a\d+)#', ann.get(path).text)[0]
    page = ann.get(link).text
    assert f"You have begun a letter to {first}" in page
    assert "&gt; My card 4242" not in page
    assert re.search(rf'value="{first}"[^>]*checked', page)
    assert not re.search(rf'value="{second}"[^>]*checked', page)


def test_a_letter_answers_the_newest_message_of_the_reporter(app: Flask, ann: FlaskClient) -> None:
    start_writing()
    with app.app_context():
        number = deliver(b"From: rita@victim.example\nSubject: Fake bank\nMessage-ID: <1@victim.example>\n\nLook").told
        session.commit()

    def answer(words: str) -> tuple[str, str]:
        do(ann, f"/staff/reports/{number}/write", subject="Hello", letter=words, do="send")
        with app.app_context():
            letter = outbox.about([number])[-1]
            return letter.headers["In-Reply-To"], letter.message_id

    first, ours = answer("One")
    assert answer("Two")[0] == ours
    start_writing()
    with app.app_context():
        raw = f"From: rita@victim.example\nSubject: Re: {number}\nMessage-ID: <2@victim.example>\n\nMore"
        assert deliver(raw.encode()).told == number
        assert session.scalars(select(MailReceipt.message_id)).all()[-1] == "<2@victim.example>"
        session.commit()
    assert answer("Three")[0] == "<2@victim.example>"
    assert first != ours
