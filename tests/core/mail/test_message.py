"""Reading real mail: shapes seen in the wild, none of which may raise or lose anything."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cert_portal.core.mail import message
from cert_portal.core.mail.charset import decode
from cert_portal.core.mail.message import html_to_text, parse, readable

SAMPLES = sorted((Path(__file__).parents[4] / "shared" / "data").glob("mail-*/**/*.eml"))


PLAIN = (
    b"From: Ann <ann@shop.example>",
    b"To: Report@portal.example",
    b"Subject: Help",
    b"Message-ID: <1@shop.example>",
    b"Date: Mon, 4 May 2026 10:00:00 +0800",
    b"Return-Path: <ann@shop.example>",
    b"In-Reply-To: <0@x>",
    b"",
    b"We were hacked",
)


def test_a_plain_message() -> None:
    mail = parse(b"\r\n".join(PLAIN))
    assert (mail.sender, mail.sender_name) == ("ann@shop.example", "Ann")
    assert (mail.subject, mail.text) == ("Help", "We were hacked")
    assert mail.date is not None
    assert mail.date.hour == 2
    assert mail.recipients == ["report@portal.example"]
    assert (mail.message_id, mail.references, mail.return_path) == ("<1@shop.example>", ["<0@x>"], "ann@shop.example")


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?B?" + base64.b64encode("網絡釣魚".encode()) + b"?=", "網絡釣魚"),
        (b"=?big5?B?" + base64.b64encode("碁 €".encode("cp950")) + b"?=", "碁 €"),
        (b"=?big5?B?" + base64.b64encode("㗎喎".encode("big5hkscs")) + b"?=", "㗎喎"),
        (b"=?gb2312?Q?=B9=FA=95F?=", "国旻"),
        (b"=?iso-2022-jp?B?GyRCJF4kXyRgJGEkYhsoQg==?=", "まみむめも"),
        (b"=?utf-8?B?5LuK5aSp?=\r\n =?utf-8?B?5YCL5qGI?=", "今天個案"),
        (b"=?x-unknown?Q?caf=C3=A9?=", "café"),
        (b"=?utf-8?B?5LuK5aSp5?=", "今天"),
        (b"=?utf-8?B?5LuK5aS?=", "今�"),
        ("生 8 bit".encode(), "生 8 bit"),
        ("生字".encode("big5"), "生字"),
        (b"=?utf-8?Q?a_b?= plain =?broken", "a b plain =?broken"),
        (b"=?utf-8*en?Q?hi?=", "hi"),
        (b"a\x00b", "ab"),
    ],
)
def test_subjects_as_they_come(raw: bytes, subject: str) -> None:
    assert parse(b"Subject: " + raw + b"\r\n\r\nx").subject == subject


@pytest.mark.parametrize(
    ("charset", "data", "text", "sure"),
    [
        ("utf-8", "碁".encode(), "碁", True),
        ("big5", "碁€".encode("cp950"), "碁€", True),
        ("big5", "𠮩喎".encode("big5hkscs"), "𠮩喎", True),
        ("gb2312", "朱镕基".encode("gb18030"), "朱镕基", True),
        ("uft-8", "碁".encode(), "碁", True),
        ("x-gbk", "朱镕基".encode("gbk"), "朱镕基", True),
        ("_iso-2022-jp$esc", "日本".encode("iso2022_jp"), "日本", True),
        ("", "碁".encode(), "碁", True),
        ("", "保安事故".encode("big5"), "保安事故", False),
        ("us-ascii", "碁".encode(), "碁", True),
        ("iso-8859-1", b"\x80 100", "€ 100", True),
        ("base64", b"\xff\xff\xff", "\ufffd\ufffd\ufffd", False),
        ("utf-16", b"\xff", "\ufffd", False),
        ("utf-7", b"+T2A-", "你", True),
        ("", "日本の銀行".encode("iso2022_jp"), "日本の銀行", False),
        ("us-ascii", "日本".encode("iso2022_jp"), "日本", False),
        ("utf-8", b"\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m", True),
        ("", "保安事故".encode("utf-16"), "保安事故", False),
    ],
)
def test_charsets_as_they_come(charset: str, data: bytes, text: str, sure: bool) -> None:
    assert decode(data, charset) == (text, sure)


def test_html_only() -> None:
    mail = parse(
        b"Content-Type: text/html; charset=utf-8\r\n\r\n"
        b"<html><style>p{}</style><script>alert(1)</script><p>Hello&nbsp;<b>you</b>"
        b"<br>pay &lt;now&gt; at <a href='https://bad.example/pay?a=1&amp;b=2'>here</a></p></html>"
    )
    assert "alert" not in mail.text
    assert "p{}" not in mail.text
    assert mail.text.splitlines()[0] == "Hello you"
    assert "<now>" in mail.text
    assert "https://bad.example/pay" in mail.text


def test_alternative_prefers_the_plain_text_and_attachments_are_kept() -> None:
    made = EmailMessage()
    made.set_content("plain words")
    made.add_alternative("<p>html words</p>", subtype="html")
    made.add_attachment(b"\x00\x01", maintype="application", subtype="octet-stream", filename="證據.bin")
    made.add_attachment("text in a file", filename="log.txt")
    mail = parse(made.as_bytes())
    assert mail.text == "plain words"
    assert "html words" in mail.html
    assert [(each.filename, each.data) for each in mail.attachments] == [
        ("證據.bin", b"\x00\x01"),
        ("log.txt", b"text in a file\n"),
    ]


def test_forwarded_messages_are_read_too() -> None:
    inner = EmailMessage()
    inner["From"] = "thief@bad.example"
    inner["Subject"] = "Your parcel"
    inner.set_content("click http://bad.example")
    outer = EmailMessage()
    outer["Subject"] = "Fwd"
    outer.set_content("see below")
    outer.add_attachment(inner)
    text = parse(outer.as_bytes()).text
    assert text.startswith("see below")
    assert "From: thief@bad.example" in text
    assert "click http://bad.example" in text


PAGE = '<p>Your parcel waits: <a class="b" href="http://bad.example/p?a=1&amp;b=2">pay here</a></p>'


def test_a_forwarded_message_that_is_html_alone_is_read_with_its_links_and_its_way() -> None:
    inner = EmailMessage()
    inner["From"], inner["Reply-To"] = '"Post" <post@bad.example>', "cash@other.example"
    inner["Received"] = "from pc (192.0.2.66) by mx.bad.example"
    inner.set_content(PAGE, subtype="html")
    outer = EmailMessage()
    outer.set_content("Is this real?")
    outer.add_attachment(inner)
    outer.add_attachment("Regards", filename=None)
    mail = parse(outer.as_bytes())
    assert mail.text.startswith("Is this real?")
    assert "Reply-To: cash@other.example" in mail.text
    assert "Your parcel waits: http://bad.example/p?a=1&b=2 pay here" in mail.text
    assert mail.links == ["http://bad.example/p?a=1&b=2"]
    [head] = mail.forwarded
    assert (head.sender, head.received) == ("cash@other.example", ["from pc (192.0.2.66) by mx.bad.example"])


def test_a_forwarded_message_in_base64_is_read() -> None:
    """Some programs encode it, which RFC 2046 forbids."""
    block = base64.encodebytes(b"From: thief@bad.example\r\nSubject: Parcel\r\n\r\nclick")
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee below\r\n--b\r\n"
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + block + b"--b--\r\n"
    )
    text = parse(raw).text
    assert "From: thief@bad.example" in text
    assert text.endswith("click")


def test_links_behind_the_words_are_told_and_only_those_that_lead_somewhere() -> None:
    made = EmailMessage()
    made.set_content("Please confirm your account.")
    made.add_alternative(
        PAGE + '<form action=https://bad.example/in><a href="#top">x</a><img src="http://img.example/i">',
        subtype="html",
    )
    mail = parse(made.as_bytes())
    assert mail.text == "Please confirm your account."
    assert mail.links == ["http://bad.example/p?a=1&b=2", "https://bad.example/in"]


@pytest.mark.parametrize("tag", ["button formaction", "input type=image formaction", "form action", "base href"])
def test_where_a_button_or_a_base_leads_is_told_too(tag: str) -> None:
    made = EmailMessage()
    made.set_content("Please confirm your account.")
    made.add_alternative(f"<p><{tag}='https://bad.example/in'>", subtype="html")
    assert parse(made.as_bytes()).links == ["https://bad.example/in"]


def test_very_many_forwarded_pages_share_one_limit() -> None:
    many = b"--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 3000 + b"end\r\n"
    mail = parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + many * 30 + b"--b--")
    assert mail.text.count("end") == 3
    assert len(mail.forwarded) == message.MAX_FORWARDED


def test_limits_are_noticed() -> None:
    many = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 1000 + b"--b--"
    assert "too_many_parts" in parse(many).trouble
    deep = (
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(30)) + b"\r\nx"
    )
    assert "nested_too_deep" in parse(deep).trouble
    long = parse(b"Subject: first\r\nX-Long: " + b"x" * 1_000_000 + b"\r\n\r\nbody")
    assert "header_too_long" in long.trouble
    assert long.subject == "first"
    assert "nul_bytes" in parse(b"Subject: x\r\n\r\na\x00b").trouble


def test_broken_parts_are_kept_as_they_are() -> None:
    assert parse(b"Content-Transfer-Encoding: base64\r\n\r\n%%%not base64%%%").text
    assert parse(b"Content-Type: multipart/mixed\r\n\r\nno boundary at all").text == "no boundary at all"
    mail = parse(b"Content-Type: application/x-thing; name*=bad'charset'%ff\r\n\r\ndata")
    assert mail.attachments[0].data == b"data"
    assert parse(b"Content-Type: image/png\r\n\r\n\x89PNG").attachments[0].filename == "part-1.png"
    assert parse(b"Content-Type: application/\xff\r\n\r\nx").attachments or True


@pytest.mark.parametrize("date", [b"", b"yesterday", b"Mon, 99 Foo 2026"])
def test_odd_dates_are_no_dates(date: bytes) -> None:
    assert parse(b"Date: " + date + b"\r\n\r\nx").date is None


def test_the_year_0_is_no_error() -> None:
    parse(b"Date: Mon, 1 Jan 0000 00:00:00 +0000\r\n\r\nx")
    parse(b"Date: 4 May 0001 1:1\r\n\r\nx")


def test_odd_senders() -> None:
    assert parse(b"From: undisclosed\r\n\r\nx").sender == ""
    assert parse(b"From: undisclosed\r\n\r\nx").sender_name == "undisclosed"
    assert parse(b"From: a@b@c <x@y.example>\r\nReturn-Path: <>\r\n\r\nx").return_path == ""
    assert parse(b'Reply-To: "R" <r@y.example>\r\nFrom: x@y.example\r\n\r\nx').sender == "r@y.example"


@pytest.mark.parametrize(
    ("told", "name", "address"),
    [
        ('"ceo@bank.example" <eve@evil.example>', "ceo@bank.example", "eve@evil.example"),
        ("ann@shop.example via List <list@lists.example>", "ann@shop.example via List", "list@lists.example"),
        ('"Chan, Ann" <ann@shop.example>', "Chan, Ann", "ann@shop.example"),
        ("Chan, Ann <ann@shop.example>", "Chan, Ann", "ann@shop.example"),
        ("ann@shop.example, Ben <ben@shop.example>", "", "ann@shop.example"),
        ("ann@shop.example (Ann)", "", "ann@shop.example"),
        ('"ann@shop.example"', "", "ann@shop.example"),
        ('"O\'Neil, \\"Bob\\"" <bob@shop.example>', 'O\'Neil, "Bob"', "bob@shop.example"),
        ('"DOMAIN\\" <bob@shop.example>', "DOMAIN\\", "bob@shop.example"),
        ("Bob \u202eexe.cipot\u2066 <bob@shop.example>", "Bob exe.cipot", "bob@shop.example"),
        ("Ann < ann@shop.example >", "", "ann@shop.example"),
        ('"<b>Ann</b>" <ann@shop.example>', "<b>Ann</b>", "ann@shop.example"),
    ],
)
def test_an_address_in_a_name_is_a_name(told: str, name: str, address: str) -> None:
    """Number and secret of a report go to who wrote it, not to whom the name says."""
    mail = parse(f"From: {told}\r\n\r\nx".encode())
    assert (mail.sender_name, mail.sender) == (name, address)


def test_unreadable_payload_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Part(message.Message):
        def get_payload(self, i: int | None = None, decode: bool = False) -> object:  # type: ignore[override]  # a part that fails
            if decode:
                raise LookupError("odd")
            return "raw words"

    monkeypatch.setattr(message.email, "message_from_bytes", lambda _raw, *_more, **_options: Part())
    mail = parse(b"x")
    assert mail.text == "raw words"
    assert "part_unreadable" in mail.trouble


def test_readable_never_raises_on_nonsense() -> None:
    assert readable("=?utf-8?Q?=ZZ?=") == "=ZZ"
    assert html_to_text("<<<>>>")


@given(st.binary(max_size=2000))
@settings(max_examples=300)
def test_any_bytes_are_read(raw: bytes) -> None:
    mail = parse(raw)
    assert "\x00" not in mail.text


PIECES = [
    b"Content-Type: multipart/mixed; boundary=a\r\n",
    b"Content-Type: message/rfc822\r\n",
    b"--a\r\n",
    b"--a--\r\n",
    b"\r\n",
    b'Content-Type: text/html; charset="nope"\r\n',
    b"Content-Transfer-Encoding: base64\r\n",
    b"\xff\xfe\x00",
    b"Subject: =?x?B?!!?=\r\n",
    b"Content-Disposition: attachment; filename*0*=a''%E7; filename*1=b\r\n",
    b"From: <[a@b]>\r\nMessage-ID: <[x]>\r\n",
    b"words\r\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40))
@settings(max_examples=300)
def test_any_pile_of_parts_is_read(pieces: list[bytes]) -> None:
    parse(b"".join(pieces))


@pytest.mark.skipif(not SAMPLES, reason="the sample mails are not part of the repository")
def test_real_mail_is_read() -> None:
    for path in SAMPLES:
        mail = parse(path.read_bytes())
        assert mail.text or mail.attachments or mail.html or mail.subject or "\n\n" not in path.read_text("latin-1"), (
            path
        )
