"""The machine face of the public record: documents, feeds, keys, and one click off the list."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core.crypto import Keyring
from cert_portal.core.db import session, start_writing
from cert_portal.core.i18n import Language
from cert_portal.publishing import feeds, shown
from cert_portal.subscriptions import service
from cert_portal.subscriptions.models import Subscriber
from cert_portal.web.machine.record import web_key_name
from tests.publishing import press
from tests.subscriptions.readers import subscribed

WHITE = "/.well-known/csaf/white/"


def test_before_the_first_advisory_feeds_are_empty(client: FlaskClient) -> None:
    assert client.get(f"{WHITE}{feeds.ROLIE_NAME}").json["feed"]["entry"] == []  # type: ignore[index]
    for lang in ("en", "zh-hant"):
        for shape in ("atom", "rss", "json"):
            assert client.get(f"/feeds/advisories.{lang}.{shape}").status_code == 200
    assert client.get("/api/v1/advisories").json == {"advisories": []}


def test_a_document_has_its_hashes_signature_and_type(
    app: Flask, client: FlaskClient, publication_key: str, settings: object
) -> None:
    start_writing()
    with app.app_context():
        version = press.published(press.editor(), press.reader())
        found = shown.one(version.advisory.public_id)
        assert found
        place = "/.well-known/" + feeds.csaf_path(found, Language.EN)
    answer = client.get(place)
    assert (answer.mimetype, answer.headers["Access-Control-Allow-Origin"]) == ("application/json", "*")
    for name in ("sha256", "sha512"):
        assert client.get(f"{place}.{name}").text.split()[0] == hashlib.new(name, answer.data).hexdigest()
    with app.app_context():
        ring = Keyring(app.extensions["settings"].instance_dir / "gnupg" / "publication", publication_key)
        assert ring.is_signed(answer.data, client.get(f"{place}.asc").text)
    assert client.head(place).status_code == 200
    told = client.get("/api/v1/advisories").json
    assert told
    assert told["advisories"][0]["id"] == found.public_id


def test_who_publishes_and_how_to_reach_us(client: FlaskClient, publication_key: str) -> None:
    told = client.get("/.well-known/csaf/provider-metadata.json").json
    assert told
    assert {"canonical_url", "last_updated", "metadata_version", "publisher", "role"} <= set(told)
    text = client.get("/.well-known/security.txt").text
    for name in ("Contact: ", "Expires: ", "Canonical: ", "Preferred-Languages: "):
        assert name in text
    assert "BEGIN PGP PUBLIC KEY" in client.get("/pgp.asc").text


def test_a_key_is_found_by_its_address(client: FlaskClient, publication_key: str) -> None:
    assert web_key_name("Joe.Doe") == "iy9q119eutrkn8s1mk4r39qejnbu3n5q"
    path = f"/.well-known/openpgpkey/hu/{web_key_name('advisories')}"
    answer = client.get(path)
    assert answer.mimetype == "application/octet-stream"
    assert answer.data[0] & 0x80, "binary, not armoured"
    assert client.head(path).status_code == 200
    assert client.get("/.well-known/openpgpkey/policy").status_code == 200
    assert client.get("/.well-known/openpgpkey/hu/none").status_code == 404


@pytest.mark.parametrize("wrong", ["limit=0", "limit=x", "least_level=5", "limit=101"])
def test_wrong_values_are_named(client: FlaskClient, wrong: str) -> None:
    answer = client.get(f"/api/v1/advisories?{wrong}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json
    assert answer.json["field"] == wrong.partition("=")[0]
    assert "/api/v1/advisories" in client.get("/api/openapi.json").json["paths"]  # type: ignore[index]


@pytest.fixture
def guarded(app: Flask) -> Iterator[Flask]:
    app.config["WTF_CSRF_ENABLED"] = True
    yield app
    app.config["WTF_CSRF_ENABLED"] = False


def test_one_click_off_the_list(guarded: Flask, client: FlaskClient) -> None:
    start_writing()
    with guarded.app_context():
        path = f"/unsubscribe/{service.token_of(subscribed('ann@shop.example'))}"
        session.commit()
    assert "<button" in client.get(path).text
    with guarded.app_context():
        assert session.query(Subscriber).one().state == "active", "opening the link changes nothing"
    for _ in range(2):
        answer = guarded.test_client(use_cookies=False).post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    with guarded.app_context():
        assert session.query(Subscriber).one().address is None
    assert client.get("/unsubscribe/1.x").status_code == client.post("/unsubscribe/1.x").status_code == 404
