"""The guard of the staff face; who may open what is in tests/web/test_matrix.py."""

from __future__ import annotations

import pytest
from flask import Flask

from cert_portal.web.staff.desk import local_path
from tests.web.staff.desk import add


def test_without_an_authenticator_only_the_own_account_opens(app: Flask) -> None:
    add(app, "Ann", "analyst", secret=None)
    client = app.test_client()
    client.post("/staff/sign-in", data={"email": "ann@portal.example", "passphrase": "four unrelated words"})
    assert client.get("/staff/").location == "/staff/account"
    assert "otpauth" not in client.get("/staff/account").text
    assert "data:image/svg+xml" in client.get("/staff/account").text


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/staff/queue/mine", True),
        ("//evil.example", False),
        ("https://evil.example", False),
        ("/staff/\\x", False),
        ("/staff/\n", False),
        ("", False),
        ("/en/", False),
    ],
)
def test_only_paths_of_this_face_are_led_to(path: str, kept: bool) -> None:
    assert local_path(path, "/staff/") == (path if kept else "/staff/")
