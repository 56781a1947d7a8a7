"""What Outlook writes is read, and what is damaged is told as such."""

from __future__ import annotations

import base64
import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cert_portal.core.mail import evidence, outlook
from cert_portal.core.mail.message import parse, unflowed
from tests.core.mail.outlook_files import msg, tnef

PHISH = {
    "0037": "帳戶驗證",
    "0C1A": "Bank",
    "0C1F": "EX:/o=x",
    "5D01": "security@bank.example",
    "1000": "請按 http://bad.example/x\r\n",
    "1035": "<1@bank.example>",
}


def test_a_message_with_files_and_one_inside() -> None:
    words = {"0037": "Inner", "1000": "http://deep.example", "0C1F": "x@deep.example"}
    inner = {"inner": (words, [{"3704": "a.exe", "3701": b"MZ"}])}
    found = outlook.read_msg(msg(PHISH, [{"3707": "付款.exe", "3701": b"MZab", "370E": "application/x"}, inner]))
    assert (found.subject, found.sender, found.sender_name) == ("帳戶驗證", "security@bank.example", "Bank")
    assert found.attachments[0] == ("付款.exe", "application/x", b"MZab")
    name, kind, data = found.attachments[1]
    assert (name, kind) == ("Inner.txt", "text/plain")
    assert b"http://deep.example" in data
    assert found.attachments[2] == ("a.exe", "", b"MZ")


def test_messages_inside_messages_end_somewhere() -> None:
    files: list[dict[str, Any]] = [{"3704": "x.txt", "3701": b"deepest"}]
    for level in range(outlook.MOST_DEPTH + 2):
        files = [{"inner": ({"0037": f"level {level}"}, files)}]
    found = outlook.read_msg(msg(PHISH, files))
    assert len(found.attachments) == outlook.MOST_DEPTH
    assert not any(data == b"deepest" for _, _, data in found.attachments)


def test_the_transport_headers_count_more_than_the_properties() -> None:
    head = "From: Bank <a@bank.example>\r\nReply-To: thief@evil.example\r\nReceived: from x by y\r\nSubject: Real"
    mail = evidence.read("x.msg", msg(PHISH | {"007D": head}))
    assert mail is not None
    facts = evidence.facts(mail)
    assert (facts["subject"], facts["reply_to"], facts["received"]) == ("Real", "thief@evil.example", ["from x by y"])
    assert mail.text == "請按 http://bad.example/x"


def test_only_html() -> None:
    mail = evidence.read("x.msg", msg({"0037": "s", "1013": b"<p>Pay <a href='http://bad.example/p'>here</a></p>"}))
    assert mail is not None
    assert "http://bad.example/p" in mail.text


def test_other_office_files_are_no_messages() -> None:
    assert evidence.read("x.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000) is None
    old, new = ("__properties_version1.0".encode("utf-16-le"), "__Properties_version9.0".encode("utf-16-le"))
    plain = msg(PHISH).replace(old, new)
    with pytest.raises(outlook.NotReadable):
        outlook.read_msg(plain)
    assert evidence.read("notes.txt", b"Subject: x\n\nno more") is None
    assert evidence.read("notes.eml", b"Subject: x\n\nmore") is not None
    assert evidence.read("notes.txt", b"From: a@b.example\nTo: c\nSubject: x\n\nmore") is not None


def as_mail(data: bytes, name: str = "winmail.dat") -> bytes:
    body = base64.encodebytes(data)
    head = b"From: ann@shop.example\nSubject: t\nMIME-Version: 1.0\nContent-Type: application/ms-tnef; name=%s\n"
    return head % name.encode() + b"Content-Transfer-Encoding: base64\n\n" + body


def test_a_winmail_is_opened() -> None:
    mail = parse(as_mail(tnef(b"See http://bad.example/x", [("virus.doc", b"abc"), ("b.txt", b"def")])))
    assert mail.text == "See http://bad.example/x"
    assert [(each.filename, each.data) for each in mail.attachments] == [("virus.doc", b"abc"), ("b.txt", b"def")]


def test_a_damaged_winmail_is_kept_as_it_is() -> None:
    mail = parse(as_mail(b"no tnef"))
    assert mail.trouble == ["part_unreadable"]
    assert mail.attachments[0].filename == "winmail.dat"
    assert mail.attachments[0].data == b"no tnef"


@given(st.data())
def test_cut_and_changed_files_never_raise(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([msg(PHISH, [{"3707": "a", "3701": b"x"}]), tnef(b"text", [("a", b"b" * 50)])]))
    raw = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 5))):
        if raw:
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    for read in (outlook.read_msg, outlook.read_tnef):
        with contextlib.suppress(outlook.NotReadable):
            read(bytes(raw))


def test_lines_that_were_broken_are_one_again() -> None:
    words = "> a quote that \n> goes on\nA line that \ngoes on\n-- \nAnn\n"
    assert unflowed(words) == "> a quote that goes on\nA line that goes on\n-- \nAnn"
    assert unflowed("網絡 \n釣魚", delsp=True) == "網絡釣魚"
    raw = b"From: a@b.example\nContent-Type: text/plain; format=flowed; delsp=yes\n\nhttp://bad.example/ \nlogin"
    assert parse(raw).text == "http://bad.example/login"


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x00" * 11 * (outlook.MOST_OBJECTS + 1),
        b"\x01\x03\x90\x06\x00\x08\x00\x00\x00" + b"\xff\xff\xff\x00" + bytes(6),
    ],
    ids=["objects", "properties"],
)
def test_a_winmail_that_never_ends_is_not_read(hostile: bytes) -> None:
    with pytest.raises(outlook.NotReadable, match="more in it"):
        outlook.read_tnef(b"\x78\x9f\x3e\x22\x00\x00" + hostile)


def test_a_message_holds_few_of_them() -> None:
    part = b"--b\r\nContent-Type: application/ms-tnef\r\n\r\nx\r\n"
    mail = parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 9 + b"--b--")
    assert mail.trouble.count("part_unreadable") == 5
    assert len(mail.attachments) == 9
