"""Real gpg: signing, opening, refusing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from flask import Flask

from cert_portal.core import crypto


def test_a_signature_holds_for_these_bytes_and_this_key(context: Flask, home: Path) -> None:
    signature = crypto.desk().sign(b"exact bytes\r\n")
    assert crypto.desk().is_signed(b"exact bytes\r\n", signature)
    assert not crypto.desk().is_signed(b"exact bytes\n", signature)
    other = crypto.Keyring(home / "gnupg" / "desk", "0" * 40)
    assert not other.is_signed(b"exact bytes\r\n", signature)
    with pytest.raises(crypto.CryptoError):
        other.sign(b"x")
    with pytest.raises(crypto.CryptoError):
        other.expires()


def test_a_signature_verifies_outside_the_portal(context: Flask, home: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"words")
    (tmp_path / "sig").write_text(crypto.desk().sign(b"words"))
    verify = ["gpg", "--homedir", str(home / "gnupg/desk"), "--verify", str(tmp_path / "sig"), str(tmp_path / "data")]
    assert subprocess.run(verify, capture_output=True, check=False).returncode == 0
    (tmp_path / "data").write_bytes(b"w0rds")
    assert subprocess.run(verify, capture_output=True, check=False).returncode != 0


def test_a_key_is_made_though_the_agent_was_slow_to_come_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = crypto.Keyring(home / "gnupg" / "slow")
    really, calls = ring._gpg.gen_key, []

    def slow(wanted: str) -> object:
        calls.append(wanted)
        return really(wanted if len(calls) == 2 else "%echo nothing\n")

    monkeypatch.setattr(ring._gpg, "gen_key", slow)
    assert ring.facts(ring.create("Slow", "slow@portal.example")) is not None
    assert len(calls) == 2


def test_sealed_for_us_and_opened(context: Flask, desk_key: str) -> None:
    desk = crypto.desk()
    opened = desk.decrypt(desk.encrypt("機密".encode(), [desk_key]).encode())
    assert opened.data.decode() == "機密"
    assert opened.signer == desk_key
    with pytest.raises(crypto.CryptoError):
        desk.decrypt(b"-----BEGIN PGP MESSAGE-----\n\nnonsense\n-----END PGP MESSAGE-----\n")
    with pytest.raises(crypto.CryptoError):
        desk.encrypt(b"x", ["0" * 40])


def test_gpg_may_stop_reading_before_the_end(context: Flask, home: Path) -> None:
    much = b"words\n" * 1_000_000
    assert not crypto.desk().is_signed(much, "no signature")
    assert crypto.desk().verify(much, b"no signature").state == "bad"
    assert crypto.desk().verify(b"few", b"no signature").state == "bad"
    with pytest.raises(crypto.CryptoError):
        crypto.desk().encrypt(much, ["0" * 40])
    with pytest.raises(crypto.CryptoError):
        crypto.desk().decrypt(b"-----BEGIN PGP MESSAGE-----\nwrong\n\n" + much)
    longer = crypto.desk().clearsign("x").replace("Hash: SHA512", f"Hash: SHA5\n\n{much.decode()}")
    assert crypto.desk().check_clear(longer) is None


def test_keys_are_made_exported_and_taken(home: Path, desk_key: str, context: Flask) -> None:
    assert "BEGIN PGP PUBLIC KEY BLOCK" in crypto.desk().export()
    guarded = crypto.Keyring(home / "gnupg" / "g2", passphrase="a phrase")
    fingerprint = guarded.create("Guarded", "guarded@portal.example", years=0)
    assert guarded.expires() is None
    assert guarded.is_signed(b"x", guarded.sign(b"x"))
    assert crypto.desk().take(guarded.export()) == [fingerprint]
    assert (crypto.desk().expires() or 0) > 1_800_000_000
    with pytest.raises(crypto.CryptoError):
        crypto.Keyring(home / "gnupg" / "g3").create("Wrong", "x@portal.example", years=-5)
    assert crypto.desk().decrypt(unsigned_for(home, desk_key)).signer == ""


def unsigned_for(home: Path, fingerprint: str) -> bytes:
    command = ["gpg", "--homedir", str(home / "gnupg/desk"), "--trust-model", "always", "-a", "-e", "-r", fingerprint]
    return subprocess.run(command, input=b"hello", capture_output=True, check=True).stdout


def test_the_pass_phrase_comes_from_a_file(home: Path, tmp_path: Path) -> None:
    (tmp_path / "phrase").write_text("a phrase\n")
    ring = crypto._ring(home / "gnupg" / "g4", "", str(tmp_path / "phrase"))
    assert ring._passphrase == "a phrase"


def test_only_a_random_pass_phrase_is_not_stretched(tmp_path: Path) -> None:
    crypto.forget_at_once(tmp_path / "chosen")
    crypto.forget_at_once(tmp_path / "random", random=True)
    chosen, random = ((tmp_path / name / "gpg-agent.conf").read_text() for name in ("chosen", "random"))
    assert "max-cache-ttl 0" in chosen
    assert "s2k-count" not in chosen
    assert random == chosen + "s2k-count 65536\n"
