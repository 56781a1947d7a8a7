"""Messages as they came, on the desk: read, not run."""

from __future__ import annotations

from flask import Flask

from cert_portal.cases.visible import find_case
from cert_portal.coordination import answers, refer
from cert_portal.coordination.models import ReferralMessage
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail import spool
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import accounts
from cert_portal.intake import opening
from cert_portal.intake.mail import take
from cert_portal.intake.models import ReportAddition
from cert_portal.intake.process import process
from tests.directory.parties import contact, party
from tests.web.staff.desk import check_places, do, open_case, report, sign_in

HTML = b"""From: "Rita" <rita@victim.example>
To: report@portal.example
Subject: Odd mail
Message-ID: <1@victim.example>
Authentication-Results: mx.portal.example; spf=fail
Received: from evil.example (203.0.113.9) by mx.portal.example; Mon, 4 May 2026 10:00:00 +0800
Content-Type: text/html; charset=utf-8

<p>Pay <a href="https://evil.example/pay">here</a></p><img src="https://evil.example/p.png"><script>alert('unmistakable')</script>
"""


def mailed(app: Flask, raw: bytes) -> str:
    """A report by mail; answers its number."""
    start_writing()
    with app.app_context():
        kept = spool.store(raw)
        session.rollback()
        told = take(kept).told
        session.commit()
        return told


def test_what_a_party_wrote_by_mail_is_shown_safe_too(app: Flask) -> None:
    ann = sign_in(app, "Ann", "analyst")
    case = open_case(ann, report(app, "https://www.harbour.example/login", consents=["isp"]))
    start_writing()
    with app.app_context():
        user = accounts.by_email("ann@portal.example")
        owner = party()
        contact(owner)
        found = find_case(case, user) if user else None
        assert found is not None
        assert user is not None
        made = refer.prepare(found, owner, user)
        refer.send(made, user)
        session.flush()
        sent = session.get_one(Letter, made.letter_id)
        raw = HTML.replace(b"Message-ID: <1@", b"In-Reply-To: %s\nMessage-ID: <9@" % sent.message_id.encode())
        kept = spool.store(raw.replace(b"rita@victim.example", made.recipient.encode()))
        assert answers.take_answer(opening.read(spool.read(kept)[1]), kept) == made.number
        number, message = made.number, session.query(ReferralMessage).one().id
        session.commit()
    path = f"/staff/referrals/{number}"
    assert f"{path}/mail?message={message}" in ann.get(path).text
    page = ann.get(f"{path}/mail?message={message}").text
    assert "hxxps://evil[.]example/pay" in page
    assert "https://evil.example/p.png" not in page
    check_places(page)
    assert f"{path}/source?message={message}" in page
    source = ann.get(f"{path}/source?message={message}").text
    assert "&lt;script&gt;" in source
    assert f"{path}/mail?message={message}" in source
    assert [ann.get(f"{path}/{kind}?message=99").status_code for kind in ("mail", "source")] == [404, 404]
    do(ann, f"/staff/cases/{case}/restrict", why="secret")
    bob = sign_in(app, "Bob", "supervisor")
    assert bob.get(f"{path}/mail?message={message}").status_code == 404


def processed(app: Flask) -> None:
    """Read what came."""
    start_writing()
    with app.app_context():
        process(1)
        session.commit()


def test_the_message_is_shown_safe_with_what_was_blocked(app: Flask) -> None:
    number = mailed(app, HTML)
    processed(app)
    ann = sign_in(app, "Ann", "analyst")
    assert f"/staff/reports/{number}/mail" in ann.get(f"/staff/reports/{number}").text
    page = ann.get(f"/staff/reports/{number}/mail").text
    assert "Blocked: pictures and the like from outside: 1 · programs: 1 · forms: 0 · links, shown as words: 1" in page
    assert 'sandbox=""' in page
    assert "hxxps://evil[.]example/pay" in page
    assert "https://evil.example/p.png" not in page
    assert "unmistakable" not in page.partition("srcdoc=")[2].partition("></iframe>")[0]
    assert "spf=fail" in page.replace("[.]", ".")
    assert "The way it took" in page
    check_places(page)
    source = ann.get(f"/staff/reports/{number}/source")
    assert "&lt;script&gt;alert(&#39;unmistakable&#39;)&lt;/script&gt;" in source.text
    assert source.mimetype == "text/html"
    assert "frame-ancestors 'none'" in source.headers["Content-Security-Policy"]


def test_signs_that_turn_the_direction_are_seen_in_the_subject_the_words_and_the_source(app: Flask) -> None:
    ann = sign_in(app, "Ann", "analyst")
    plain = HTML.replace(b"text/html", b"text/plain").replace(b"Odd mail", "Odd \u202eliam".encode())
    number = mailed(app, plain.replace(b"<p>Pay", "open \u202efdp.exe".encode()))
    processed(app)
    for page in ("mail", "source"):
        text = ann.get(f"/staff/reports/{number}/{page}").text
        assert (text.count("[U+202E]"), "\u202e" in text) == (2, False)


def test_mail_that_was_added_later_is_shown_too(app: Flask) -> None:
    number = mailed(app, HTML)
    processed(app)
    answer = b"From: rita@victim.example\nSubject: Re: [%s] Odd mail\nMessage-ID: <2@victim.example>\n\nMore words\n"
    assert mailed(app, answer % number.encode()) == number
    ann = sign_in(app, "Ann", "analyst")
    with app.app_context():
        added = session.query(ReportAddition).one().id
    path = f"/staff/reports/{number}/mail?addition={added}"
    assert path.replace("&", "&amp;") in ann.get(f"/staff/reports/{number}").text
    page = ann.get(path).text
    assert "More words" in page
    assert "<iframe" not in page
    assert f"/staff/reports/{number}/source?addition={added}" in page
    assert "More words" in ann.get(f"/staff/reports/{number}/source?addition={added}").text
    other = report(app)
    for place in (f"{number}/mail?addition=999", f"{other}/mail?addition={added}", f"{other}/mail", f"{other}/source"):
        assert ann.get(f"/staff/reports/{place}").status_code == 404


def test_the_message_of_a_hidden_case_is_found_by_nobody_else(app: Flask) -> None:
    number = mailed(app, HTML)
    processed(app)
    ann, bob = sign_in(app, "Ann", "analyst"), sign_in(app, "Bob", "analyst")
    do(ann, f"/staff/cases/{open_case(ann, number, restricted='y')}/take")
    for place in ("mail", "source"):
        assert ann.get(f"/staff/reports/{number}/{place}").status_code == 200
        assert bob.get(f"/staff/reports/{number}/{place}").status_code == 404
