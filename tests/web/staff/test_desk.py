"""The guard: every view asks for its permission."""

from __future__ import annotations

import pytest
from flask import Flask

from cert_portal.directory.permissions import Permission, Role, permissions_of
from cert_portal.web.staff.desk import local_path
from tests.web.staff.desk import add, report, sign_in

OPEN = {"staff.sign_in", "staff.do_sign_in", "staff.sign_out", "staff.sign_out_everywhere"}


def staff_rules(app: Flask) -> list[tuple[str, str, str]]:
    """Endpoint, method and a path of every staff view."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("staff.")]
    return [
        (
            rule.endpoint,
            "POST" if "POST" in (rule.methods or ()) else "GET",
            rule.rule.replace("<number>", "R26-000001-0")
            .replace("<int:user_id>", "999")
            .replace("<int:file_id>", "1")
            .replace("<view>", "mine")
            .replace("<code>", "resolution"),
        )
        for rule in rules
    ]


def test_every_view_but_signing_in_names_its_permission(app: Flask) -> None:
    bare = {name for name, _, _ in staff_rules(app) if not hasattr(app.view_functions[name], "permission")}
    assert bare == OPEN


def test_nobody_gets_in_without_signing_in(app: Flask) -> None:
    client = app.test_client()
    for endpoint, method, path in staff_rules(app):
        if endpoint not in OPEN:
            answer = client.open(path, method=method)
            assert (answer.status_code, "/staff/sign-in" in answer.location) == (302, True), endpoint


@pytest.mark.parametrize("role", [Role.LIAISON, Role.AUDITOR, Role.ADMIN, Role.OPERATOR, Role.MEMBER])
def test_a_role_opens_what_it_may_and_nothing_else(app: Flask, role: Role) -> None:
    client = sign_in(app, "Rob", role)
    for endpoint, method, path in staff_rules(app):
        if endpoint in OPEN:
            continue
        permission = app.view_functions[endpoint].__dict__["permission"]
        answer = client.open(path, method=method)
        assert (answer.status_code == 403) == (permission not in permissions_of([role])), endpoint


@pytest.mark.parametrize("role", [Role.LIAISON, Role.AUDITOR, Role.ADMIN])
def test_a_reporters_name_is_on_no_page_for_them(app: Flask, role: Role) -> None:
    number = report(app, name="Rita Unmistakable")
    client = sign_in(app, "Lee", role)
    for endpoint, method, path in staff_rules(app):
        if endpoint not in OPEN and method == "GET":
            assert "Unmistakable" not in client.get(path.replace("R26-000001-0", number)).text, endpoint
            assert "rita@" not in client.get(path.replace("R26-000001-0", number)).text, endpoint


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


def test_a_permission_is_one_of_the_list() -> None:
    assert len(set(Permission)) == 11
