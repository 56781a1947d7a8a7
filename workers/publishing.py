"""Jobs of the publishing stage: the only ones that sign with the publication key."""

from __future__ import annotations

from cert_portal.core.crypto import CryptoError
from cert_portal.core.db import session
from cert_portal.publishing import publish, tree
from cert_portal.publishing.publish import AdvisoryAltered
from cert_portal.subscriptions import digest, mailing
from workers.job import job


@job
def publish_advisory(version_id: int) -> None:
    """Claim, commit, sign, put into the record, mark, commit; while another process publishes, the sweep comes back."""
    try:
        with tree.alone():
            _publish(version_id)
            session.commit()
    except tree.Busy:
        return


def _publish(version_id: int) -> None:
    try:
        taken = publish.claim(version_id)
    except AdvisoryAltered:
        publish.fail(version_id, "the words are not those that were approved")
        return
    session.commit()
    if taken is None:
        return
    try:
        signed = publish.sign(taken)
    except CryptoError as error:
        publish.fail(version_id, str(error))
        return
    publish.put(signed)
    done = publish.finish(version_id, signed)
    if done is not None:
        mailing.announce(done)


@job
def issue_digest() -> None:
    """Compose, sign and begin to send each issue that is due; nothing is published meanwhile, so none falls between."""
    try:
        with tree.alone():
            waiting = digest.open_due()
            session.commit()
            for each in waiting:
                number = each.id
                signed = digest.sign(each)
                digest.mail(number, signed)
                session.commit()
    except tree.Busy:
        return
