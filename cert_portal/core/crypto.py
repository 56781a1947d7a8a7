"""The door to GnuPG. Knows fingerprints, never people; decides nothing about who may read what.

Two homes: the desk key signs letters that may carry a stranger's words, the publication key only what was approved.
Never call it inside an open write transaction: each call starts a process.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import gnupg

from cert_portal.config import current

LARGEST = "60000000"
"""Bytes that gpg may write: a message that unpacks to more is no message."""

OPTIONS = [
    *("--no-tty", "--digest-algo", "SHA512", "--no-auto-key-locate"),
    *("--trust-model", "always", "--max-output", LARGEST),
]


TRIES = 3


class CryptoError(Exception):
    """Signing, encryption or decryption failed; nothing may leave instead."""


@dataclass(frozen=True)
class KeyFacts:
    """What a key says about itself; times in seconds since 1970, None for never or not told."""

    fingerprint: str
    user_ids: list[str]
    created: int | None
    expires: int | None
    revoked: bool
    can_encrypt: bool


@dataclass(frozen=True)
class Signature:
    """`state`: none, good, bad, no_key (nobody can tell yet), expired, revoked; `signer` names the key as gpg does."""

    state: str
    signer: str


@dataclass(frozen=True)
class Opened:
    """What came out of an encrypted message, whose valid signature it carried ("" for none), and how it holds."""

    data: bytes
    signer: str
    signature: Signature = Signature("none", "")


@dataclass(frozen=True)
class Checked:
    """A text that carries a good signature of the acting key: the exact words that it covers, and when it was made."""

    text: str
    made_at: datetime


_STATES = (
    ("no public key", "no_key"),
    ("expired", "expired"),
    ("revoked", "revoked"),
    ("signature bad", "bad"),
    ("signature error", "bad"),
)

_CLEAR = re.compile(
    r"-----BEGIN PGP SIGNED MESSAGE-----\r?\n.*?-----BEGIN PGP SIGNATURE-----.*?-----END PGP SIGNATURE-----", re.DOTALL
)


class Keyring:
    """One GnuPG home and the key that it acts with."""

    def __init__(self, home: Path, fingerprint: str = "", passphrase: str | None = None) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.fingerprint = fingerprint
        self._passphrase = passphrase
        self._gpg = gnupg.GPG(gnupghome=str(home), options=OPTIONS)
        self._gpg.encoding = "utf-8"

    def create(self, name: str, email: str, years: int = 3) -> str:
        """Make an Ed25519 signing key with a Cv25519 encryption subkey; answers its fingerprint.

        gpg waits five seconds for its agent to come up, which a busy machine may exceed: then it is asked again.
        """
        protection = {"passphrase": self._passphrase} if self._passphrase else {"no_protection": True}
        wanted = self._gpg.gen_key_input(
            key_type="EDDSA",
            key_curve="ed25519",
            key_usage="sign",
            subkey_type="ECDH",
            subkey_curve="cv25519",
            subkey_usage="encrypt",
            name_real=name,
            name_email=email,
            expire_date=f"{years}y",
            **protection,
        )
        for _ in range(TRIES):
            made = self._gpg.gen_key(wanted)
            if made.fingerprint:
                self.fingerprint = str(made.fingerprint)
                return self.fingerprint
        raise CryptoError(f"no key was made: {made.stderr.strip()[-1000:]}")

    def take(self, armoured: str) -> list[str]:
        """Import keys; answers the fingerprints that the block holds."""
        return [str(each) for each in self._gpg.import_keys(armoured).fingerprints]

    def facts(self, fingerprint: str) -> KeyFacts | None:
        """What one key of the ring says about itself; None when the ring does not hold it."""
        rows = self._gpg.list_keys(keys=[fingerprint])
        return next((_facts(row) for row in rows if row["fingerprint"] == fingerprint), None)

    def look(self, armoured: str) -> list[KeyFacts]:
        """What the keys of a block say about themselves; none of them is imported."""
        return [_facts(row) for row in self._gpg.scan_keys_mem(armoured)]

    def export(self) -> str:
        """The public half of the acting key, armoured."""
        return str(self._gpg.export_keys(self.fingerprint))

    def export_binary(self) -> bytes:
        """The public half of the acting key as the Web Key Directory wants it: binary, without foreign signatures."""
        return bytes(self._gpg.export_keys(self.fingerprint, armor=False, minimal=True))

    def sign(self, data: bytes) -> str:
        """A detached, armoured signature over the exact bytes. Raises CryptoError."""
        signed = self._gpg.sign(
            data, detach=True, clearsign=False, binary=False, passphrase=self._passphrase, extra_args=self._this_key()
        )
        if signed.fingerprint != self.fingerprint:
            raise CryptoError(f"signing with {self.fingerprint} failed: {signed.status}")
        return str(signed)

    def is_signed(self, data: bytes, signature: str) -> bool:
        """Whether the signature over these bytes is good and made by the acting key."""
        with tempfile.NamedTemporaryFile(suffix=".asc") as file:
            file.write(signature.encode())
            file.flush()
            try:
                checked = self._gpg.verify_data(file.name, data)
            except BrokenPipeError:  # gpg saw that the signature is none and did not read on
                return False
        return bool(checked.valid) and checked.pubkey_fingerprint == self.fingerprint

    def verify(self, data: bytes, signature: bytes) -> Signature:
        """What the ring knows of a stranger's signature over these bytes."""
        with tempfile.NamedTemporaryFile(suffix=".asc") as file:
            file.write(signature)
            file.flush()
            try:
                found = _signature(self._gpg.verify_data(file.name, data))
            except BrokenPipeError:  # no signature at all
                return Signature("bad", "")
        return Signature("bad", "") if found.state == "none" else found

    def verify_clear(self, text: str) -> Signature | None:
        """The same for a text with a signature below it, whoever made it; None when there is none in it."""
        block = _CLEAR.search(text)
        if block is None:
            return None
        found = self._open(block[0].encode("utf-8", "replace") + b"\n")
        return Signature("bad", "") if found is None else _signature(found)

    def clearsign(self, text: str) -> str:
        """The text with a signature below that anybody can read and check (RFC 9580, section 7). Raises CryptoError."""
        signed = self._gpg.sign(text.encode(), clearsign=True, passphrase=self._passphrase, extra_args=self._this_key())
        if signed.fingerprint != self.fingerprint:
            raise CryptoError(f"signing with {self.fingerprint} failed: {signed.status}")
        return str(signed)

    def check_clear(self, text: str) -> Checked | None:
        """What the acting key signed in this text; None when nothing is, or one byte was changed."""
        block = _CLEAR.search(text)
        if block is None:
            return None
        opened = self._open(block[0].encode() + b"\n")
        if opened is None or not opened.valid or opened.pubkey_fingerprint != self.fingerprint:
            return None
        made_at = datetime.fromtimestamp(int(opened.sig_timestamp), UTC)
        return Checked(bytes(opened.data).decode("utf-8", "replace"), made_at)

    def encrypt(self, data: bytes, fingerprints: list[str]) -> str:
        """Sign and encrypt in one OpenPGP message, armoured. Raises CryptoError: then nothing may be sent."""
        try:
            sealed = self._gpg.encrypt(
                data,
                fingerprints,
                sign=True,
                passphrase=self._passphrase,
                always_trust=True,
                extra_args=self._this_key(),
            )
        except BrokenPipeError as error:  # gpg refused a key before it had read everything
            raise CryptoError(f"encryption to {', '.join(fingerprints)} failed") from error
        if not sealed.ok:
            raise CryptoError(f"encryption to {', '.join(fingerprints)} failed: {sealed.status}")
        return str(sealed)

    def decrypt(self, data: bytes) -> Opened:
        """Open a message that was encrypted to us. Raises CryptoError when it was not, or is damaged."""
        opened = self._open(data)
        if opened is None or not opened.ok:
            raise CryptoError("the message could not be opened")
        signer = str(opened.pubkey_fingerprint or "") if opened.valid else ""
        return Opened(bytes(opened.data), signer, _signature(opened))

    def _open(self, data: bytes) -> Any:
        try:
            return self._gpg.decrypt(data, passphrase=self._passphrase)
        except BrokenPipeError:  # gpg saw that it is no message and did not read on
            return None

    def _this_key(self) -> list[str]:
        return ["--local-user", self.fingerprint]  # with --default-key gpg would quietly take another one

    def expires(self) -> int | None:
        """When the acting key expires, in seconds since 1970; None when it never does. Raises CryptoError if absent."""
        rows = self._gpg.list_keys(keys=[self.fingerprint])
        if not rows:
            raise CryptoError(f"key {self.fingerprint or '(none set)'} is not in the key ring")
        return int(rows[0]["expires"]) if rows[0]["expires"] else None


