"""People who are signed in, and reports, for the tests of the staff face."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO

import pyotp
import pyzipper
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.i18n import Language
from cert_portal.directory import accounts, calendar
from cert_portal.intake.process import process
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission

NOW = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)
PASSPHRASE, SECRET = "four unrelated words", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def add(app: Flask, name: str, *roles: str, secret: str | None = SECRET, language: str = "en") -> int:
    """Make an account; answers its id."""
    start_writing()
    with app.app_context():
        calendar.seed()
        user = accounts.add_user(f"{name.lower()}@portal.example", name, PASSPHRASE, roles, language=language)
        if secret:
            accounts.keep_secret(user, secret, "system")
        session.commit()
        return user.id


def unlocked(data: bytes) -> bytes:
    """The one file of a download, opened with the pass-word that everybody knows."""
    with pyzipper.AESZipFile(BytesIO(data)) as archive:
        archive.setpassword(b"infected")
        return bytes(archive.read(archive.namelist()[0]))


def code(at: datetime | None = None) -> str:
    """The code of the moment."""
    return pyotp.TOTP(SECRET).at(at or clock.now())


def sign_in(app: Flask, name: str, *roles: str, language: str = "en") -> FlaskClient:
    """A browser in which a new person is signed in."""
    add(app, name, *roles, language=language)
    client = app.test_client()
    told = {"email": f"{name.lower()}@portal.example", "passphrase": PASSPHRASE, "code": code()}
    assert client.post("/staff/sign-in", data=told).status_code == 302
    return client


def report(app: Flask, text: str = "A page at https://bad.example/login", **more: object) -> str:
    """A report that waits for triage; answers its number."""
    told = {"language": Language.EN, "kind": "phishing", "email": "rita@victim.example", "name": "Rita", **more}
    start_writing()
    with app.app_context():
        made = receive(Submission(description=text, **told), Channel.WEB)  # type: ignore[arg-type]
        process(made.id)
        session.commit()
        return made.number


def open_case(client: FlaskClient, number: str, **more: object) -> str:
    """Open a case from a report through the page; answers its number."""
    answer = client.post(f"/staff/reports/{number}/open", data={"title": "Fake bank", "kind": "phishing", **more})
    assert answer.status_code == 302, answer.text
    found = re.search(r"C\d\d-\d+-\d", answer.location)
    assert found
    return found[0]


def check_places(page: str) -> None:
    """Every id stands once, and every sentence of the error summary points to one."""
    ids = re.findall(r' id="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    summary = page.partition("govuk-error-summary__list")[2].partition("</ul>")[0]
    assert set(re.findall(r'href="#([^"]+)"', summary)) <= set(ids)


def do(client: FlaskClient, path: str, **data: object) -> str:
    """Post and answer the page that follows; a refusal is a failure."""
    answer = client.post(path, data=data)
    assert answer.status_code == 302, answer.text
    page = client.get(answer.location).text
    check_places(page)
    return page


def refused(client: FlaskClient, path: str, **data: object) -> str:
    """Post what is refused; answers the page that says why."""
    answer = client.post(path, data=data)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    check_places(answer.text)
    return answer.text
