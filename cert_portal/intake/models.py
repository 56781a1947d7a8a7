"""Tables of the intake stage."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cert_portal.core.db import Base, BigId
from cert_portal.directory.models import User


class ReportState(StrEnum):
    """The life of a report."""

    RECEIVED = "received"
    PROCESSING = "processing"
    QUARANTINED = "quarantined"
    WAITING_TRIAGE = "waiting_triage"
    ATTACHED = "attached"
    REFERRED_ELSEWHERE = "referred_elsewhere"
    REFUSED = "refused"


class PublicState(StrEnum):
    """What the reporter's page says instead of the state of the report, as far as the work on it knows better."""

    NOTHING = ""
    WAITING_FOR_YOU = "waiting_for_you"
    CLOSED = "closed"


class Report(Base):
    """One message from one person. `details` holds a Submission as JSON; columns repeat what lists and rules ask for.

    `ack_address` is where an acknowledgement may go: empty for anonymous, automatic and null-return-path messages.
    """

    __tablename__ = "reports"
    __table_args__ = (Index(None, "state", "id"), Index(None, "state", "received_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(12))
    origin: Mapped[str] = mapped_column(String(12))
    drill: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]]
    reporter_name: Mapped[str] = mapped_column(String(200), default="")
    reporter_email: Mapped[str] = mapped_column(String(320), default="", index=True)
    reporter_telephone: Mapped[str] = mapped_column(String(60), default="")
    telephone_key: Mapped[str] = mapped_column(String(20), default="", index=True)
    ack_address: Mapped[str] = mapped_column(String(320), default="")
    trouble: Mapped[list[str]] = mapped_column(default=list)
    receipt: Mapped[str | None] = mapped_column(String(40))
    received_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    first_response_at: Mapped[datetime | None]
    closed_reason: Mapped[str] = mapped_column(String(40), default="")
    public_state: Mapped[str] = mapped_column(String(20), default=PublicState.NOTHING)
    likeness: Mapped[bytes] = mapped_column(LargeBinary, default=b"", server_default="")
    first_alike_id: Mapped[int | None] = mapped_column(BigId, index=True)
    files: Mapped[list[ReportFile]] = relationship(order_by="ReportFile.id", viewonly=True)


class ReportDraft(Base):
    """Answers of a report that is not sent yet: kept 14 days, opened by its link."""

    __tablename__ = "report_drafts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    language: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(32))
    answers: Mapped[dict[str, Any]]
    number: Mapped[str | None] = mapped_column(String(16), unique=True)
    report_number: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    files: Mapped[list[ReportFile]] = relationship(order_by="ReportFile.id", viewonly=True)


class ReportFile(Base):
    """A file that came with a report, with what was added to it later, or lies in a draft: never executed, never shown
    inline.

    `words` and `facts` are what a look inside told (`intake.inside`).
    """

    __tablename__ = "report_files"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey(Report.id), index=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey(ReportDraft.id, ondelete="SET NULL"), index=True)
    addition_id: Mapped[int | None] = mapped_column(ForeignKey("report_additions.id"))
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    blob_key: Mapped[str] = mapped_column(String(64))
    notes: Mapped[list[str]] = mapped_column(default=list)
    words: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    added_at: Mapped[datetime]


class ReportAddition(Base):
    """What was added to a report later: by its sender on the status page or by mail."""

    __tablename__ = "report_additions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey(Report.id), index=True)
    at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(String(12))
    sender: Mapped[str] = mapped_column(String(320), default="")
    known_sender: Mapped[bool] = mapped_column(default=True)
    text: Mapped[str] = mapped_column(Text)
    receipt: Mapped[str | None] = mapped_column(String(40))
    read_at: Mapped[datetime | None]

    @property
    def by_machine(self) -> bool:
        """Whether a program wrote it: that asks nobody to read it, so it was read when it came."""
        return self.receipt is not None and self.read_at == self.at


Index(
    "ix_reports_unanswered",
    Report.state,
    Report.received_at,
    postgresql_where=Report.first_response_at.is_(None),
    sqlite_where=Report.first_response_at.is_(None),
)
Index(
    "ix_report_additions_unread",
    ReportAddition.report_id,
    postgresql_where=ReportAddition.read_at.is_(None),
    sqlite_where=ReportAddition.read_at.is_(None),
)


