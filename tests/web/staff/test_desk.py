"""The guard of the staff face; who may open what is in tests/web/test_matrix.py."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.web.staff.desk import local_path
from tests.web.staff.desk import add, open_case, report


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


@pytest.mark.parametrize("digits", [18, 19, 5000])
@pytest.mark.parametrize("place", ["letters/{}/source", "team/handovers/{}", "cases/{case}/planned/{}"])
def test_a_number_that_no_row_can_have_is_not_found(app: Flask, ann: FlaskClient, place: str, digits: int) -> None:
    case = open_case(ann, report(app))
    assert ann.get(f"/staff/{place.format('9' * digits, case=case)}").status_code == 404
