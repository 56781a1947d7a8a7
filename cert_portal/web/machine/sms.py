"""The text message gateway delivers here: a signed POST for each message or part of one."""

from __future__ import annotations

import json
from typing import Any

from flask import request

from cert_portal.core import sms as door
from cert_portal.core.db import session
from cert_portal.intake import sms
from cert_portal.intake.sms import Incoming, TextRefused
from cert_portal.web.limits import limiter
from cert_portal.web.machine.blueprint import machine

MOST = 64_000


@machine.post("/api/v1/sms")
@limiter.exempt
def take_text() -> tuple[dict[str, Any], int]:
    """200 once the message is stored; the gateway repeats what got any other answer.

    403: not signed with our secret, or longer than five minutes ago. 400: not understood. 429: too many of one number.
    """
    body = request.stream.read(MOST + 1)
    heads = request.headers
    if not door.is_signed(heads.get("X-Timestamp", ""), heads.get("X-Signature", ""), body):
        return {"error": "signature"}, 403
    told = _told(body)
    if told is None:
        return {"error": "malformed"}, 400
    try:
        row = sms.take(told)
    except TextRefused as error:
        session.rollback()
        return {"error": error.code}, 429 if error.code == "too_many" else 400
    answer = {"outcome": row.outcome or "waiting", "number": row.told}
    session.commit()
    return answer, 200


def _told(body: bytes) -> Incoming | None:
    try:
        told = json.loads(body)
        return Incoming(
            id=_word(told["id"]),
            number=_word(told["from"]),
            text=_word(told["text"]),
            reference=_word(told.get("reference", "")),
            part=int(told.get("part", 1)),
            parts=int(told.get("parts", 1)),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None


def _word(told: object) -> str:
    if not isinstance(told, str):
        raise TypeError("a word is wanted")
    return told