class Observable(Base):
    """An address, hash or the like that a report names: what reports are compared by, but those that are `known`."""

    __tablename__ = "observables"
    __table_args__ = (Index("ix_observables_value", "kind", "digest"),)

    report_id: Mapped[int] = mapped_column(ForeignKey(Report.id), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    known: Mapped[bool] = mapped_column(default=False)
    named_at: Mapped[datetime | None]
    """When it was named last, if that was later than the report came."""


class GroupMark(Base):
    """What the first report of a group that waits for triage has in common with those that say the same."""

    __tablename__ = "group_marks"

    mark: Mapped[str] = mapped_column(String(24), primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey(Report.id), primary_key=True, index=True)


class Outcome(StrEnum):
    """What became of a message: exactly one for each."""

    REPORT = "report"
    FINDING = "finding"
    REPLY = "reply"
    BOUNCE = "bounce"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


class MailReceipt(Base):
    """The outcome of one message of the spool; `told` is the number, letter or reason that goes with it."""

    __tablename__ = "mail_receipts"

    receipt: Mapped[str] = mapped_column(String(40), primary_key=True)
    mailbox: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(12), index=True)
    told: Mapped[str] = mapped_column(String(200))
    message_id: Mapped[str] = mapped_column(Text, default="")
    fingerprint: Mapped[str | None] = mapped_column(String(64), unique=True)
    thread_id: Mapped[str] = mapped_column(String(64), default="", index=True)
    sender: Mapped[str] = mapped_column(String(320), default="")
    subject: Mapped[str] = mapped_column(Text, default="")
    size: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    sealing: Mapped[str] = mapped_column(String(12), default="")
    signature: Mapped[str] = mapped_column(String(12), default="", index=True)
    signer: Mapped[str] = mapped_column(String(320), default="")


class Reconciliation(Base):
    """The balance of one mailbox at one moment: `missing` names what does not add up."""

    __tablename__ = "reconciliations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    mailbox: Mapped[str] = mapped_column(String(40))
    taken: Mapped[int]
    outcomes: Mapped[dict[str, Any]]
    missing: Mapped[list[str]]


class RepeatedRequest(Base):
    """What a program was told when it sent a request with this key (`digest` of caller and key), for a day."""

    __tablename__ = "repeated_requests"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(String(64))
    numbers: Mapped[list[str]]
    at: Mapped[datetime] = mapped_column(index=True)


class CallKind(StrEnum):
    """What became of a call to the hotline."""

    ANSWERED = "answered"
    MISSED = "missed"
    VOICEMAIL = "voicemail"


class Call(Base):
    """One call to the hotline. Handled: answered at once, or called back by somebody later (who, and when)."""

    __tablename__ = "calls"
    __table_args__ = (Index(None, "handled_at", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(12))
    number: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    report_id: Mapped[int | None] = mapped_column(ForeignKey(Report.id), index=True)
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))


class TextReceipt(Base):
    """One text message, or a part of one, as the gateway delivered it; `told` is the report that it made or joined.

    A part waits (outcome empty) until the others of its `reference` are there.
    """

    __tablename__ = "text_receipts"
    __table_args__ = (Index(None, "outcome", "at"), Index(None, "telephone_key", "reference"))

    gateway_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime]
    number: Mapped[str] = mapped_column(String(60))
    telephone_key: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(String(20), default="")
    part: Mapped[int] = mapped_column(Integer, default=1)
    parts: Mapped[int] = mapped_column(Integer, default=1)
    outcome: Mapped[str] = mapped_column(String(12), default="")
    told: Mapped[str] = mapped_column(String(16), default="")


class FaxPage(Base):
    """One page of a fax: our own picture of it, what a machine read in it, and what a person made of that.

    A page without a picture could not be read; page 0 says that nothing could be read in the file. `saved_at` is empty
    while `text` is but a proposal.
    """

    __tablename__ = "fax_pages"

    file_id: Mapped[int] = mapped_column(ForeignKey(ReportFile.id), primary_key=True)
    page: Mapped[int] = mapped_column(Integer, primary_key=True)
    blob_key: Mapped[str] = mapped_column(String(64), default="")
    width: Mapped[int] = mapped_column(Integer, default=0)
    height: Mapped[int] = mapped_column(Integer, default=0)
    text: Mapped[str] = mapped_column(Text, default="")
    saved_at: Mapped[datetime | None]
    saved_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
