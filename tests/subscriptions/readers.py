"""Subscribers for tests."""

from __future__ import annotations

import re

from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.mail.outbox import Letter
from cert_portal.subscriptions import service
from cert_portal.subscriptions.models import Rhythm, Subscriber
from cert_portal.subscriptions.service import Wishes

WISHES = Wishes(Language.EN, 2, Rhythm.BOTH)


def token(address: str) -> str:
    """The link of the last letter to an address."""
    letter = session.query(Letter).filter_by(recipient=address).order_by(Letter.id.desc()).first()
    assert letter is not None
    found = re.search(r"/subscribe/(?:confirm|preferences)/(\S+)", letter.text)
    assert found
    return found[1]


def subscribed(address: str, wishes: Wishes = WISHES) -> Subscriber:
    """Somebody who asked and confirmed."""
    service.request(address, wishes)
    found = service.confirm(token(address))
    assert found is not None
    return found
