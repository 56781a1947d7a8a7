"""What a browser may send: an error page in the reader's language, never a 500, and what was typed before is there."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

LANGUAGES = {"en": 'lang="en"', "zh-hant": 'lang="zh-Hant-HK"'}
BEFORE = "Typed before: the till is locked"


@pytest.fixture(params=list(LANGUAGES))
def lang(request: pytest.FixtureRequest, client: FlaskClient) -> str:
    """A reader of one language who has typed something already."""
    assert client.post(f"/{request.param}/report/what", data={"description": BEFORE}).status_code == 302
    return str(request.param)


def explained(answer: TestResponse, lang: str) -> str:
    """A page with words for people in their language."""
    assert 400 <= answer.status_code < 500
    page = answer.get_data(as_text=True)
    assert LANGUAGES[lang] in page
    assert "Traceback" not in page
    return page


def still_there(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/{lang}/report/what")
    assert page.status_code == 200
    assert BEFORE in page.get_data(as_text=True)


def parts(fields: dict[str, str]) -> bytes:
    """A form as browsers send it when a file may be with it."""
    head = '--b\r\nContent-Disposition: form-data; name="'
    return "".join(f'{head}{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()).encode() + b"--b--\r\n"


MULTIPART = "multipart/form-data; boundary=b"


def test_more_text_than_the_server_takes(client: FlaskClient, lang: str) -> None:
    body = parts({"action_post": "x" * 3_000_000})
    answer = client.post(f"/{lang}/report/actions", data=body, content_type=MULTIPART)
    assert explained(answer, lang)
    assert answer.status_code == 413
    still_there(client, lang)


def test_more_text_than_a_question_takes(client: FlaskClient, lang: str) -> None:
    answer = client.post(f"/{lang}/report/actions", data={"action_post": "x" * 30_000})
    assert "x" * 30_000 in explained(answer, lang)
    assert answer.status_code == 422
    still_there(client, lang)


def test_a_file_that_is_larger_than_the_server_takes(client: FlaskClient, lang: str) -> None:
    answer = client.post(f"/{lang}/report/evidence", data=bytes(101_000_000), content_type=MULTIPART)
    explained(answer, lang)
    assert answer.status_code == 413
    still_there(client, lang)


def test_ten_thousand_fields(client: FlaskClient, lang: str) -> None:
    fields = {f"field{n}": "x" for n in range(10_000)}
    answer = client.post(f"/{lang}/report/contact", data=parts(fields), content_type=MULTIPART)
    explained(answer, lang)
    assert answer.status_code == 413
    explained(client.post(f"/{lang}/report/contact", data=fields), lang)
    still_there(client, lang)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"description=%FF%FE%80", "application/x-www-form-urlencoded"),
        ("description=公司電腦".encode("big5"), "application/x-www-form-urlencoded"),
        (b"description=%ED%A0%80", "application/x-www-form-urlencoded"),
        (b"--b\r\nbroken", "multipart/form-data; boundary=b"),
        (b"", "multipart/form-data"),
        (b"description=x", "application/x-www-form-urlencoded; charset=\xff"),
        (b'{"description": 1}', "application/json"),
    ],
)
def test_wrong_encodings(client: FlaskClient, lang: str, body: bytes, kind: str) -> None:
    answer = client.post(f"/{lang}/report/what", data=body, content_type=kind)
    assert answer.status_code < 500
    assert client.get(f"/{lang}/report/what").status_code == 200
    assert client.get(f"/{lang}/report/check").status_code == 200


@pytest.mark.parametrize("slug", ["who", "what", "when", "affected", "personal-data", "actions", "contact"])
def test_nul_bytes_everywhere(client: FlaskClient, lang: str, slug: str) -> None:
    names = ("reporter_kind", "description", "kind", "occurred-day", "occurred-year", "found_how", "hardware")
    more = ("people_affected", "personal_data", "action_post", "name", "email", "telephone", "consents")
    answer = client.post(f"/{lang}/report/{slug}", data=dict.fromkeys(names + more, "a\x00b"))
    assert answer.status_code < 500
    assert client.get(f"/{lang}/report/{slug}").status_code == 200
    assert client.get(f"/{lang}/report/check").status_code == 200


@pytest.mark.parametrize(
    "path", ["status/%00/%00", "report/resume/%00", "report/%00", "report/resume/1-%ED%A0%80", "status/R26/%FF"]
)
def test_nul_and_odd_bytes_in_addresses(client: FlaskClient, lang: str, path: str) -> None:
    assert client.get(f"/{lang}/{path}").status_code < 500
    assert client.post(f"/{lang}/status", data={"number": "\x00", "secret": "\ud7ff\x00"}).status_code == 422


def test_a_name_of_ten_thousand_characters(client: FlaskClient, lang: str) -> None:
    name = "N" * 10_000
    answer = client.post(f"/{lang}/report/contact", data={"name": name, "email": "ann@shop.example"})
    page = explained(answer, lang)
    assert answer.status_code == 422
    assert name in page
    assert name in client.get(f"/{lang}/report/contact").get_data(as_text=True)
    still_there(client, lang)


@pytest.mark.parametrize("year", ["0", "0000", "-1", "99999", "２０２６年", "1e3"])
def test_the_year_0(client: FlaskClient, lang: str, year: str) -> None:
    typed: dict[str, Any] = {"occurred-day": "1", "occurred-month": "1", "occurred-year": year, "found_how": "By luck"}
    answer = client.post(f"/{lang}/report/when", data=typed)
    page = explained(answer, lang)
    assert answer.status_code == 422
    assert "By luck" in page
    still_there(client, lang)


def test_the_sign_in_page_takes_anything(client: FlaskClient) -> None:
    for words in ("a\x00b", "N" * 10_000, "\ud7ff@x"):
        answer = client.post("/staff/sign-in", data={"email": words, "passphrase": words, "code": words})
        assert answer.status_code < 500
