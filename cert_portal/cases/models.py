"""Tables of the cases stage. Every query for their rows goes through `visible.visible_to`."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.core.db import Base, BigId
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.directory.parties import Organisation, Unit
from cert_portal.intake.models import Report, ReportDraft


class Case(Base):
    """One incident, whoever reported it and however often.

    `level_rule` is empty until the level was decided; a level of None with a rule means an attempt with no effect.
    `answered_at` is when a party to which it was passed on answered, unless somebody took that up since; that of a
    merged case is one to the case in which the work goes on.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index(None, "state", "id"),
        Index(None, "owner_id", "state"),
        Index(None, "updated_at", "id"),
        Index(None, "kind", "id"),
        Index(None, "opened_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12))
    phase: Mapped[str] = mapped_column(String(40))
    level: Mapped[int | None]
    level_rule: Mapped[str] = mapped_column(String(40), default="")
    level_override_reason: Mapped[str] = mapped_column(Text, default="")
    impact: Mapped[dict[str, Any]] = mapped_column(default=dict)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    restricted: Mapped[bool] = mapped_column(default=False)
    drill: Mapped[bool] = mapped_column(default=False)
    tlp: Mapped[str] = mapped_column(String(20), default=TLP.AMBER.value, server_default=TLP.AMBER.value)
    waiting_until: Mapped[date | None] = mapped_column(Date)
    outcome: Mapped[str] = mapped_column(String(40), default="")
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


IS_OPEN = Case.closed_at.is_(None)
"""The condition for cases that are worked on: few among very many, with an index of their own."""

_RARE = {
    "ix_cases_open": IS_OPEN,
    "ix_cases_drill": Case.drill.is_(True),
    "ix_cases_restricted": Case.restricted.is_(True),
    "ix_cases_answered": Case.answered_at.is_not(None),
    "ix_cases_without_level": Case.level.is_(None),
}
for _name, _which in _RARE.items():
    Index(_name, Case.id, postgresql_where=_which, sqlite_where=_which)


class CaseReport(Base):
    """A report belongs to a case; one report may belong to several. `read_to` is the id of the newest addition to the
    report that somebody read in this case while it was still to be read in another one.
    """

    __tablename__ = "case_reports"

    case_id: Mapped[int] = mapped_column(ForeignKey(Case.id), primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey(Report.id), primary_key=True, index=True)
    read_to: Mapped[int | None] = mapped_column(BigInteger)


class CaseAccess(Base):
    """A person who may see a restricted case, and why."""

    __tablename__ = "case_access"

    case_id: Mapped[int] = mapped_column(ForeignKey(Case.id), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True, index=True)
    reason: Mapped[str] = mapped_column(Text)


class CaseTag(Base):
    """A word that the desk hung on a case, to find it again among others."""

    __tablename__ = "case_tags"
    __table_args__ = (Index(None, "tag", "case_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey(Case.id), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True)


class Verdict(StrEnum):
    """What a person made of a value that was found in the reports of a case, or added to it."""

    NEW = "new"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class CaseValue(Base):
    """What people say about one value of one case; a value of the reports that nobody touched has no row.

    `added_at` is there for a value that a person added, `source` is "note" where it stood in a note; `expires_on` where
    a person set it, else the usual time holds.
    """

    __tablename__ = "case_values"
    __table_args__ = (Index(None, "kind", "digest"),)

    case_id: Mapped[int] = mapped_column(ForeignKey(Case.id), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(12), default=Verdict.NEW)
    judged_by: Mapped[int | None] = mapped_column(ForeignKey(User.id), index=True)
    judged_at: Mapped[datetime | None]
    ignored: Mapped[str] = mapped_column(Text, default="")
    expires_on: Mapped[date | None] = mapped_column(Date)
    added_by: Mapped[int | None] = mapped_column(ForeignKey(User.id), index=True)
    added_at: Mapped[datetime | None]
    source: Mapped[str] = mapped_column(String(12), default="", server_default="")


class IgnoredValue(Base):
    """A value by which no cases are compared, why, and perhaps until when; `ended_at` when somebody ended it."""

    __tablename__ = "ignored_values"
    __table_args__ = (Index(None, "kind", "digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    digest: Mapped[str] = mapped_column(String(32))
    value: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    at: Mapped[datetime]
    until: Mapped[date | None] = mapped_column(Date)
    ended_at: Mapped[datetime | None]


class SavedSearch(Base):
    """A query under a name. A shared one is everybody's to use and its owner's to change.

    `view` names the list of reports that it is for; empty for cases.
    """

    __tablename__ = "saved_searches"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(Text)
    sort: Mapped[str] = mapped_column(String(12))
    view: Mapped[str] = mapped_column(String(12), default="", server_default="")
    shared: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime]


class BulkRun(Base):
    """One act on many cases: `done` holds pairs of a number and what was there before, `left_out` of one and why.
    Of reports that were refused `done` holds as third the id of the letter, 0 where none could leave.

    `settled` holds those that an undo has seen to, each with when (ISO 8601): what the undoing person cannot see is not
    among them. `undone_at` is set when nothing is left to undo.
    """

    __tablename__ = "bulk_runs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(String(12))
    value: Mapped[str] = mapped_column(String(60))
    done: Mapped[list[Any]] = mapped_column(JSON)
    left_out: Mapped[list[Any]] = mapped_column(JSON)
    settled: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    undone_at: Mapped[datetime | None]


class CaseMerge(Base):
    """A case that went into another, and what is needed to take it out again: `was` is its state before.

    `moved` names ids of `reports`, of those that both had (`shared`) with what was `read` of each, of `findings`, the
    `tags` and `values` that the other lacked, the label (`tlp`) that the other had from then on, and the drafts
    (`unsent`) that went over.
    """

    __tablename__ = "case_merges"
    __table_args__ = (Index(None, "into_id", "undone_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey(Case.id), index=True)
    into_id: Mapped[int] = mapped_column(ForeignKey(Case.id))
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    at: Mapped[datetime]
    was: Mapped[str] = mapped_column(String(12))
    waiting_until: Mapped[date | None] = mapped_column(Date)
    moved: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None]


class CaseLink(Base):
    """Two cases that have to do with each other, the older first, and why."""

    __tablename__ = "case_links"

    case_id: Mapped[int] = mapped_column(ForeignKey(Case.id), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey(Case.id), primary_key=True, index=True)
    reason: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    at: Mapped[datetime]


class DeskChoice(Base):
    """What a person chose for the own desk: the columns of the lists of cases."""

    __tablename__ = "desk_choices"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    columns: Mapped[list[str]]


class AgencyState(StrEnum):
    """Where the report of a member organisation stands (004-11, 004-15)."""

    DRAFT = "draft"
    WITH_COORDINATOR = "with_coordinator"
    RETURNED = "returned"
    SENT = "sent"
    RELEASE_ASKED = "release_asked"
    RELEASED = "released"


class AgencyReport(Base):
    """What a member organisation tells beyond every report. Rows are found through `agency.seen_by` alone.

    Until it is sent the answers lie in the draft; then there is a report, and `facts` holds what only agencies tell.
    `minutes` is how long after noticing it arrived, None where no clock ran (004-08).
    """

    __tablename__ = "agency_reports"
    __table_args__ = (Index(None, "organisation_id", "state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey(Unit.id), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey(ReportDraft.id, ondelete="CASCADE"), index=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey(Report.id), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    level: Mapped[int | None]
    level_rule: Mapped[str] = mapped_column(String(40), default="")
    minutes: Mapped[int | None]
    late: Mapped[bool] = mapped_column(default=False)
    late_reason: Mapped[str] = mapped_column(Text, default="")
    returned_reason: Mapped[str] = mapped_column(Text, default="")
    release: Mapped[dict[str, Any]] = mapped_column(default=dict)
    begun_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    handed_in_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]


class AgencyNote(Base):
    """What a member organisation tells later: an update or the release form; that of a unit waits (004-11)."""

    __tablename__ = "agency_notes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agency_report_id: Mapped[int] = mapped_column(ForeignKey(AgencyReport.id), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    returned_reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