def _facts(row: Any) -> KeyFacts:
    created, expires = (int(row[name]) if row[name] else None for name in ("date", "expires"))
    usable = "E" in row["cap"] or row["trust"] == "e"  # an expired key no longer says what it could do
    return KeyFacts(row["fingerprint"], list(row["uids"]), created, expires, row["trust"] == "r", usable)


def _signature(found: Any) -> Signature:
    signer = str(found.pubkey_fingerprint or found.fingerprint or found.key_id or "")
    if found.valid:
        return Signature("good", signer)
    problems = [*(each["status"] for each in found.problems), found.key_status or ""]
    for told, state in _STATES:
        if any(told in problem for problem in problems):
            return Signature(state, signer)
    return Signature("none", "")


def end_agents(instance: Path) -> None:
    """End the agents that gpg left running for the key rings of this instance."""
    for home in (instance / "gnupg").glob("*"):
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)  # noqa: S603,S607  # fixed words, our own folder


def desk() -> Keyring:
    """The key that signs and opens letters."""
    here = current()
    return _ring(here.instance_dir / "gnupg" / "desk", here.desk_key, here.desk_key_passphrase_file)


def publication() -> Keyring:
    """The key that signs what a second person approved: to check, to export, to ask when it ends; not to sign."""
    here = current()
    return _ring(here.instance_dir / "gnupg" / "publication", here.publication_key, "")


def publication_signer() -> Keyring:
    """The same key with its pass-phrase, which only the process that publishes needs to be able to read."""
    here = current()
    home = here.instance_dir / "gnupg" / "publication"
    return _ring(home, here.publication_key, here.publication_key_passphrase_file)


def forget_at_once(home: Path, *, random: bool = False) -> None:
    """Tell the agent of a home to keep no pass-phrase: else any process could sign after the first signature.

    A `random` pass-phrase (256 bits) gains nothing from being stretched, and stretching costs each signature 0.2 s.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = ["default-cache-ttl 0", "max-cache-ttl 0", *(["s2k-count 65536"] if random else [])]
    (home / "gpg-agent.conf").write_text("\n".join(lines) + "\n", "ascii")


@cache
def _ring(home: Path, fingerprint: str, passphrase_file: str) -> Keyring:
    try:
        passphrase = Path(passphrase_file).read_text("utf-8").strip() if passphrase_file else None
    except OSError as error:
        raise CryptoError(f"the pass-phrase of {fingerprint} cannot be read: {error}") from error
    return Keyring(home, fingerprint, passphrase)
