"""Signing in: pass-phrase and one-time code in one step.

An unknown address, a wrong pass-phrase and a wrong code get the same answer for the same work. Failures are counted per
account and place, per place, and per account over all unknown devices; a device that signed in before has a counter of
its own (OWASP, "device cookies"), so nobody elsewhere can lock the owner out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache

from sqlalchemy import ColumnElement, delete, func, select

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import declare, record
from cert_portal.directory import accounts
from cert_portal.directory.models import SignInAttempt, User

SIGNED_IN = declare("user.signed_in", "A person signed in", "known_device")
FAILED = declare("user.sign_in_failed", "A try to sign in failed", "why")

WINDOW = timedelta(minutes=15)
KEPT = timedelta(days=1)
PER_ACCOUNT_AND_PLACE, PER_PLACE, PER_ACCOUNT = 5, 30, 100


class Refusal(StrEnum):
    """Why nobody was signed in; the first one covers every wrong answer. A code that was used is told to whom knows the
    pass-phrase and had that code, and is no failure: people who sign in twice in half a minute do it.
    """

    WRONG = "wrong"
    USED = "used"
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class SignedIn:
    """Who signed in, and the token that makes this device a known one."""

    user: User
    device_token: str


def sign_in(email: str, passphrase: str, code: str, source: str, device_token: str = "") -> SignedIn | Refusal:
    """Check who it is. A person without an authenticator yet gets in without a code and is asked to set one up.

    Commit whatever the answer is: failures are counted in rows.
    """
    account = _account(email)
    device = _device(account, device_token)
    place = f"device:{device}" if device else source[:80]
    if _is_too_many(account, place, bool(device)):
        return Refusal.TOO_MANY
    user = accounts.by_email(email)
    why = _what_is_wrong(user, passphrase, code)
    _count(account, place, bool(device), why in ("", Refusal.USED))
    if user is None or why:
        record(FAILED, user.actor if user else "user:unknown", "system", why=why)
        return Refusal.USED if why == Refusal.USED else Refusal.WRONG
    accounts.renew_hash(user, passphrase)
    user.last_sign_in_at = clock.now()
    record(SIGNED_IN, user.actor, user.actor, known_device=bool(device))
    return SignedIn(user, device_token if device else _new_device(account))


def _what_is_wrong(user: User | None, passphrase: str, code: str) -> str:
    right = accounts.is_passphrase(user.password_hash if user else _nobodys_hash(), passphrase)
    if user is None:
        return "unknown"
    if not right:
        return "passphrase"
    if not user.active:
        return "inactive"
    return _what_is_wrong_with(code, user)


def _what_is_wrong_with(code: str, user: User) -> str:
    secret = accounts.secret_of(user)
    if secret is None:
        return ""
    step = accounts.matching_step(secret, code)
    if step is None:
        return "code"
    if step <= user.totp_last_step:
        return Refusal.USED
    user.totp_last_step = step
    return ""


@cache
def _nobodys_hash() -> str:
    return accounts.hasher().hash(secrets.token_hex(16))


def _is_too_many(account: str, place: str, known_device: bool) -> bool:
    here, mine = SignInAttempt.source == place, SignInAttempt.account == account
    if _failures(here, mine) >= PER_ACCOUNT_AND_PLACE:
        return True
    if known_device:
        return False
    return _failures(here) >= PER_PLACE or _failures(mine, ~SignInAttempt.known_device) >= PER_ACCOUNT


def _failures(*which: ColumnElement[bool]) -> int:
    since = clock.now() - WINDOW
    rows = select(func.count(SignInAttempt.id)).where(~SignInAttempt.ok, SignInAttempt.at > since, *which)
    return session.scalar(rows) or 0


def _count(account: str, place: str, known_device: bool, ok: bool) -> None:
    now = clock.now()
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - KEPT))
    session.add(SignInAttempt(account=account, source=place, known_device=known_device, at=now, ok=ok))


def _account(email: str) -> str:
    return _keyed(f"account {email.strip().lower()}")


def _device(account: str, token: str) -> str:
    """The name of the device when the token is ours and was given to this account; else nothing."""
    name, _, mark = token.partition(".")
    return name if name and hmac.compare_digest(mark.encode(), _keyed(f"device {account} {name}").encode()) else ""


def _new_device(account: str) -> str:
    name = secrets.token_hex(16)
    return f"{name}.{_keyed(f'device {account} {name}')}"


def _keyed(told: str) -> str:
    return hmac.new(current().secret_key.encode(), told.encode(), hashlib.sha256).hexdigest()
