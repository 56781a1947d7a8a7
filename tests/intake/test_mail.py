"""Messages in: every one has exactly one outcome, and none is lost."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cert_portal.cases import triage
from cert_portal.core import crypto
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.mail import outbox, spool
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.message import parse
from cert_portal.core.numbers import NumberKind, assign, issue
from cert_portal.intake import mail, reread, status
from cert_portal.intake.mail import Downstream, take
from cert_portal.intake.models import Observable, Outcome, PublicState, Report, ReportState
from cert_portal.intake.process import process
from cert_portal.intake.reconcile import reconcile
from tests.cases.desk import person
from tests.directory.parties import contact, party
from tests.intake.messages import additions, deliver, letter, report, sealed, with_file


def test_a_message_becomes_a_report(context: Flask, run_jobs: Any) -> None:
    row = deliver(letter())
    assert row.outcome == Outcome.REPORT
    made = session.query(Report).one()
    assert made.number == row.told
    assert made.reporter_email == "ann@shop.example"
    assert reconcile().difference == 0
    assert run_jobs() >= 1
    made = session.query(Report).one()
    assert made.state == ReportState.WAITING_TRIAGE
    [sent] = (Path(context.extensions["settings"].instance_dir) / "mail").glob("*.eml")
    assert made.number in parse(sent.read_bytes()).subject


def test_a_message_without_words_takes_its_title_from_what_there_is(context: Flask) -> None:
    assert report(deliver(letter(subject="")).told).title.startswith("My shop is hacked")
    assert report(deliver(b"From: ann@shop.example\r\n\r\n").told).title == "ann@shop.example"
    only_subject = report(deliver(b"From: ann@shop.example\r\nSubject: Only this\r\n\r\n").told)
    assert only_subject.details["description"] == "Only this"


def test_chinese_mail_is_answered_in_chinese(context: Flask) -> None:
    assert report(deliver(letter(subject="電腦中毒", text="公司電腦檔案全部打不開")).told).language == "zh-hant"


def test_attachments_stay_with_the_report(context: Flask) -> None:
    made = report(deliver(with_file("證據.txt", b"what I saw")).told)
    assert [(file.filename, file.notes) for file in made.files] == [("證據.txt", [])]


def test_a_second_delivery_makes_no_second_row(context: Flask) -> None:
    first = deliver(b"Received: by one\r\n" + letter())
    second = deliver(b"Received: by another way\r\n" + letter().replace(b"\n", b"\r\n"))
    assert (second.outcome, second.told) == (Outcome.DUPLICATE, first.told)
    assert session.query(Report).count() == 1
    other = deliver(letter(text="Something else under the same Message-ID"))
    assert other.outcome == Outcome.REPORT
    assert reconcile().difference == 0


def test_taking_a_receipt_twice_changes_nothing(context: Flask) -> None:
    receipt = spool.store(letter())
    first = mail.take(receipt)
    session.commit()
    assert mail.take(receipt).told == first.told
    assert session.query(Report).count() == 1


def test_a_reply_by_number_joins(context: Flask) -> None:
    number = deliver(letter()).told
    row = deliver(letter(subject=f"Re: [{number}] more", text="One more thing", Message_ID="<two@shop.example>"))
    assert (row.outcome, row.told) == (Outcome.REPLY, number)
    [added] = additions()
    assert (added.text, added.known_sender, added.receipt) == ("One more thing", True, row.receipt)
    stranger = letter(
        subject=number.lower().replace("-", " "), From="eve@other.example", Message_ID="<3@other.example>"
    )
    assert deliver(stranger).outcome == Outcome.REPLY
    assert [each.known_sender for each in additions()] == [True, False]


def test_a_reply_to_an_earlier_message_joins(context: Flask) -> None:
    number = deliver(letter()).told
    second = letter(subject="Re: Help", Message_ID="<two@shop.example>", In_Reply_To="<one@shop.example>")
    third = letter(subject="Re: Help", Message_ID="<three@shop.example>", References="<0@x> <two@shop.example>")
    assert [deliver(second).told, deliver(third).told] == [number, number]
    assert len(additions()) == 2


def test_a_reply_to_our_letter_joins(context: Flask, run_jobs: Any) -> None:
    number = deliver(letter()).told
    session.remove()
    run_jobs()
    sent = session.scalars(select(outbox.Letter)).one()
    reply = letter(subject="Re: your letter", Message_ID="<9@shop.example>", In_Reply_To=sent.message_id)
    row = deliver(reply)
    assert (row.outcome, row.told) == (Outcome.REPLY, number)


def test_a_number_that_stands_for_no_report_joins_nothing(context: Flask) -> None:
    case = issue(NumberKind.CASE)
    assign(case, 1)
    free = issue(NumberKind.REPORT)
    session.commit()
    assert deliver(letter(subject=f"{case} and {free}")).outcome == Outcome.REPORT


def test_nobody_known_writes_from_nowhere(context: Flask) -> None:
    number = deliver(b"Subject: no sender\r\n\r\nwords").told
    deliver(b"Subject: " + number.encode() + b"\r\n\r\nmore words")
    assert [each.known_sender for each in additions()] == [False]


def test_bounces_name_their_letter(context: Flask, run_jobs: Any) -> None:
    deliver(letter())
    session.remove()
    run_jobs()
    sent = session.scalars(select(outbox.Letter)).one()
    path, number = outbox.return_path(sent.id), sent.id
    head = "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nSubject: Undelivered Mail\r\n"
    by_path = deliver(f"{head}Delivered-To: {path}\r\n\r\ngone".encode())
    by_copy = deliver(f"{head}\r\nReturned:\r\nMessage-ID: {sent.message_id}\r\n".encode())
    of_nothing = deliver(f"{head}\r\nno trace".encode())
    of_somebody = deliver(f"{head}\r\n<ann@shop.example>: gone".encode())
    assert [row.outcome for row in (by_path, by_copy, of_nothing, of_somebody)] == [Outcome.BOUNCE] * 4
    assert of_somebody.told == "unknown letter to ann@shop.example"
    assert [by_path.told, by_copy.told, of_nothing.told] == [str(number), str(number), "unknown letter"]
    assert session.query(Report).count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"X_Autoreply": "yes"},
        {"Precedence": "auto_reply"},
        {"subject": "Out of office: back on Monday", "In_Reply_To": "<x@portal.example>"},
        {"subject": "自動回覆：外遊中", "Return_Path": "<>"},
    ],
)
def test_automatic_replies_are_counted_and_never_answered(
    context: Flask, run_jobs: Any, headers: dict[str, str]
) -> None:
    row = deliver(letter(**headers))
    assert (row.outcome, row.told) == (Outcome.IGNORED, "auto-reply")
    session.remove()
    run_jobs()
    assert session.query(outbox.Letter).count() == 0


def test_a_message_in_our_own_name_is_kept_and_never_answered(context: Flask, run_jobs: Any) -> None:
    assert deliver(letter(From="Report@Portal.example")).outcome == Outcome.REPORT
    session.remove()
    run_jobs()
    assert session.query(outbox.Letter).count() == 0


@pytest.mark.parametrize("headers", [{"Precedence": "list"}, {"Return_Path": "<>"}, {"From": "noreply@feed.example"}])
def test_machines_are_read_but_not_answered(context: Flask, run_jobs: Any, headers: dict[str, str]) -> None:
    assert report(deliver(letter(**headers)).told).ack_address == ""
    session.remove()
    run_jobs()
    assert session.query(outbox.Letter).count() == 0


PART = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"


def test_sealed_mail_is_opened(context: Flask, desk_key: str) -> None:
    made = report(deliver(sealed(PART + "機密內容".encode(), desk_key, Subject="...")).told)
    assert (made.text, made.title, made.trouble, made.language) == ("機密內容", "...", [], "zh-hant")
    assert made.files == []


def test_sealed_mail_is_opened_before_it_is_threaded(context: Flask, desk_key: str) -> None:
    number = deliver(letter()).told
    inner = f"Subject: Re: [{number}]\r\n".encode() + PART + b"the rest"
    row = deliver(sealed(inner, desk_key, Subject="..."))
    assert (row.outcome, row.told) == (Outcome.REPLY, number)
    assert additions()[0].text == "the rest"


def test_a_block_in_the_text_is_opened_and_the_words_around_it_stay(context: Flask, desk_key: str) -> None:
    block = crypto.desk().encrypt("Dear team: 這是秘密".encode(), [desk_key])
    made = report(deliver(letter(text=f"Before\n{block}\nAfter")).told)
    assert "Before" in made.text
    assert "Dear team: 這是秘密" in made.text
    assert "After" in made.text
    assert "BEGIN PGP" not in made.text
    assert made.trouble == []


def test_what_we_cannot_open_is_kept_and_told(context: Flask) -> None:
    block = "-----BEGIN PGP MESSAGE-----\n\nhF4Dxxxx\n-----END PGP MESSAGE-----"
    made = report(deliver(letter(text=block)).told)
    assert made.trouble == ["cannot_decrypt"]
    assert "BEGIN PGP" in made.text


def test_trouble_inside_a_sealed_message_counts_too(context: Flask, desk_key: str) -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(200))
    assert deliver(sealed(nested + b"\r\nx", desk_key)).outcome == Outcome.QUARANTINED


def test_messages_without_a_date_or_an_end_of_headers_are_told_apart(context: Flask) -> None:
    texts = (
        b"ransomware at one place\n",
        b"ransomware at another place\n",
        b"",
        b"From: scan@gw.example\nSubject: scan\n\n",
    )
    mixed = [b"From: scan@gw.example\nSubject: scan\n\nincident %d\r\n\r\n-- sig" % number for number in (1, 2)]
    rows = [deliver(raw) for raw in (*texts, *mixed)]
    assert {row.outcome for row in rows} == {Outcome.REPORT}
    assert [deliver(raw).outcome for raw in texts] == [Outcome.DUPLICATE] * 4


def test_an_answer_that_names_only_the_case_joins_the_report(context: Flask) -> None:
    report = deliver(letter()).told
    outbox.post(outbox.Draft("case_letter", report, "en", "ann@shop.example", "[C26-000001-5] Your page", "words"))
    session.commit()
    answer = letter("Re: [C26-000001-5] Your page", "Done.", Message_ID="<two@shop.example>")
    row = deliver(answer)
    assert (row.outcome, row.told) == (Outcome.REPLY, report)
    stranger = letter("Re: [C26-000001-5]", "Mine too", Message_ID="<3@x.example>", From="eve@x.example")
    assert deliver(stranger).outcome == Outcome.REPORT


@pytest.mark.parametrize(
    "raw",
    [
        b"From: Postmaster ISP <postmaster@isp.example>\nSubject: Returned mail: our customers get phishing\n\nHelp",
        b"From: ann@shop.example\nSubject: Vacation rental scam\nIn-Reply-To: <x@y.example>\n\nI paid",
        b"From: bank@bank.example\nReply-To: report@portal.example\nSubject: Phishing\n\nPlease act",
        b"From: ann@shop.example\nContent-Type: multipart/report; boundary=b\nSubject: x\n\n--b\n\nwords\n--b--",
    ],
)
def test_what_people_write_is_never_dropped(context: Flask, raw: bytes) -> None:
    assert deliver(raw).outcome == Outcome.REPORT
    assert session.query(Report).one().ack_address != "report@portal.example"


def test_our_own_letter_is_known_by_its_message_id(context: Flask) -> None:
    mine = outbox.post(outbox.Draft("x", "R26-000001-5", "en", "a@b.example", "s", "t"))
    raw = f"From: report@portal.example\nMessage-ID: {mine.message_id}\n\nx".encode()
    session.commit()
    assert deliver(raw).told == "our own letter came back"


def test_later_stages_pull_what_is_theirs(context: Flask) -> None:
    came_back: list[tuple[int, Verdict]] = []
    claims = Downstream(
        (lambda mail, _receipt: "N26-000001-1" if "ours" in mail.subject else None,), (came_back_to(came_back),)
    )
    row = take(spool.store(b"From: noc@isp.example\nMessage-ID: <n1@isp.example>\nSubject: ours\n\nDone"), claims)
    assert (row.outcome, row.told) == (Outcome.REPLY, "N26-000001-1")
    other = take(spool.store(b"From: x@y.example\nMessage-ID: <n2@y.example>\nSubject: else\n\nHelp"), claims)
    assert other.outcome == Outcome.REPORT
    letter = outbox.post(outbox.Draft("case_letter", "R26-000001-1", "en", "a@b.example", "x", "y"))
    head = b"From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nSubject: Undeliverable\n"
    path = outbox.return_path(letter.id).encode()
    session.commit()
    take(spool.store(head + b"Message-ID: <b1@mx>\nTo: " + path + b"\n\nStatus: 5.1.1\n"), claims)
    forged = take(spool.store(head + b"Message-ID: <b2@mx>\n\nStatus: 5.1.1\n" + letter.message_id.encode()), claims)
    assert (forged.outcome, forged.told) == (Outcome.BOUNCE, str(letter.id))
    assert came_back == [(letter.id, Verdict.HARD)]


def came_back_to(heard: list[tuple[int, Verdict]]) -> Callable[[int, Verdict], None]:
    """A listener that remembers."""
    return lambda letter, verdict: heard.append((letter, verdict))


@pytest.mark.parametrize("head", [b"X-Spam-Flag: YES", b"X-Spam-Status: Yes, score=9.1 required=5.0", b"X-Spam: Yes"])
def test_what_the_mail_server_calls_spam_is_set_aside_without_an_answer(context: Flask, head: bytes) -> None:
    row = deliver(head + b"\nFrom: ann@shop.example\nMessage-ID: <1@shop.example>\nSubject: Pills\n\nBuy")
    report = session.query(Report).one()
    process(report.id)
    assert (row.outcome, row.told) == (Outcome.QUARANTINED, report.number)
    assert (report.state, report.trouble) == (ReportState.QUARANTINED, ["flagged_as_spam"])
    assert session.query(outbox.Letter).count() == 0
    assert reconcile().difference == 0
    triage.return_to_queue(report, person())
    assert [letter.recipient for letter in session.query(outbox.Letter)] == ["ann@shop.example"]
    triage.refuse(report, "spam", person("Ben"))
    triage.return_to_queue(report, person("Cleo"))
    assert session.query(outbox.Letter).count() == 1, "acknowledged once"


def test_who_gave_no_address_is_not_answered_when_brought_back(context: Flask) -> None:
    deliver(b"X-Spam-Flag: YES\nFrom: noreply@shop.example\nMessage-ID: <1@shop.example>\nSubject: Pills\n\nBuy")
    report = session.query(Report).one()
    triage.return_to_queue(report, person())
    reasons = [
        event.data["reason"] for event in of_subjects([report.number]) if event.kind == "report.not_acknowledged"
    ]
    assert (reasons, session.query(outbox.Letter).count()) == (["suspected_spam", "no_address"], 0)


def test_an_answer_that_looks_like_spam_still_reaches_its_report(context: Flask) -> None:
    deliver(b"From: ann@shop.example\nMessage-ID: <1@shop.example>\nSubject: Help\n\nLook")
    head = b"X-Spam-Flag: YES\nFrom: ann@shop.example\nIn-Reply-To: <1@shop.example>\n"
    told = deliver(head + b"Subject: Re: Help\n\nMore")
    assert told.outcome == Outcome.REPLY


@pytest.mark.parametrize(
    ("sender", "more", "origin", "answered"),
    [
        ("duty@soc.cert.example", {}, "overseas", "en"),
        ("Abuse@harbour.example", {"domains": []}, "overseas", "en"),
        ("duty@cert.example", {"country": "HK"}, "local", "zh-hant"),
        ("duty@cert.example", {"country": ""}, "local", "zh-hant"),
        ("duty@cert.example", {"kind": "isp"}, "local", "zh-hant"),
        ("duty@notcert.example", {}, "local", "zh-hant"),
    ],
)
def test_mail_of_a_team_abroad_is_overseas_and_answered_in_english(
    context: Flask, sender: str, more: dict[str, Any], origin: str, answered: str
) -> None:
    told = {"kind": "cert", "country": "TW", "domains": ["cert.example"], "asns": [], "prefixes": [], **more}
    contact(party(**told))
    session.commit()
    raw = letter(subject="釣魚網站", text="貴地有釣魚網站，請協助處理", From=sender)
    made = report(deliver(raw).told)
    process(made.id)
    [ours] = outbox.about([made.number])
    assert (made.origin, made.language, ours.language) == (origin, answered, answered)


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({"Auto_Submitted": "auto-generated"}, "waiting_for_you"),
        ({"Precedence": "bulk"}, "waiting_for_you"),
        ({"X_Loop": "tickets"}, "waiting_for_you"),
        ({"From": "eve@other.example"}, "waiting_for_you"),
        ({}, ""),
    ],
)
def test_only_the_reporters_own_word_is_the_answer_that_we_wait_for(
    context: Flask, headers: dict[str, str], left: str
) -> None:
    made = report(deliver(letter()).told)
    status.tell(made, PublicState.WAITING_FOR_YOU)
    session.commit()
    subject = f"Re: {made.number}"
    row = deliver(letter(subject, "We look into it.", Message_ID="<two@shop.example>", **headers))
    assert (row.outcome, row.told) == (Outcome.REPLY, made.number)
    [added] = additions()
    assert added.text.strip() == "We look into it."
    assert report(made.number).public_state == left
    by_machine = bool(headers) and "From" not in headers
    assert (added.read_at is not None) == by_machine, "a program's word asks nobody to read it"
    told = [each.kind for each in of_subjects([made.number])][-1]
    assert told == ("report.machine_added" if by_machine else "report.added")


def test_what_stands_behind_the_words_is_found(context: Flask) -> None:
    inner = EmailMessage()
    inner["From"], inner["Received"] = "post@bad.example", "from pc (192.0.2.66) by mx.bad.example"
    inner.set_content("Pay")
    outer = EmailMessage()
    outer["From"] = "ann@shop.example"
    outer.set_content("Is this real?")
    outer.add_alternative(
        '<a href="http://bad.example/pay">here</a><a href="https://www.shop.example:443/x">our shop</a>'
        '<a href="https://shop.example@bad.example/">x</a><a href="http://notshop.example">y</a>',
        subtype="html",
    )
    outer.make_mixed()
    outer.add_attachment(inner)
    made = report(deliver(outer.as_bytes()).told)
    links = ["http://bad.example/pay", "https://shop.example@bad.example/", "http://notshop.example"]
    assert made.details["links"] == links
    assert made.details["forwarded"][0]["received"] == ["from pc (192.0.2.66) by mx.bad.example"]
    process(made.id)
    values = {each.value for each in session.query(Observable).filter_by(report_id=made.id)}
    assert "http://bad.example/pay" in values
    assert "192.0.2.66" not in values, "stations of a message are those of every message to the same house"
    session.commit()
    assert reread.keep(reread.look(made.id)).any is False
    made = report(made.number)
    made.details = {name: value for name, value in made.details.items() if name not in ("links", "forwarded")}
    session.commit()
    changes = reread.keep(reread.look(made.id))
    assert (changes.parts, report(made.number).details["links"]) == (["links"], links)


@pytest.mark.parametrize(
    ("subject", "label"),
    [
        ("TLP:RED secret", "TLP:RED"),
        ("[tlp: amber + strict] Re: TLP:GREEN", "TLP:AMBER+STRICT"),
        ("通報TLP：RED機密", "TLP:RED"),
        ("TLP:WHITE note", "TLP:CLEAR"),
        ("TLP:REDACTED", ""),
    ],
)
def test_a_report_is_marked_with_the_narrowest_label_of_its_subject(context: Flask, subject: str, label: str) -> None:
    made = report(deliver(letter(subject=subject, text="TLP:RED in the body alone is for a person to judge")).told)
    assert made.details["restriction"] == label
    assert not reread.keep(reread.look(made.id)).parts


def test_an_answer_that_is_red_makes_its_report_red_and_the_label_of_our_letter_does_not_mark_it(
    context: Flask,
) -> None:
    made = report(deliver(letter()).told)
    deliver(letter(subject=f"Re: [{made.number}] [TLP:AMBER] Help", **{"Message-ID": "<2@shop.example>"}))
    assert made.details["restriction"] == ""
    deliver(letter(subject=f"Re: [{made.number}] TLP:RED", **{"Message-ID": "<3@shop.example>"}))
    assert made.details["restriction"] == "TLP:RED"
    assert [each.data["fields"] for each in of_subjects([made.number]) if each.kind == "report.edited"] == [
        ["restriction"]
    ]


def test_no_sign_turns_the_direction_of_a_title_and_in_the_name_of_a_file_it_is_seen(context: Flask) -> None:
    made = report(deliver(with_file("bill\u202efdp.exe", b"MZ", Subject="invoice \u202efdp.exe\u2069")).told)
    assert made.title == "invoice fdp.exe"
    assert [each.filename for each in made.files] == ["bill[U+202E]fdp.exe"]
    assert not reread.keep(reread.look(made.id)).any
