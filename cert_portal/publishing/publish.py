"""Publishing a version: claim it, sign it, put it into the record, mark it. Killed anywhere, it is done again whole.

Between the steps nothing is open: `sign` runs gpg, `put` writes files. The moment of issue is fixed by the claim, so a
second run makes the same documents.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import or_, select

from cert_portal.config import current
from cert_portal.core import clock, crypto
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.mail import bulk, compose
from cert_portal.publishing import csaf, events, feeds, shown, text, tree
from cert_portal.publishing.content import Content, digest
from cert_portal.publishing.csaf import Revision
from cert_portal.publishing.models import Advisory, AdvisoryState, AdvisoryVersion
from cert_portal.publishing.shown import Shown

READY = (AdvisoryState.APPROVED, AdvisoryState.EMBARGOED)


@dataclass(frozen=True)
class Claim:
    """A version to be signed, with its history and all that is published beside it."""

    version_id: int
    new: Shown
    history: tuple[Revision, ...]
    others: tuple[Shown, ...]


@dataclass(frozen=True)
class Signed:
    """What was made of a claim: files of the record, and by language subject and signed body of the mail."""

    files: dict[str, bytes] = field(repr=False)
    mails: dict[str, tuple[str, bytes]] = field(repr=False)


def claim(version_id: int) -> Claim | None:
    """Take an approved version for this process; None when it is done, not due, or taken. Commit before `sign`.

    Raises AdvisoryAltered when the words are not those that were approved: they are never signed.
    """
    now = clock.now()
    version = session.get(AdvisoryVersion, version_id, with_for_update=True)
    if version is None or version.state not in READY or (version.lease_until and version.lease_until > now):
        return None
    if version.state == AdvisoryState.EMBARGOED and (version.embargo_until or now) > now:
        return None
    content = Content.of_json(version.content)
    if digest(content) != version.approved_digest:
        raise AdvisoryAltered(version.advisory.public_id)
    version.lease_until = now + timedelta(seconds=current().lease_seconds)
    version.issued_at = version.issued_at or now.replace(microsecond=0)
    public_id = version.advisory.public_id
    first = version.advisory.first_published_at or version.issued_at
    new = Shown(public_id, version.version, version.change, content, first, version.issued_at)
    others = tuple(each for each in shown.everything() if each.public_id != public_id)
    return Claim(version.id, new, (*shown.revisions(public_id), shown.revision(version)), others)


class AdvisoryAltered(Exception):
    """The stored words differ from those that the second reader approved."""


def sign(taken: Claim) -> Signed:
    """Make and sign everything with the publication key. Runs gpg: no transaction may be open. Raises CryptoError."""
    key, new, files, mails = crypto.publication_signer(), taken.new, {}, {}
    for language in Language:
        whole = csaf.as_bytes(csaf.document(new.public_id, new.change, new.content, taken.history, language))
        place = feeds.csaf_path(new, language)
        name = place.rpartition("/")[2]
        files[place] = whole
        files[f"{place}.sha256"] = f"{hashlib.sha256(whole).hexdigest()}  {name}\n".encode()
        files[f"{place}.sha512"] = f"{hashlib.sha512(whole).hexdigest()}  {name}\n".encode()
        files[f"{place}.asc"] = key.sign(whole).encode()
        facts = (new.public_id, new.version, new.change, new.content, language, new.issued, new.first)
        subject, words = text.render(*facts)
        files[feeds.text_path(new.public_id, language)] = key.clearsign(words).encode()
        part = compose.text_part(words)
        mails[language.value] = (subject, compose.signed(part, key.sign(part)))
    latest = sorted([new, *taken.others], key=lambda each: each.issued, reverse=True)
    return Signed({**files, **feeds.all_feeds(latest)}, mails)


def put(signed: Signed) -> None:
    """Make it public, all at once."""
    tree.replace(signed.files)


def finish(version_id: int, signed: Signed) -> AdvisoryVersion | None:
    """Mark the version published and the one before superseded; None when another run has done so."""
    version = session.get(AdvisoryVersion, version_id, with_for_update=True)
    if version is None or version.state not in READY:
        return None
    advisory = session.get_one(Advisory, version.advisory_id)
    for before in session.scalars(select(AdvisoryVersion).where(AdvisoryVersion.advisory_id == advisory.id)):
        if before.state == AdvisoryState.PUBLISHED:
            before.state = AdvisoryState.SUPERSEDED
    version.state = AdvisoryState.WITHDRAWN if version.withdrawal else AdvisoryState.PUBLISHED
    version.lease_until, version.trouble, version.published_at = None, "", clock.now()
    version.bodies = {language: [subject, bulk.store(body)] for language, (subject, body) in signed.mails.items()}
    advisory.first_published_at = advisory.first_published_at or version.issued_at
    content = Content.of_json(version.content)
    record(
        events.PUBLISHED,
        advisory.public_id,
        "system",
        at=version.issued_at,
        version=version.version,
        change=version.change,
        level=content.level,
        exploited=content.exploited,
    )
    if version.withdrawal:
        advisory.withdrawn_at = version.issued_at
        record(events.WITHDRAWN, advisory.public_id, "system", version=version.version)
    return version


def fail(version_id: int, reason: str) -> None:
    """It could not be signed: nothing is public, the page of the advisory says why, and it is tried again later."""
    version = session.get_one(AdvisoryVersion, version_id)
    if version.trouble != reason:
        version.trouble = reason
        number = version.version
        record(events.FAILED, version.advisory.public_id, "system", text=reason, version=number, reason=reason[:80])


def unfinished(limit: int = 100) -> list[int]:
    """Approved versions that nobody is publishing, and embargoed ones whose time has come."""
    now = clock.now()
    free = or_(AdvisoryVersion.lease_until.is_(None), AdvisoryVersion.lease_until <= now)
    due = or_(AdvisoryVersion.state == AdvisoryState.APPROVED, AdvisoryVersion.embargo_until <= now)
    rows = select(AdvisoryVersion.id).where(AdvisoryVersion.state.in_(READY), free, due)
    return list(session.scalars(rows.order_by(AdvisoryVersion.id).limit(limit)))
