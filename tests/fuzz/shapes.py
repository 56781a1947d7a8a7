"""What the fuzzers begin with: shapes of mail that really comes, and forms as browsers send them."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

from flask.testing import FlaskClient

_NAME = re.compile(r"<(?:input|textarea|select)[^>]*? name=\"([^\"]+)\"")
_PART = b"--b\r\nContent-Type: "
_MULTI = b"From: ann@shop.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/%s; boundary=b\r\n\r\n"


def _multi(kind: bytes, *parts: bytes) -> bytes:
    return _MULTI % kind + b"".join(_PART + part + b"\r\n" for part in parts) + b"--b--\r\n"


MAILS = [
    b"From: Ann <ann@shop.example>\r\nSubject: Help\r\nMessage-ID: <1@shop.example>\r\n\r\nsee hxxp://bad[.]example",
    b"From: =?big5?B?pKTA+w==?= <a@b.example>\r\nSubject: =?utf-8?Q?=E6=95=91?=\r\n\r\n\xe6\x95\x91\xe5\x91\xbd",
    b"Content-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=BE=C8=C3=\r\nx",
    b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n<p>Pay <a href='https://bad.example/x'>here</a><br><script>",
    b"From: a@b.example\r\nContent-Type: text/plain; format=flowed; delsp=yes\r\n\r\n> one \r\n> two\r\n-- \r\nAnn",
    b"From: a@b.example\r\nSubject: Re: [R26-000001-1] more\r\nReferences: <1@shop.example>\r\n\r\nmore words",
    b"From: a@b.example\r\nAuto-Submitted: auto-replied\r\nSubject: Out of office\r\n\r\nback on Monday",
    b"From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nSubject: Undelivered\r\n\r\n<a@b.example>: 550 5.1.1 gone",
    _multi(b"alternative", b"text/plain\r\n\r\nplain", b"text/html\r\n\r\n<b>rich</b>"),
    _multi(
        b"report; report-type=delivery-status",
        b"text/plain\r\n\r\nIt failed",
        b"message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822;a@b.example\r\n"
        b"Action: failed\r\nStatus: 5.1.1\r\n",
        b"message/rfc822\r\n\r\nSubject: letter\r\n\r\nwords",
    ),
    _multi(
        b"report; report-type=feedback-report",
        b"text/plain\r\n\r\nabuse",
        b"message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\nSource-IP: 192.0.2.1\r\n",
        b"message/rfc822\r\n\r\nFrom: spam@bad.example\r\n\r\nbuy",
    ),
    _multi(
        b"mixed",
        b"text/plain\r\n\r\nsee attached",
        b'application/json; name="xarf.json"\r\n\r\n{"xarf_version":"4.0.0","category":"connection","type":"ddos",'
        b'"source_identifier":"192.0.2.1","timestamp":"2026-05-04T02:00:00Z","reporter":{"org":"x","contact":"a@b.c"}}',
        b'text/csv; name="feed.csv"\r\n\r\n"timestamp","ip","port","tag"\r\n"2026-05-04 02:00:00","192.0.2.1","23","x"',
        b'application/xml; name=i.xml\r\n\r\n<IODEF-Document version="2.00" xmlns="urn:ietf:params:xml:ns:iodef-2.0">'
        b'<Incident purpose="reporting"><IncidentID name="x">1</IncidentID></Incident></IODEF-Document>',
    ),
    _multi(
        b"mixed",
        b"application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+IgEAAQaQCAAEAAAAAAAB",
        b"image/tiff; name*0*=utf-8''%E7%85; name*1*=%A7.tif\r\nContent-Transfer-Encoding: base64\r\n\r\nSUkqAAgAAAA=",
        b"application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==",
        b"application/pdf; name=a.pdf\r\n\r\n%PDF-1.4 obj << /OpenAction 1 >>",
    ),
    _multi(
        b"signed; protocol=application/pgp-signature",
        b"text/plain\r\n\r\nsigned words",
        b"application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n-----END PGP SIGNATURE-----",
    ),
    _multi(b"mixed", b"message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nwords"),
]
WORDS = {"email": "ann@shop.example", "kind": "phishing", "telephone": "+852 5550 0100", "description": "救命 hacked"}


def forms(client: FlaskClient, addresses: list[str]) -> list[bytes]:
    """For each address the fields of its page filled in, as the fuzzer writes them: address, way, body."""
    made = []
    for position, address in enumerate(addresses):
        names = _NAME.findall(client.get(address).get_data(as_text=True))
        fields = {name: WORDS.get(name, "1") for name in names if name != "csrf_token"}
        made.append(bytes([position, 0]) + urlencode(fields).encode())
        parts = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n1\r\n' for name in fields)
        made.append(bytes([position, 1]) + parts.encode() + b"--b--\r\n")
        made.append(bytes([position, 2]) + json.dumps(WORDS | {"language": "en", "observables": [1]}).encode())
    return made
