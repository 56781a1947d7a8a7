"""Signs that a form was filled by a program: nobody is turned away for them, the report is only set aside for a person.

No third party and no puzzle: a field that people do not see, and a proof of work that the browser does by itself while
the page is read (ALTCHA, SHA-256). Whoever has no scripts is asked for nothing until a
handful of reports came from the same network address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import TypedDict, cast

from altcha import ChallengeOptionsV1, create_challenge_v1, verify_solution_v1
from altcha.v1 import PayloadType
from flask import request

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.text import whole
from cert_portal.web.limits import is_first, more_than

FIELD, WORK = "website", "work"
MOST_TRIES = 60_000
"""How many hashes the browser tries at most: under two seconds on an old telephone."""
VALID = timedelta(hours=24)


class Work(TypedDict):
    """What the browser gets to work on."""

    algorithm: str
    challenge: str
    maxnumber: int
    salt: str
    signature: str


def work_for(mark: str) -> Work:
    """Work that counts for one form only: `mark` is what tells it from others."""
    params = {"for": _mark(mark)}
    asked = ChallengeOptionsV1(hmac_key=_key(), max_number=MOST_TRIES, expires=clock.now() + VALID, params=params)
    made = create_challenge_v1(asked)
    return Work(
        algorithm=made.algorithm,
        challenge=made.challenge,
        maxnumber=made.max_number,
        salt=made.salt,
        signature=made.signature,
    )


def signs(mark: str) -> list[str]:
    """What speaks against a person at this form: honeypot, unproven. Work counts once: with it, it is spent."""
    found = ["honeypot"] if request.form.get(FIELD) else []
    if not _is_done(request.form.get(WORK, ""), mark) and more_than(current().unproven_per_hour, "unproven"):
        found.append("unproven")
    return found


def _is_done(told: str, mark: str) -> bool:
    payload = _payload(told)
    if payload is None or f"for={_mark(mark)}" not in payload["salt"] or _is_over(payload["salt"]):
        return False
    return verify_solution_v1(payload, _key(), check_expires=False)[0] and is_first("work", _mark(payload["salt"]))


def _payload(told: str) -> PayloadType | None:
    try:
        read = json.loads(base64.b64decode(told[:2000]).decode())
    except ValueError:
        return None
    words = ("algorithm", "challenge", "salt", "signature")
    if not isinstance(read, dict) or not all(isinstance(read.get(name), str) for name in words):
        return None
    return cast(PayloadType, read) if isinstance(read.get("number"), int) else None


def _is_over(salt: str) -> bool:
    told = salt.partition("expires=")[2].partition("&")[0]
    return whole(told, 11) < clock.now().timestamp()


def _mark(mark: str) -> str:
    return hashlib.sha256(mark.encode()).hexdigest()[:16]


def _key() -> bytes:
    return hmac.new(current().secret_key.encode(), b"proof of work", hashlib.sha256).digest()
