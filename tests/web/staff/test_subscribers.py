"""Subscribers at the desk: counts and mailings, never an address."""

from __future__ import annotations

from flask import Flask

from cert_portal.core.db import session, start_writing
from cert_portal.core.i18n import Language
from cert_portal.subscriptions import service
from cert_portal.subscriptions.models import Rhythm
from cert_portal.subscriptions.service import Wishes
from tests.publishing.press import editor, published, reader
from tests.subscriptions.readers import subscribed
from tests.web.staff.desk import sign_in

WISHES = Wishes(Language.EN, 1, Rhythm.BOTH)


def test_counts_and_mailings_without_addresses(app: Flask, publication_key: str) -> None:
    client = sign_in(app, "Ed", "editor")
    assert "Nothing has been sent to subscribers yet." in client.get("/staff/subscribers").text
    start_writing()
    with app.app_context():
        for name in ("ann", "ben", "cat"):
            subscribed(f"{name}@shop.example", WISHES)
        service.request("dan@shop.example", WISHES)
        service.end(subscribed("eve@shop.example", WISHES), "page")
        session.commit()
        published(editor(), reader())
    page = client.get("/staff/subscribers").text
    assert "shop.example" not in page
    assert "<dt>Active</dt><dd>3</dd>" in page
    assert "<dt>Not confirmed yet</dt><dd>1</dd>" in page
    assert "<dt>Have left</dt><dd>1</dd>" in page
    assert "CP-A-20" in page
    assert "CP-A-20" in sign_in(app, "Amy", "approver", language="zh-hant").get("/staff/subscribers").text
