"""Messages made to break or to slow the reader: each is read as far as it can be, by whoever reads it."""

from __future__ import annotations

from time import process_time

import pytest
from flask import Flask

from cert_portal.core.mail import bounce, signed, tree
from cert_portal.core.mail.message import html_to_text, parse
from cert_portal.intake import opening
from cert_portal.monitoring import machine_mail

NEST = b"Content-Type: message/rfc822\n\n" * 3000
SIGNED = (
    b"Content-Type: multipart/signed; boundary%s\n\n--a\n\nx\n--a\n"
    b"Content-Type: application/pgp-signature\n\ny\n--a--\n"
)
IN_BOTH = b"From: a@b.example\n" + SIGNED.replace(b"Content-Type: application/pgp-signature\n", NEST) % b"=a"
WRONG = [
    b"*=utf-7''+2AA-",
    b"*=a%00b''a",
    b"*=punycode''%ff",
    b"*=idna''xn--%ff",
]


@pytest.mark.parametrize("blank", [b"", b"\t", b"\n ", b"\x0b", b"\x1c", b" \x1f"])
def test_no_blank_hides_a_nest(blank: bytes) -> None:
    assert parse(NEST.replace(b": ", b":" + blank)).trouble == ["nested_too_deep"]


def test_a_deep_nest_is_not_climbed_into(context: Flask) -> None:
    report = b"From: MAILER-DAEMON@mx.example\n" + NEST + b"\n550 5.1.1 User unknown"
    assert bounce.verdict(report) == bounce.Verdict.SOFT
    assert (bounce.who(report), bounce.reason(report)) == ([], "")
    assert signed.split(IN_BOTH) is None
    mail = opening.read(IN_BOTH)
    assert ("nested_too_deep" in mail.trouble, mail.signature) == (True, "")
    assert machine_mail.read(parse(report), report + b"message/feedback-report") == []


@pytest.mark.parametrize("value", WRONG)
def test_no_parameter_raises(value: bytes) -> None:
    assert signed.split(SIGNED % value) is None
    assert parse(SIGNED % value).sender == ""
    mail = parse(
        b"Content-Disposition: attachment; filename" + value + b"\nContent-Type: text/x; charset" + value + b"\n\nz"
    )
    assert mail.attachments[0].data == b"z"
    mail.attachments[0].filename.encode()


def test_half_a_pair_of_surrogates_is_replaced() -> None:
    mail = parse(b"Content-Disposition: attachment; filename*=utf-7''+2AA-.pdf\n\nz")
    assert mail.attachments[0].filename == "\ufffd.pdf"
    assert parse(b"Content-Type: text/html; charset=utf-7\n\nhi +2AA- there").text == "hi there"
    assert tree.as_bytes("\udcff\ud800") == b"\xff\xef\xbf\xbd"


@pytest.mark.parametrize("place", [b"", b"Content-Type: multipart/mixed; boundary=a\n\n--a\n"])
@pytest.mark.parametrize("name", [b"Content-Type: text/plain", b"Content-Disposition: inline", b"X-Long: "])
def test_a_long_header_of_any_part_is_cut(place: bytes, name: bytes) -> None:
    mail = parse(place + name + b"; " + b";" * 150_000 + b"\n\nThe text")
    assert (mail.text, mail.trouble) == ("The text", ["header_too_long"])


def test_a_cut_header_leaves_a_report_of_a_machine_readable() -> None:
    raw = (
        b"Content-Type: multipart/report; boundary=a\nX-Long: " + b"x" * 30_000 + b"\n\n--a\n"
        b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nSource-IP: 192.0.2.9\n\n--a--\n"
    )
    [seen] = machine_mail.read(parse(raw), raw)
    assert (seen.ip, seen.kind) == ("192.0.2.9", "spam")


def test_signs_of_html_cost_no_more_than_others() -> None:
    before = process_time()
    assert html_to_text("&" * 900_000) == "&" * 900_000
    assert process_time() - before < 4
    told = "<p>A&amp;B &lt;b&gt; &amp;lt; caf&eacute;&nbsp;&#x4e8b; a < b & c</p><a href='http://x.example/?a=1&amp;b=2'>x</a>"
    assert html_to_text(told) == "A&B <b> &lt; café 事 a < b & c\nhttp://x.example/?a=1&b=2 x"


@pytest.mark.parametrize("name", [b"Content-Type", b"Content-Disposition"])
def test_very_many_parameters_are_cut_and_told(name: bytes) -> None:
    name_of_forty = "".join(
        f"; filename*{n}*=utf-8''%E8%AD%89" if not n else f"; filename*{n}*=%E8%AD%89" for n in range(40)
    )
    message, trouble = tree.opened(b"Content-Disposition: attachment" + name_of_forty.encode() + b"\r\n\r\nx")
    assert (message.get_filename(), trouble) == ("證" * 40, [])
    message, trouble = tree.opened(name + b": text/plain" + b';a="' * 700 + b"\r\n\r\nx")
    assert (str(message[name.decode()]).count(";"), trouble) == (tree.MAX_PIECES + 1, ["header_too_long"])


def test_hostile_parameters_of_very_many_parts_cost_little() -> None:
    part = (
        b"--b\r\nContent-Type: text/plain"
        + b';a="' * 900
        + b"\r\nContent-Disposition: x"
        + b";b" * 1900
        + b"\r\n\r\nx\r\n"
    )
    raw = b"From: ann@shop.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 399 + b"--b--"
    start = process_time()
    assert "header_too_long" in parse(raw).trouble
    assert process_time() - start < 1
