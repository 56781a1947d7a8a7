"""Jobs of text messages. Nothing here holds a transaction open over the network."""

from __future__ import annotations

from cert_portal.core import sms
from cert_portal.core.db import session
from workers.job import job


@job
def send_text(text_id: int) -> None:
    """Claim, commit, send, mark; after a kill the next run goes on from the row."""
    message = sms.claim(text_id)
    session.commit()
    if message is None:
        return
    try:
        sms.send(message)
    except sms.SendLater as error:
        sms.put_off(message.id, str(error))
    except sms.SendRefused as error:
        sms.give_up(message.id, str(error))
    else:
        sms.sent(message.id)
