"""The link of a party: no account; unguessable, expiring, revocable; derived by HMAC, so nothing secret is stored."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from enum import StrEnum

from cert_portal.cases import family
from cert_portal.cases.models import Case
from cert_portal.config import current
from cert_portal.coordination.models import Referral
from cert_portal.coordination.workflow import SPEAKING
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.text import whole

LASTS = timedelta(days=60)


class Standing(StrEnum):
    """What a link is worth."""

    GOOD = "good"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


def token_of(referral: Referral) -> str:
    """The token that goes into the letter."""
    return f"{referral.id}.{referral.link_epoch}.{_mark(referral.id, referral.link_epoch)}"


def address_of(referral: Referral) -> str:
    """The address that the party opens."""
    return f"{current().base_url}/p/{token_of(referral)}"


def renew(referral: Referral) -> None:
    """Let the link last from now on."""
    referral.link_expires_at = clock.now() + LASTS


def revoke(referral: Referral) -> None:
    """Make every link given so far worthless; the next letter carries a new one."""
    referral.link_epoch, referral.link_expires_at, referral.updated_at = referral.link_epoch + 1, None, clock.now()


def standing(referral: Referral) -> Standing:
    """What its newest link is worth: good, expired, or revoked."""
    if referral.link_expires_at is None:
        return Standing.REVOKED
    return Standing.GOOD if referral.link_expires_at > clock.now() else Standing.EXPIRED


def find(token: str) -> tuple[Referral | None, Standing]:
    """The referral of a token, and what the token is worth. A forged one is unknown whatever it names."""
    parts = token.split(".")
    if len(parts) != 3:
        return None, Standing.UNKNOWN
    referral_id, epoch = whole(parts[0]), whole(parts[1])
    if not hmac.compare_digest(_mark(referral_id, epoch).encode(), parts[2].encode()):
        return None, Standing.UNKNOWN
    referral = session.get(Referral, referral_id)
    if referral is None or referral.state not in SPEAKING:
        return None, Standing.UNKNOWN
    if epoch != referral.link_epoch:
        return None, Standing.REVOKED
    return (referral, Standing.GOOD) if standing(referral) is Standing.GOOD else (None, Standing.EXPIRED)


def _mark(referral_id: int, epoch: int) -> str:
    key = current().secret_key.encode()
    return hmac.new(key, f"referral {referral_id} {epoch}".encode(), hashlib.sha256).hexdigest()[:40]


def case_at_work(referral: Referral) -> Case:
    """The case in which the work on a referral goes on: that which took in its own, if one did."""
    return family.standing(session.get_one(Case, referral.case_id))
