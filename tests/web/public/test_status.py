"""The status page: by number and secret, and nothing for anybody else."""

from __future__ import annotations

import re
from io import BytesIO

import pytest

from cert_portal.core.db import session
from cert_portal.intake.models import Report
from cert_portal.intake.status import secret_of
from tests.web.public.conftest import Visitor


@pytest.fixture
def pair(visitor: Visitor) -> tuple[str, str]:
    """Number and secret of a report."""
    number = visitor.send(what={"description": "d", "kind": "phishing"})
    with visitor.app.app_context():
        return number, secret_of(number)


def test_number_and_secret_open_the_status(visitor: Visitor, pair: tuple[str, str]) -> None:
    number, secret = pair
    answer = visitor.post("status", number=number.lower().replace("-", " "), secret=secret.lower())
    assert answer.status_code == 302
    text = visitor.client.get(answer.headers["Location"]).text
    assert "Received" in text
    assert "Phishing" in text
    assert "HKT" in text


def test_a_kind_that_nobody_settled_is_not_shown(visitor: Visitor) -> None:
    number = visitor.send(what={"description": "d", "kind": "not_sure"})
    with visitor.app.app_context():
        page = visitor.get(f"status/{number}/{secret_of(number)}").text
    assert "Received" in page
    assert "I am not sure" not in page


def without(number: str, page: str) -> str:
    """A page without the number and without the form's token, which holds the second it was made in."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page).replace(number, "")


def test_a_wrong_pair_is_answered_like_an_unknown_number(visitor: Visitor, pair: tuple[str, str]) -> None:
    wrong = visitor.post("status", number=pair[0], secret="AAAA-AAAA-AAAA")
    unknown = visitor.post("status", number="R26-999999-9", secret="AAAA-AAAA-AAAA")
    assert wrong.status_code == unknown.status_code == 422
    assert without(pair[0], wrong.text) == without("R26-999999-9", unknown.text)
    for number in (pair[0], "R26-999999-9"):
        assert visitor.get(f"status/{number}/AAAA").status_code == 404
        assert visitor.post(f"status/{number}/AAAA", text="x").status_code == 404


def test_both_are_asked_for(visitor: Visitor) -> None:
    text = visitor.post("status", number="", secret="").text
    assert "Enter the number" in text
    assert "Enter the secret code" in text
    assert "do not belong together" not in text


def test_words_and_files_are_added(visitor: Visitor, pair: tuple[str, str]) -> None:
    path = "/".join(("status", *pair))
    answer = visitor.post(path, text="We found more", files=[(BytesIO(b"log"), "more.log")])
    text = visitor.client.get(answer.headers["Location"]).text
    for part in ("We found more", "more.log", "we have added it"):
        assert part in text


def test_a_file_alone_is_enough_and_nothing_is_not(visitor: Visitor, pair: tuple[str, str]) -> None:
    path = "/".join(("status", *pair))
    assert visitor.post(path, files=[(BytesIO(b"log"), "more.log")]).status_code == 302
    assert "Write what you want to add" in visitor.post(path, text="").text


def test_a_refused_file_leaves_the_words_in_the_box(visitor: Visitor, pair: tuple[str, str]) -> None:
    answer = visitor.post("/".join(("status", *pair)), text="keep me", files=[(BytesIO(b""), "empty.txt")])
    assert answer.status_code == 422
    assert "keep me</textarea>" in answer.text
    assert "is empty" in answer.text


@pytest.mark.parametrize(
    ("state", "word"),
    [("attached", "Being looked at"), ("refused", "outside what we handle"), ("referred_elsewhere", "another body")],
)
def test_states_are_plain_words(visitor: Visitor, pair: tuple[str, str], state: str, word: str) -> None:
    with visitor.app.app_context():
        session.query(Report).update({"state": state, "first_response_at": Report.received_at})
        session.commit()
    text = visitor.get("/".join(("status", *pair))).text
    assert word in text
    assert "First answer" in text


@pytest.mark.parametrize(("lang", "said"), [("en", "cannot be called back"), ("zh-hant", "無法收回")])
def test_the_reporter_sees_what_was_allowed_and_takes_it_back(visitor: Visitor, lang: str, said: str) -> None:
    number = visitor.send(contact={"reach": "contact", "telephone": "2345 6789", "consents": ["police", "isp"]})
    visitor.lang = lang
    with visitor.app.app_context():
        path = f"status/{number}/{secret_of(number)}"
    assert f"/{lang}/{path}/consents" in visitor.get(path).text
    asked = visitor.get(f"{path}/consents").text
    assert said in asked
    assert "<form" in asked
    assert visitor.get(f"{path}x/consents").status_code == visitor.post(f"{path}x/consents").status_code == 404
    assert visitor.report().details["consents"] == ["police", "isp"], "asking is not doing"
    answer = visitor.post(f"{path}/consents")
    page = visitor.client.get(answer.headers["Location"]).text
    assert said in page
    assert f"/{path}/consents" not in page
    assert visitor.report().details["consents"] == []
    assert '<button class="govuk-button govuk-button--warning' not in visitor.get(f"{path}/consents").text


def test_who_allowed_nothing_is_asked_nothing(visitor: Visitor, pair: tuple[str, str]) -> None:
    assert "What we may pass on" not in visitor.get("/".join(("status", *pair))).text


@pytest.mark.parametrize(
    ("lang", "offered", "said", "kept"),
    [
        ("en", "Write to me in Chinese", "From now on we write to you in Chinese.", "zh-hant"),
        ("zh-hant", "改用英文來信", "今後我們會以英文去信給你。", "en"),
    ],
)
def test_the_reporter_chooses_the_language_of_letters(
    visitor: Visitor, lang: str, offered: str, said: str, kept: str
) -> None:
    visitor.lang = lang
    number = visitor.send(contact={"reach": "contact", "email": "ann@shop.example", "language": lang})
    with visitor.app.app_context():
        path = f"status/{number}/{secret_of(number)}"
    assert offered in visitor.get(path).text
    answer = visitor.post(f"{path}/language", language=kept)
    assert said in visitor.client.get(answer.headers["Location"]).text
    with visitor.app.app_context():
        assert session.query(Report).one().language == kept
    assert visitor.post(f"{path}/language", language="xx").status_code == 400
    assert visitor.post(f"{path}x/language", language="en").status_code == 404


def test_who_gets_no_letters_is_asked_for_no_language(visitor: Visitor) -> None:
    number = visitor.send(contact={"reach": "anonymous"})
    with visitor.app.app_context():
        path = f"status/{number}/{secret_of(number)}"
    assert "Language of our letters" not in visitor.get(path).text
