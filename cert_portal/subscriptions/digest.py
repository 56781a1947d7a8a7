"""The digest, twice a month (001-25): what was published since the last one, nothing twice, nothing left out.

Every word in it was approved in an advisory; so the publication key signs it without a further reader.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from cert_portal.config import current
from cert_portal.core import clock, crypto
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.mail import bulk, compose, letters
from cert_portal.core.schedule import digest_moment
from cert_portal.core.tlp import TLP
from cert_portal.publishing import shown
from cert_portal.publishing.shown import Shown
from cert_portal.publishing.text import CHANGES, LEVELS, day
from cert_portal.subscriptions import mailing
from cert_portal.subscriptions.models import Digest

A_MONTH = timedelta(days=34)


def open_due() -> list[Digest]:
    """Make a row for each issue whose time has come, missed ones too, and answer those that were not mailed yet."""
    now = clock.now()
    last = session.scalars(select(Digest).order_by(Digest.until.desc()).limit(1).with_for_update()).first()
    since = last.until if last else _before(now)
    while (until := digest_moment(since)) <= now:
        session.add(Digest(since=since, until=until))
        since = until
    session.flush()
    return list(session.scalars(select(Digest).where(Digest.mailed_at.is_(None)).order_by(Digest.until)))


def unfinished() -> list[int]:
    """One issue that has a row and was not mailed yet, if there is any."""
    return list(session.scalars(select(Digest.id).where(Digest.mailed_at.is_(None)).limit(1)))


def sign(digest: Digest) -> dict[str, tuple[str, bytes]]:
    """Subject and signed body by language. Runs gpg at the end: no write may be pending. Raises CryptoError."""
    found = shown.between(digest.since, digest.until)
    texts = {language: render(digest, found, language) for language in Language}
    session.rollback()
    key = crypto.publication_signer()
    parts = {language: (subject, compose.text_part(text)) for language, (subject, text) in texts.items()}
    return {
        language.value: (subject, compose.signed(part, key.sign(part))) for language, (subject, part) in parts.items()
    }


def mail(digest_id: int, signed: dict[str, tuple[str, bytes]]) -> bool:
    """Begin to send an issue; False when another run has done so."""
    digest = session.get(Digest, digest_id, with_for_update=True)
    if digest is None or digest.mailed_at is not None:
        return False
    digest.mailed_at = clock.now()
    mails = {language: (subject, bulk.store(body)) for language, (subject, body) in signed.items()}
    count = len(shown.between(digest.since, digest.until))
    mailing.begin_digest(f"digest:{_issue_day(digest)}", mails, count)
    return True


def render(digest: Digest, found: list[Shown], language: Language) -> tuple[str, str]:
    """Subject and text of an issue. An empty one says that there was nothing: silence could be a failure of ours."""
    items = [
        {
            "public_id": each.public_id,
            "title": each.content[language].title,
            "summary": each.content[language].summary,
            "level": LEVELS[language][each.content.level],
            "exploited": each.content.exploited,
            "change": CHANGES[language][each.change],
            "is_new": each.change == "new",
        }
        for each in sorted(found, key=lambda each: (not each.content.exploited, -each.content.level))
    ]
    by_level = [(LEVELS[language][level], sum(each.content.level == level for each in found)) for level in (4, 3, 2, 1)]
    facts = {
        "items": items,
        "by_level": by_level,
        "tlp": TLP.CLEAR,
        "since": day(digest.since, language),
        "until": day(digest.until, language),
        "issue": _issue(digest, language),
    }
    return letters.render("digest", language, facts)


def _issue(digest: Digest, language: Language) -> str:
    """Which issue of which month: `2026-05 (2)`."""
    local = digest.until.astimezone(current().zone)
    number = 1 if local.day < 16 else 2
    return f"{local:%Y-%m}（{number}）" if language is Language.ZH_HANT else f"{local:%Y-%m} ({number})"


def _issue_day(digest: Digest) -> str:
    return digest.until.astimezone(current().zone).date().isoformat()


def _before(now: datetime) -> datetime:
    """Where the first issue of all begins: the moment before the last one that is over."""
    found, following = digest_moment(now - A_MONTH), digest_moment(digest_moment(now - A_MONTH))
    while digest_moment(following) <= now:
        found, following = following, digest_moment(following)
    return found
