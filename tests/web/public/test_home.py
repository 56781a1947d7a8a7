"""The front page."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from cert_portal.publishing import shown
from tests.publishing.press import CHINESE, ENGLISH
from tests.web.public.test_advisories import Press


@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_the_latest_advisories_stand_there(
    client: FlaskClient, app: Flask, publication_key: str, language: str
) -> None:
    assert "/advisories/CP-A" not in client.get(f"/{language}/").text
    number = Press(app).publish()
    page = client.get(f"/{language}/").text
    assert f"/{language}/advisories/{number}" in page
    assert (ENGLISH if language == "en" else CHINESE).title in page


def test_the_doors_stand_open_with_the_database_away(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_more: Any) -> None:
        raise OperationalError("x", {}, Exception())

    monkeypatch.setattr(shown, "page", away)
    answer = client.get("/en/")
    assert answer.status_code == 200
    assert "/en/report/" in answer.text
