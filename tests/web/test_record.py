"""The machine face of the public record: documents, feeds, keys, and one click off the list."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal import config
from cert_portal.config import Settings
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


@pytest.mark.parametrize(
    ("base_url", "role"),
    [("https://portal.example", "csaf_trusted_provider"), ("http://portal.example", "csaf_publisher")],
)
def test_the_role_is_claimed_truthfully(client: FlaskClient, settings: Settings, base_url: str, role: str) -> None:
    config.use(replace(settings, base_url=base_url))
    told = client.get("/.well-known/csaf/provider-metadata.json").json
    assert told
    assert told["role"] == role
    assert told["canonical_url"] == f"{base_url}/.well-known/csaf/provider-metadata.json"
    assert told["list_on_CSAF_aggregators"] is told["mirror_on_CSAF_aggregators"] is base_url.startswith("https:")
    feed = told["distributions"][0]["rolie"]["feeds"][0]["url"]
    assert feed.startswith(base_url)
    key = told["public_openpgp_keys"][0]
    assert key["fingerprint"] == settings.publication_key
    for address in (feed, key["url"], told["canonical_url"]):
        assert client.get(address.removeprefix(base_url)).status_code == 200, address


def test_security_txt_ends_in_the_future_and_within_a_year(client: FlaskClient) -> None:
    answer = client.get("/.well-known/security.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    told = [line.partition(": ")[2] for line in answer.text.splitlines() if line.startswith("Expires: ")]
    assert len(told) == 1, "exactly once (RFC 9116, 2.5.5)"
    left = datetime.fromisoformat(told[0]) - datetime.now(UTC)
    assert timedelta(days=30) < left < timedelta(days=365)


def test_the_served_keys_are_imported_by_gpg(client: FlaskClient, settings: Settings, tmp_path: Path) -> None:
    for number, (path, wanted) in enumerate(
        (
            (f"/.well-known/openpgpkey/hu/{web_key_name('advisories')}", {settings.publication_key}),
            (f"/.well-known/openpgpkey/portal.example/hu/{web_key_name('report')}", {settings.desk_key}),
            ("/pgp.asc", {settings.publication_key, settings.desk_key}),
        )
    ):
        home = tmp_path / str(number)
        home.mkdir(mode=0o700)
        gpg = ["gpg", "--homedir", str(home), "--batch", "--no-autostart", "--with-colons"]
        subprocess.run([*gpg, "--import"], input=client.get(path).data, capture_output=True, check=True)
        listed = subprocess.run([*gpg, "--list-keys"], capture_output=True, text=True, check=True).stdout
        lines = [line.split(":") for line in listed.splitlines()]
        first = {after[9] for line, after in pairwise(lines) if line[0] == "pub"}
        assert first == wanted
    assert client.get(f"/.well-known/openpgpkey/elsewhere.example/hu/{web_key_name('report')}").status_code == 404


TYPES = {
    "/feeds/advisories.en.atom": "application/atom+xml; charset=utf-8",
    "/feeds/advisories.zh-hant.rss": "application/rss+xml; charset=utf-8",
    "/feeds/advisories.en.json": "application/feed+json; charset=utf-8",
    f"{WHITE}{feeds.ROLIE_NAME}": "application/json",
    "/.well-known/csaf/provider-metadata.json": "application/json",
    "/pgp.asc": "application/pgp-keys",
    "DOC": "application/json",
    "DOC.asc": "application/pgp-signature",
    "DOC.sha256": "text/plain",
    "DOC.sha512": "text/plain",
    "/advisories/ID.en.txt.asc": "text/plain; charset=utf-8",
    "/advisories/ID.zh-hant.txt.asc": "text/plain; charset=utf-8",
}


def test_every_file_has_its_type_and_can_be_asked_for_again(
    app: Flask, client: FlaskClient, publication_key: str
) -> None:
    start_writing()
    with app.app_context():
        found = shown.one(press.published(press.editor(), press.reader()).advisory.public_id)
        assert found
        place = "/.well-known/" + feeds.csaf_path(found, Language.EN)
    for path, kind in TYPES.items():
        address = path.replace("DOC", place).replace("ID", found.public_id)
        answer = client.get(address)
        assert (answer.status_code, answer.content_type) == (200, kind), address
        assert answer.headers["Access-Control-Allow-Origin"] == "*", address
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin", address
        head = client.head(address)
        assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", answer.headers["ETag"]), address
        assert head.content_type == kind
        again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), address
        other = client.get(address, headers={"If-None-Match": '"another"'})
        assert (other.status_code, other.data) == (200, answer.data), address


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
