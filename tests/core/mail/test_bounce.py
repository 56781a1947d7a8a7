"""Hard or soft: what delivery reports say, standard and not."""

from __future__ import annotations

import pytest

from cert_portal.core.mail.bounce import MOST, Verdict, reason, verdict, who


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (b"Action: failed\nStatus: 5.1.1\n", Verdict.HARD),
        (b"Action: failed\nStatus: 4.2.2\n", Verdict.SOFT),
        (b"Action: delayed\nStatus: 4.4.1\n", Verdict.DELAYED),
        (b"Action: delivered\nStatus: 2.0.0\n", Verdict.DELIVERED),
        (b"Action: failed\nStatus: 2.0.0\n", Verdict.DELIVERED),
        (b"The server said: 550 5.1.1 no mailbox here", Verdict.HARD),
        (b"The server said: 452 4.2.2 over quota", Verdict.SOFT),
        (b"reason: #5.1.0 address unknown and 5.1.0 again", Verdict.HARD),
        (b"This is about <x@y>: User unknown", Verdict.HARD),
        (b"Action: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 mailbox full", Verdict.SOFT),
        (b"550 5.7.1 Message rejected: your address is on a block list", Verdict.SOFT),
        (b"550 5.1.8 Sender address rejected: Domain not found", Verdict.SOFT),
        (b"550 5.4.1 Recipient address rejected: Access denied", Verdict.HARD),
        (b"550 5.0.0 rejected", Verdict.SOFT),
        (b"Host does not accept mail (556 5.7.27)", Verdict.HARD),
        (b"DNS lookup failure: host mx.else.example not found", Verdict.HARD),
        ("退信代码：550 用户不存在".encode(), Verdict.HARD),
        ("收件人 it@school.example 不存在，郵件無法送達".encode(), Verdict.HARD),
        ("找不到收件人，請核對地址".encode(), Verdict.HARD),
        ("收件人的郵箱已滿".encode(), Verdict.SOFT),
        ("550 对方邮箱不存在或容量不足，请稍后再试".encode(), Verdict.SOFT),
        ("郵件被拒絕：寄件者在黑名單".encode(), Verdict.SOFT),
        ("550 发件人地址不存在".encode(), Verdict.SOFT),
        (b"551 5.7.1 <x@y.example>: Recipient address rejected: Delivery not authorized", Verdict.SOFT),
        (b"Sorry.\n\nReturned message:\nthis user unknown is in our own letter", Verdict.SOFT),
        (b"Something went wrong on 2026-05-05 at 10.5.1.1", Verdict.SOFT),
    ],
)
def test_what_a_report_says(told: bytes, expected: Verdict) -> None:
    assert verdict(b"Subject: returned mail\n\n" + told) == expected


def report(parts: str) -> bytes:
    head = "From: MAILER-DAEMON@mx.example\nTo: report@portal.example\nContent-Type: multipart/report; boundary=b\n\n"
    return f"{head}{parts}--b--\n".encode()


def test_the_letter_that_is_given_back_says_nothing() -> None:
    back = "--b\nContent-Type: message/rfc822\n\nSubject: user unknown\n\n550 5.1.1 eve@else.example\n"
    assert verdict(report(f"--b\n\nIt did not arrive.\n{back}")) == Verdict.SOFT
    assert who(report(f"--b\n\nIt did not arrive.\n{back}")) == []


def test_one_that_failed_outweighs_one_that_arrived() -> None:
    fields = "Final-Recipient: rfc822;ann@a.example\nAction: delivered\nStatus: 2.0.0\n\n"
    fields += "Final-Recipient: rfc822;Bob@b.example\nAction: failed\nStatus: 5.1.1\n"
    told = report(f"--b\nContent-Type: message/delivery-status\n\n{fields}\n--b\nContent-Type: image/png\n\nx\n")
    assert (verdict(told), who(told)) == (Verdict.HARD, ["ann@a.example", "bob@b.example"])


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (b"Original-Recipient: rfc822;ann@a.example\nFinal-Recipient: rfc822;ann@far.example\n", ["ann@a.example"]),
        (b"Final-Recipient : <Ann@A.example>\n", ["ann@a.example"]),
        (b"<ann@a.example>: unknown. Ask postmaster@mx.example\n", ["ann@a.example"]),
        (b" ".join(b"a%d@a.example" % n for n in range(2 * MOST)), [f"a{n}@a.example" for n in range(MOST)]),
        (b"For help write to <help@mx.example> or please contact helpdesk@mx.example", []),
        (b"<ann@a.example>: unknown. Please contact <help@mx.example>", ["ann@a.example"]),
        (b"nobody is named", []),
    ],
)
def test_who_bounced(told: bytes, expected: list[str]) -> None:
    assert who(b"From: postmaster@mx.example\nSubject: returned mail\n\n" + told) == expected


