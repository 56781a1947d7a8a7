"""Files that go with a report."""

from __future__ import annotations

import re
from io import BytesIO

import pytest

from cert_portal.intake.files import FileRefused
from cert_portal.intake.status import look_up, secret_of
from cert_portal.web.forms.uploads import why_refused
from tests.web.public.conftest import Visitor


def upload(visitor: Visitor, *files: tuple[bytes, str], path: str = "report/evidence", **data: str) -> str:
    """Send files; answers the page or where it leads."""
    answer = visitor.post(path, files=[(BytesIO(content), name) for content, name in files], **data)
    return answer.headers.get("Location") or answer.text


def test_files_are_added_listed_and_removed(visitor: Visitor) -> None:
    visitor.step("emergency")
    assert upload(visitor, (b"one", "a.txt"), (b"two", "b.log"), then="add") == "/en/report/evidence"
    text = visitor.get("report/evidence").text
    assert "a.txt" in text
    assert "b.log" in text
    first = re.findall(r"/report/evidence/\d+/remove", text)[0]
    assert visitor.client.post(f"/en{first}").headers["Location"] == "/en/report/evidence"
    assert "a.txt" not in visitor.get("report/evidence").text


def test_continuing_also_takes_the_files(visitor: Visitor) -> None:
    assert upload(visitor, (b"one", "a.txt")) == "/en/report/actions"
    assert "a.txt" in visitor.get("report/check").text
    number = visitor.send()
    with visitor.app.app_context():
        found = look_up(number, secret_of(number))
    assert found is not None
    assert found.files == ["a.txt"]


def test_an_empty_file_is_refused_and_the_others_stay(visitor: Visitor) -> None:
    text = upload(visitor, (b"", "empty.txt"), (b"x", "good.txt"))
    assert "“empty.txt” is empty" in text
    assert "good.txt" in text


def test_saving_from_the_evidence_page_keeps_the_files(visitor: Visitor) -> None:
    assert upload(visitor, (b"one", "a.txt"), then="save") == "/en/report/saved"
    assert upload(visitor, then="zh-hant") == "/zh-hant/report/evidence"


def test_nothing_can_be_removed_without_a_report(visitor: Visitor) -> None:
    assert visitor.post("report/evidence/1/remove").status_code == 302


@pytest.mark.parametrize("code", ["empty", "too_big", "too_many", "type_lies", "archive_bomb", "news"])
def test_every_refusal_has_words(visitor: Visitor, code: str) -> None:
    with visitor.app.test_request_context("/en/"):
        assert "“a.txt”" in why_refused(FileRefused(code), "a.txt")
