"""What the public sees: the newest published version of each advisory, withdrawn ones included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.pages import Page, below, cut
from cert_portal.publishing.content import Content
from cert_portal.publishing.csaf import Revision
from cert_portal.publishing.models import Advisory, AdvisoryState, AdvisoryVersion
from cert_portal.publishing.service import SHOWN

PAGE = 30


@dataclass(frozen=True)
class Shown:
    """One advisory as it stands in public, free of the database."""

    public_id: str
    version: int
    change: str
    content: Content
    first: datetime
    issued: datetime

    @property
    def is_withdrawn(self) -> bool:
        """Whether the page says that it no longer holds."""
        return self.change == "withdrawal"


def one(public_id: str) -> Shown | None:
    """The published advisory of an id, in any capitals."""
    rows = _rows().where(Advisory.public_id == public_id.upper())
    found = session.execute(rows).first()
    return _shown(found[0], found[1]) if found else None


def page(*, after: str = "", least_level: int = 1, limit: int = PAGE) -> Page[Shown]:
    """Advisories by when their newest version was issued."""
    rows = _rows().where(AdvisoryVersion.level >= least_level)
    rows = below(rows, AdvisoryVersion.id.expression, after).order_by(AdvisoryVersion.id.desc())
    found = [(_shown(advisory, version), version.id) for advisory, version in session.execute(rows.limit(limit + 1))]
    return cut([each for each, _id in found], [version_id for _each, version_id in found], limit)


def everything() -> list[Shown]:
    """All of them, the latest issued first."""
    rows = session.execute(_rows().order_by(AdvisoryVersion.issued_at.desc(), AdvisoryVersion.id.desc()))
    return [_shown(advisory, version) for advisory, version in rows]


def between(since: datetime, until: datetime) -> list[Shown]:
    """What was published from `since` up to `until` (exclusive), the most serious first.

    Of an advisory with several versions in that time it is the last one; asked later, the answer is the same.
    """
    rows = select(Advisory, AdvisoryVersion).join(AdvisoryVersion, AdvisoryVersion.advisory_id == Advisory.id)
    rows = rows.where(AdvisoryVersion.published_at >= since, AdvisoryVersion.published_at < until)
    found = session.execute(rows.order_by(AdvisoryVersion.published_at, AdvisoryVersion.id))
    last = {advisory.id: _shown(advisory, version) for advisory, version in found}
    return sorted(last.values(), key=lambda each: -each.content.level)


def revisions(public_id: str) -> list[Revision]:
    """The published versions of an advisory, the first one first."""
    rows = select(AdvisoryVersion).join(Advisory, Advisory.id == AdvisoryVersion.advisory_id)
    states = (*SHOWN, AdvisoryState.SUPERSEDED)
    rows = rows.where(Advisory.public_id == public_id, AdvisoryVersion.state.in_(states))
    return [revision(each) for each in session.scalars(rows.order_by(AdvisoryVersion.version))]


def revision(version: AdvisoryVersion) -> Revision:
    """A version as the history of a document names it."""
    content = Content.of_json(version.content)
    changed = {language.value: content[language].changed for language in Language}
    return Revision(version.version, version.issued_at or version.updated_at, changed)


def _rows() -> Select[Advisory, AdvisoryVersion]:
    joined = select(Advisory, AdvisoryVersion).join(AdvisoryVersion, AdvisoryVersion.advisory_id == Advisory.id)
    return joined.where(AdvisoryVersion.state.in_(SHOWN))


def _shown(advisory: Advisory, version: AdvisoryVersion) -> Shown:
    issued = version.issued_at or version.updated_at
    first = advisory.first_published_at or issued
    return Shown(advisory.public_id, version.version, version.change, Content.of_json(version.content), first, issued)