def test_who_bounced_in_a_header() -> None:
    assert who(b"X-Failed-Recipients: ann@a.example\nSubject: returned\n\nno words") == ["ann@a.example"]


def test_the_fields_stand_behind_headers_that_are_quoted() -> None:
    words = "--b\n\nann@a.example (now bob@a.example) is unknown.\n\nOriginal message headers:\n\nReceived: by x\n\n"
    fields = "Final-Recipient: rfc822;ann@a.example\nAction: failed\nStatus: 5.1.1\n"
    told = report(f"{words}--b\nContent-Type: message/delivery-status\n\n{fields}\n")
    assert (verdict(told), who(told)) == (Verdict.HARD, ["ann@a.example"])


def test_what_is_given_back_in_a_part_of_its_own_says_nothing() -> None:
    told = report("--b\n\nIt did not arrive.\nOriginal message:\n\n--b\n\nuser unknown: eve@else.example\n")
    assert (verdict(told), who(told)) == (Verdict.SOFT, [])


def test_a_notification_of_amazon_ses() -> None:
    bounced = '[{"emailAddress":"Ann@a.example","action":"failed","status":"5.1.1"}]'
    told = f'{{"notificationType":"Bounce","bounce":{{"bouncedRecipients":{bounced}}},"mail":{{"source":"us@x.org"}}}}'
    raw = f"From: SES <no-reply@sns.amazonaws.com>\nSubject: AWS Notification Message\n\n{told}\n".encode()
    assert (verdict(raw), who(raw)) == (Verdict.HARD, ["ann@a.example"])


@pytest.mark.parametrize("charset", ["utf-8", "big5"])
@pytest.mark.parametrize("words", ["收件人不存在", "用戶不存在"])
def test_a_report_whose_fields_hold_raw_chinese_is_read(words: str, charset: str) -> None:
    raw = b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nSorry\n"
    raw += b"--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
    raw += b"Final-Recipient: rfc822; ann@a.example\nAction: failed\nStatus: 5.0.0\n"
    raw += f"Diagnostic-Code: smtp; 550 {words}\n\n--x--\n".encode(charset)
    assert (verdict(raw), who(raw)) == (Verdict.HARD, ["ann@a.example"])
    assert reason(raw) == f"smtp; 550 {words}"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (b"Diagnostic-Code: smtp; 550\n <x@y.example> unknown\nStatus: 5.1.1\n", "smtp; 550 <x@y.example> unknown"),
        (b"Action: failed\nStatus: 5.2.2 (full)\n", "Status: 5.2.2 (full)"),
        (b"Sorry.\nThe server said: 552 over quota\nBye", "The server said: 552 over quota"),
        (b"Sorry, it did not work", ""),
    ],
)
def test_why_it_failed_in_the_words_of_the_mail_system(told: bytes, expected: str) -> None:
    assert reason(b"Subject: returned mail\n\n" + told) == expected


def test_the_reason_of_a_report_of_html_alone_holds_no_tags() -> None:
    raw = (
        "Content-Type: text/html; charset=utf-8\n\n<html><body><p>傳送至下列收件者失敗</p>"
        "<p>office@cakes.example<br>550 5.1.1 The <b>user</b> does not exist</p></body></html>"
    ).encode()
    assert reason(raw) == "550 5.1.1 The user does not exist"
    assert (verdict(raw), who(raw)) == (Verdict.HARD, ["office@cakes.example"])
