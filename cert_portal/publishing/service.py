"""The verbs of an advisory. None of them commits, none of them signs: signing is one job of one process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from cert_portal.cases import family
from cert_portal.cases.models import Case
from cert_portal.cases.visible import visible_to
from cert_portal.config import current
from cert_portal.core import clock, crypto, numbers
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.queue import PUBLISH_ADVISORY, after_commit
from cert_portal.core.text import clean
from cert_portal.directory.models import User
from cert_portal.publishing import events
from cert_portal.publishing.content import Content, digest, missing
from cert_portal.publishing.models import Advisory, AdvisoryCase, AdvisoryState, AdvisoryVersion
from cert_portal.publishing.workflow import AdvisoryRefused, Verb, hold, wrote

KIND = "A"
KEY_MUST_LAST = timedelta(days=30)
"""What is signed must stay checkable for a while: a key that ends sooner is renewed first."""
LONGEST_EMBARGO = timedelta(days=366)
AT_HAND = (AdvisoryState.DRAFT, AdvisoryState.IN_REVIEW, AdvisoryState.APPROVED, AdvisoryState.EMBARGOED)
SHOWN = (AdvisoryState.PUBLISHED, AdvisoryState.WITHDRAWN)


def draft(
    author: User, content: Content | None = None, *, source: str = "", cases: Sequence[str] = ()
) -> AdvisoryVersion:
    """Begin an advisory. `cases` are numbers of cases that led to it; those that the author may not see are left out.

    Its id is taken now and never given again, even if it is never published.
    """
    now = clock.now()
    year = now.astimezone(current().zone).year
    public_id = f"{current().reference_prefix}-A-{year}-{numbers.take_serial(KIND, year):04d}"
    advisory = Advisory(public_id=public_id, source=source[:2000], created_at=now)
    session.add(advisory)
    session.flush()
    named = [number for told in cases if (number := numbers.normalise(told))]
    led = list(session.scalars(select(Case).where(Case.number.in_(named), visible_to(author))))
    session.add_all(AdvisoryCase(advisory_id=advisory.id, case_id=case.id) for case in led)
    version = _version(advisory, 1, content or Content(), [author.actor])
    record(events.DRAFTED, public_id, author.actor, source=bool(source), cases=[case.number for case in led])
    return version


def change(version: AdvisoryVersion, content: Content, seen: str, editor: User) -> None:
    """Put other words in. `seen` is the digest of what the editor began from.

    Raises AdvisoryRefused: wrong_state, changed_meanwhile (somebody else saved in between; nothing is overwritten).
    """
    hold(version, Verb.CHANGE)
    before = digest(Content.of_json(version.content))
    if seen != before:
        raise AdvisoryRefused("changed_meanwhile")
    if digest(content) == before:
        return
    version.content, version.level, version.updated_at = content.as_json(), content.level, clock.now()
    if editor.actor not in version.editors:
        version.editors = [*version.editors, editor.actor]
    record(events.CHANGED, version.advisory.public_id, editor.actor, version=version.version)


def submit(version: AdvisoryVersion, editor: User) -> None:
    """Give the draft to a second reader. Raises AdvisoryRefused: wrong_state, incomplete (with what lacks)."""
    move = hold(version, Verb.SUBMIT)
    if lacking := missing(Content.of_json(version.content), version.version):
        raise AdvisoryRefused("incomplete", ", ".join(f"{language}:{part}" for language, part in lacking))
    version.state, version.updated_at, version.trouble = move.target, clock.now(), ""
    record(events.SUBMITTED, version.advisory.public_id, editor.actor, version=version.version)


def give_back(version: AdvisoryVersion, why: str, reader: User) -> None:
    """Back to the editors with a word why; an approval that is not signed yet is taken back the same way.

    Raises AdvisoryRefused("wrong_state").
    """
    move = hold(version, Verb.RETURN)
    version.state, version.updated_at = move.target, clock.now()
    version.approver_id, version.approved_digest, version.embargo_until = None, "", None
    words = clean(why).strip() or None
    record(events.RETURNED, version.advisory.public_id, reader.actor, text=words, version=version.version)


def approve(
    version: AdvisoryVersion, seen: str, key_ends: datetime | None, reader: User, *, embargo: datetime | None = None
) -> None:
    """Approve exactly what was seen; it is signed and published after the commit, or when the embargo ends.

    `seen` is the digest of the content on the reader's page, `key_ends` what `key_end` answered before.
    Raises AdvisoryRefused: wrong_state (another reader was quicker), own_words, changed_while_reading, embargo_past,
    embargo_far, key_expires (with the date).
    """
    hold(version, Verb.APPROVE)
    now = clock.now()
    if wrote(reader, version):
        raise AdvisoryRefused("own_words")
    if seen != digest(Content.of_json(version.content)):
        raise AdvisoryRefused("changed_while_reading")
    if embargo is not None and not now < embargo <= now + LONGEST_EMBARGO:
        raise AdvisoryRefused("embargo_past" if embargo <= now else "embargo_far")
    if key_ends is not None and key_ends < (embargo or now) + KEY_MUST_LAST:
        raise AdvisoryRefused("key_expires", key_ends.astimezone(current().zone).date().isoformat())
    version.state = AdvisoryState.EMBARGOED if embargo else AdvisoryState.APPROVED
    version.approver_id, version.approved_digest, version.embargo_until = reader.id, seen, embargo
    version.updated_at = now
    record(events.APPROVED, version.advisory.public_id, reader.actor, version=version.version, digest=seen)
    if embargo is None:
        after_commit(PUBLISH_ADVISORY, version.id)


def key_end() -> datetime | None:
    """When the publication key expires; None when it never does. Runs gpg: no write transaction may be open.

    Raises AdvisoryRefused("no_key").
    """
    try:
        seconds = crypto.publication().expires()
    except crypto.CryptoError as error:
        raise AdvisoryRefused("no_key") from error
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def begin_update(advisory: Advisory, editor: User, *, withdrawal: bool = False) -> AdvisoryVersion:
    """A next version under the same id, begun from what is published; the reader must be told what changed.

    A withdrawal is such a version: the page stays and says so. Raises AdvisoryRefused: not_published,
    unfinished_version.
    """
    session.refresh(advisory, with_for_update=True)
    versions = of(advisory)
    if any(each.state in AT_HAND for each in versions):
        raise AdvisoryRefused("unfinished_version")
    if versions[-1].state != AdvisoryState.PUBLISHED:
        raise AdvisoryRefused("not_published")
    content = Content.of_json(_without_change(versions[-1].content))
    version = _version(advisory, versions[-1].version + 1, content, [editor.actor])
    version.withdrawal = withdrawal
    record(events.CHANGED, advisory.public_id, editor.actor, version=version.version)
    return version


def of(advisory: Advisory) -> list[AdvisoryVersion]:
    """All versions, the first one first."""
    rows = select(AdvisoryVersion).where(AdvisoryVersion.advisory_id == advisory.id)
    return list(session.scalars(rows.order_by(AdvisoryVersion.version)))


def of_case(case: Case) -> list[AdvisoryVersion]:
    """The newest versions of the advisories that a case, or one that went into it, led to, by their ids."""
    rows = select(AdvisoryVersion).join(AdvisoryCase, AdvisoryCase.advisory_id == AdvisoryVersion.advisory_id)
    rows = rows.where(AdvisoryCase.case_id.in_(family.ids(case))).order_by(AdvisoryVersion.version)
    newest = {version.advisory_id: version for version in session.scalars(rows)}
    return [newest[key] for key in sorted(newest)]


def _without_change(told: dict[str, Any]) -> dict[str, Any]:
    words = {language: {**each, "changed": ""} for language, each in told["words"].items()}
    return {**told, "words": words}


def _version(advisory: Advisory, number: int, content: Content, editors: list[str]) -> AdvisoryVersion:
    now = clock.now()
    version = AdvisoryVersion(
        advisory_id=advisory.id,
        version=number,
        state=AdvisoryState.DRAFT,
        content=content.as_json(),
        level=content.level,
        editors=editors,
        bodies={},
        created_at=now,
        updated_at=now,
    )
    session.add(version)
    session.flush()
    return version
