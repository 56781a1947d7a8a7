"""A visitor who fills in the report, page by page, without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cert_portal.core.db import session
from cert_portal.intake import drafts
from cert_portal.intake.models import Report

ENOUGH: dict[str, dict[str, Any]] = {
    "emergency": {},
    "who": {},
    "what": {"description": "Shared files are locked"},
    "contact": {"reach": "contact", "telephone": "2345 6789"},
}


class Visitor:
    """One browser; `lang` is the language it reads."""

    def __init__(self, app: Flask, lang: str = "en") -> None:
        self.app, self.lang = app, lang
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """Open a page below the language."""
        return self.client.get(f"/{self.lang}/{path}", **kwargs)

    def post(self, path: str, **data: Any) -> TestResponse:
        """Send a form."""
        return self.client.post(f"/{self.lang}/{path}", data=data)

    def step(self, slug: str, **data: Any) -> TestResponse:
        """Answer a page of the report."""
        return self.post(f"report/{slug}", **data)

    def send(self, **more: dict[str, Any]) -> str:
        """Fill in what is enough, or `more`, and send; answers the number."""
        for slug, data in {**ENOUGH, **more}.items():
            assert self.step(slug, **data).status_code == 302, slug
        assert self.post("report/check").headers["Location"].endswith("/report/sent")
        return self.report().number

    def token(self) -> str:
        """The draft of this browser's cookie."""
        with self.client.session_transaction() as cookie:
            return str(cookie["draft"])

    def answers(self) -> dict[str, Any]:
        """What the draft holds."""
        with self.app.app_context():
            draft = drafts.open_draft(self.token())
            assert draft is not None
            return dict(draft.answers)

    def report(self) -> Report:
        """The last report of the database."""
        with self.app.app_context():
            report = session.query(Report).order_by(Report.id.desc()).first()
            assert report is not None
            session.expunge(report)
            return report


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who reads English."""
    return Visitor(app)
