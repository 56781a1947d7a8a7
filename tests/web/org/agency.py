"""People of member organisations who are signed in, and the form filled in, for the tests of this face."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cert_portal.core.db import session, start_writing
from cert_portal.directory import accounts, members, organisations
from cert_portal.directory.organisations import OrganisationTold
from tests.web.staff.desk import NOW, PASSPHRASE, add, code

__all__ = ["NOW"]

ZONE = ZoneInfo("Asia/Hong_Kong")
HELP = {"support": "help", "support_what": "Somebody who can read the logs"}
SERIOUS = {"leaked": "none", "tampered": "core_serious", "halted": "none"}
SLIGHT = {"leaked": "non_core", "tampered": "none", "halted": "none"}


@dataclass(frozen=True)
class Body:
    """An organisation and the browsers of its people."""

    name: str
    coordinator: FlaskClient
    unit: FlaskClient
    other_unit: FlaskClient


def body(app: Flask, name: str = "Harbour Board") -> Body:
    """An organisation with a coordinator and two units."""
    short = name.split()[0].lower()
    people = {f"{short}-head": "", f"{short}-survey": "Survey", f"{short}-works": "Works"}
    for person in people:
        add(app, person, "member")
    start_writing()
    with app.app_context():
        made = organisations.add(OrganisationTold("member", name, f"{name}（中文）"), "system")
        for person, unit in people.items():
            user = accounts.by_email(f"{person}@portal.example")
            assert user is not None
            members.enrol(user, made, unit, "system")
        session.commit()
    return Body(name, *(signed_in(app, person) for person in people))


def signed_in(app: Flask, person: str) -> FlaskClient:
    """A browser of somebody who is there."""
    client = app.test_client()
    told = {"email": f"{person}@portal.example", "passphrase": PASSPHRASE, "code": code()}
    answer = client.post("/staff/sign-in", data=told)
    assert (answer.status_code, answer.location) == (302, "/org/")
    return client


def begin(client: FlaskClient) -> int:
    """Begin a report; answers its id."""
    answer = client.post("/org/reports")
    found = re.fullmatch(r"/org/reports/(\d+)/form/danger", answer.location)
    assert found
    return int(found[1])


def moment(name: str, at: datetime) -> dict[str, str]:
    """The boxes of a moment."""
    local = at.astimezone(ZONE)
    parts = {"day": local.day, "month": local.month, "year": local.year, "time": f"{local:%H:%M}"}
    return {f"{name}-{part}": str(value) for part, value in parts.items()} | {f"{name}-precision": "exact"}


def pages(noticed: datetime, **more: str) -> dict[str, dict[str, str]]:
    """What is answered on each page; `more` are answers of the effect and support pages."""
    effect = {name: more.get(name, SERIOUS.get(name, "")) for name in ("leaked", "tampered", "halted")}
    effect |= {name: more[name] for name in ("tolerable", "expected", "scope") if name in more}
    support = {name: more.get(name, HELP[name]) for name in HELP}
    return {
        "danger": {"danger": "no"},
        "when": moment("occurred", noticed - timedelta(minutes=10)) | moment("discovered", noticed),
        "what": {"description": "The land register shows wrong owners", "kind": "intrusion"},
        "system": {"system": "land", "origin": "external_hacker"},
        "effect": effect,
        "support": {**support, "action_containment": "Cable out"},
        "details": {},
        "loss": {"damage": "yes", "loss_operations": "Counters closed", "loss_recovery": "6 hours"},
        "contact": {"name": "Hana", "email": "hana@harbour.example", "telephone": "+852 5550 0199"},
    }


def fill(client: FlaskClient, noticed: datetime, **more: str) -> int:
    """Answer every page; answers the id of the report."""
    made = begin(client)
    for step, told in pages(noticed, **more).items():
        answer = client.post(f"/org/reports/{made}/form/{step}", data=told)
        assert answer.status_code == 302, (step, answer.text)
    return made


def hand_in(client: FlaskClient, made: int, **told: str) -> TestResponse:
    """Press the last button."""
    return client.post(f"/org/reports/{made}/check", data=told)


def sent(client: FlaskClient, noticed: datetime = NOW, **more: str) -> int:
    """A report of a coordinator, sent in time."""
    made = fill(client, noticed, **more)
    assert hand_in(client, made).status_code == 302
    return made


def number(client: FlaskClient, made: int) -> str:
    """The number that the page of a report shows."""
    found = re.search(r"R\d\d-\d{6}-\d", client.get(f"/org/reports/{made}").text)
    assert found
    return found[0]
