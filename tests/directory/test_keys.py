"""Keys of people outside: facts in the database, the key in the desk ring, and when one cannot be used."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from cert_portal.core import clock, crypto
from cert_portal.core.crypto import KeyFacts
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.directory import keys
from cert_portal.directory.refusal import DirectoryRefused
from tests.directory.parties import Outside, party


@pytest.fixture(scope="module")
def outside(home: Path) -> Outside:
    return Outside(home / "outside-keys")


def test_the_facts_of_a_key_are_read_and_kept(context: Flask, outside: Outside) -> None:
    (facts,) = keys.read(outside.public)
    assert facts.fingerprint == outside.fingerprint
    assert facts.user_ids == ["Abuse desk <abuse@harbour.example>"]
    assert (facts.revoked, facts.can_encrypt) == (False, True)
    owner = party()
    row = keys.keep(owner, facts, "user:1")
    assert keys.trouble(outside.fingerprint) == ""
    assert row.expires_at is not None
    assert clock.now() < row.expires_at < clock.now() + timedelta(days=800)
    assert keys.keep(owner, replace(facts, expires=None), "user:1").expires_at is None
    told = [event.data for event in of_subjects([owner.subject]) if event.kind == "key.taken"]
    assert [(each["fingerprint"], bool(each["expires"])) for each in told] == [
        (outside.fingerprint, True),
        (outside.fingerprint, False),
    ]
    assert crypto.desk().facts("0" * 40) is None


def test_a_key_of_another_organisation_is_refused(context: Flask, outside: Outside) -> None:
    (facts,) = keys.read(outside.public)
    keys.keep(party(), facts, "user:1")
    other = party(name_en="Other", asns=[], prefixes=[], domains=[])
    with pytest.raises(DirectoryRefused, match="key taken"):
        keys.keep(other, facts, "user:1")


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("words", "no_key"),
        ("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxxxx\n-----END PGP PUBLIC KEY BLOCK-----", "no_key"),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----\n-----END PGP PRIVATE KEY BLOCK-----", "private_key"),
    ],
)
def test_what_is_no_public_key_is_refused(context: Flask, block: str, reason: str) -> None:
    with pytest.raises(DirectoryRefused) as error:
        keys.read(block)
    assert error.value.reason == reason


def test_why_a_key_cannot_be_used(context: Flask) -> None:
    owner = party()
    now = datetime(2026, 5, 4, tzinfo=UTC)
    facts = KeyFacts("A" * 40, ["x"], None, int(now.timestamp()), False, True)
    keys.keep(owner, facts, "system")
    with clock.turned_to(now - timedelta(seconds=1)):
        assert keys.trouble("A" * 40) == ""
    with clock.turned_to(now):
        assert keys.trouble("A" * 40) == "expired"
    keys.keep(owner, replace(facts, fingerprint="B" * 40, revoked=True), "system")
    keys.keep(owner, replace(facts, fingerprint="C" * 40, expires=None, can_encrypt=False), "system")
    assert keys.trouble("B" * 40) == "revoked"
    assert keys.trouble("C" * 40) == "no_encryption"
    assert keys.trouble("D" * 40) == "missing"
    assert keys.trouble("") == "missing"
    session.flush()
    assert [row.fingerprint[0] for row in keys.of(owner)] == ["C", "A", "B"]


def test_keys_that_have_expired_or_were_revoked_say_so(context: Flask, home: Path) -> None:
    owner = party()
    session.commit()
    old = Outside(home / "outside-old", created="20200101T000000", expires="1y")
    gone = Outside(home / "outside-gone")
    assert keys.trouble(old.give_key(owner)) == "expired"
    assert keys.trouble(gone.give_key(owner)) == ""
    gone.revoke()
    assert keys.trouble(gone.give_key(owner)) == "revoked"
