"""A message becomes exactly one of: report, reply, bounce, duplicate, ignored, quarantined. The original is kept first.

`take` is idempotent per receipt: whoever finds a receipt without an outcome may call it again. `take_new` is the quick
way for new ones; what fails there is taken by `take`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import structlog
from sqlalchemy import bindparam, select

from cert_portal.config import current
from cert_portal.core import blobs, clock, numbers, tlp
from cert_portal.core.db import session
from cert_portal.core.i18n import language_of
from cert_portal.core.mail import bounce, nature, outbox, spool
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.message import InboundMail
from cert_portal.core.queue import PROCESS_REPORT, READ_FAX, after_commit
from cert_portal.directory.look_up import of_teams_abroad
from cert_portal.intake import beside, fax, files, mailboxes, opening
from cert_portal.intake.compare import read
from cert_portal.intake.editing import narrow_after_answer
from cert_portal.intake.models import MailReceipt, Outcome, Report, ReportFile
from cert_portal.intake.process import SEVERE, Placed, to_queue
from cert_portal.intake.receive import made, put
from cert_portal.intake.status import add
from cert_portal.intake.submission import Channel, Origin, ReporterKind, Submission

log = structlog.get_logger(__name__)

_BODY = re.compile(rb"\r?\n\r?\n")
_TOLD_BEFORE = select(MailReceipt.fingerprint, MailReceipt.told).where(
    MailReceipt.fingerprint.in_(bindparam("prints", expanding=True))
)
NOT_READ = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
"""What a parser raises on a message that nobody foresaw."""
MOST_BYTES = 4_000_000
"""As many bytes of messages are read into one transaction; the first is read whatever its size."""


@dataclass(frozen=True)
class Downstream:
    """What later stages do with messages that are theirs, asked in turn.

    An answer is a verb that takes the message and its receipt and answers the number that it joined, or None when the
    message is not its own. A bounce takes the id of the letter that came back and what the delivery report says.
    `findings` are asked last: they answer what they made of a message that a machine wrote as data, and a person does
    not pass on. `automatic` sees what a program answers by itself, which is ignored.
    """

    answers: tuple[Callable[[InboundMail, str], str | None], ...] = ()
    bounces: tuple[Callable[[int, Verdict], None], ...] = ()
    findings: tuple[Callable[[InboundMail, str], str | None], ...] = ()
    automatic: tuple[Callable[[InboundMail], None], ...] = ()


NOBODY = Downstream()


@dataclass(frozen=True)
class _Known:
    """What the database knows of messages before they have an outcome."""

    told: Mapping[str, str]
    """What was told of these very messages, by fingerprint."""
    abroad: Set[str]
    """The senders that are response teams abroad."""


@dataclass(frozen=True)
class _Opened:
    mail: InboundMail
    raw: bytes
    row: MailReceipt
    fingerprint: str


def take(receipt: str, downstream: Downstream = NOBODY) -> MailReceipt:
    """Give the message of a receipt its outcome. The caller commits; no transaction may be open when it is called,
    because an encrypted message is opened with gpg first.
    """
    opened = _open(receipt)
    session.rollback()
    done = session.get(MailReceipt, receipt)
    if done is not None:
        return done
    mail, row = opened.mail, opened.row
    report = _decide(opened, _known([opened]), downstream)
    if report is not None:
        report.number = row.told = numbers.issue(numbers.NumberKind.REPORT)
        put(report)
        files.keep_all(((each.filename, each.data) for each in mail.attachments), report.id)
        after_commit(PROCESS_REPORT, report.id)
        _after(report)
    session.add(row)
    return row


def take_new(receipts: Sequence[str], downstream: Downstream = NOBODY) -> list[MailReceipt]:
    """Give the messages of new receipts their outcomes, and read, compare and acknowledge the reports among them, all
    in one transaction; the caller commits. No transaction may be open when it is called.

    A message that depends on one before it (the same again, or its answer) is left for the next call; the first never
    is. When another process was quicker the row is refused by the database.
    """
    opened = list(_opened(receipts))
    session.rollback()
    known = _known(opened)
    taken = list(_independent(opened))
    placed: list[Placed] = []
    reported: list[MailReceipt] = []
    with blobs.flushed_at_once():
        for each in taken:
            if (report := _decide(each, known, downstream)) is not None:
                kept = _files(each.mail)
                placed.append(Placed(report, read(report, kept), each.row, kept))
                reported.append(each.row)
    if placed:
        to_queue(placed)
    for ready, row in zip(placed, reported, strict=True):
        row.told = ready.report.number
        _after(ready.report)
    rows = [each.row for each in taken]
    session.add_all(rows)
    return rows


def _independent(opened: Sequence[_Opened]) -> Iterator[_Opened]:
    seen: set[str] = set()
    for each in opened:
        mine = {each.fingerprint, each.row.thread_id} - {""}
        if seen.isdisjoint({*mine, *map(_thread_id, each.mail.references)}):
            yield each
        seen |= mine


def _opened(receipts: Sequence[str]) -> Iterator[_Opened]:
    size = 0
    for receipt in receipts:
        opened = _open(receipt)
        size += opened.row.size
        if size > MOST_BYTES and size > opened.row.size:
            return
        yield opened


def _open(receipt: str) -> _Opened:
    mailbox, raw = spool.read(receipt)
    try:
        mail = opening.read(raw)
    except NOT_READ as error:  # the original is kept, and a person sees that there is one
        log.exception("message_unreadable", receipt=receipt, error=type(error).__name__)
        mail = InboundMail(trouble=["unreadable"])
    row = MailReceipt(
        receipt=receipt,
        mailbox=mailbox,
        message_id=mail.message_id,
        thread_id=_thread_id(mail.message_id),
        sender=mail.sender[:320],
        subject=mail.subject,
        size=len(raw),
        at=clock.now(),
        sealing=mail.sealing,
        signature=mail.signature,
        signer=mail.signer[:320],
    )
    return _Opened(mail, raw, row, _fingerprint(mail, raw))


def _known(opened: Sequence[_Opened]) -> _Known:
    rows = session.execute(_TOLD_BEFORE, {"prints": [each.fingerprint for each in opened]})
    return _Known({str(row[0]): row[1] for row in rows}, of_teams_abroad({each.mail.sender for each in opened}))


def _files(mail: InboundMail) -> list[ReportFile]:
    effort = files.Effort()
    return [file for each in mail.attachments for file in files.read(each.filename, each.data, effort)]


def _after(report: Report) -> None:
    if report.channel == Channel.FAX:
        after_commit(READ_FAX, report.id)


def _decide(opened: _Opened, known: _Known, downstream: Downstream) -> Report | None:
    """Give a message its outcome; answers the report that it makes, which has no number yet."""
    row = opened.row
    row.outcome, row.told, report = _outcome(opened, known, downstream)
    return report


def _outcome(opened: _Opened, known: _Known, downstream: Downstream) -> tuple[Outcome, str, Report | None]:
    mail, raw, row = opened.mail, opened.raw, opened.row
    if nature.is_bounce(mail):
        marked = outbox.letter_of_return_path(mail.recipients)
        letter = marked or _letter_inside(raw)
        if letter or nature.is_delivery_report(mail):
            _tell_who_wrote(marked, raw, downstream)
            return Outcome.BOUNCE, str(letter or _unknown(raw)), None
    if nature.is_auto_reply(mail):
        return _ignored(mail, downstream)
    if _is_ours(mail.message_id) and outbox.by_message_id([mail.message_id]):
        return Outcome.IGNORED, "our own letter came back", None
    if opened.fingerprint in known.told:
        return Outcome.DUPLICATE, known.told[opened.fingerprint], None
    row.fingerprint = opened.fingerprint
    if set(mail.trouble) & SEVERE:
        return Outcome.QUARANTINED, "", _new_report(mail, row, known)
    for join in downstream.answers:
        if told := join(mail, row.receipt):
            return Outcome.REPLY, told, None
    thread = _thread(mail)
    if thread is not None:
        _reply(thread, mail, row.receipt)
        return Outcome.REPLY, thread.number, None
    return _data_or_report(opened, known, downstream)


def _ignored(mail: InboundMail, downstream: Downstream) -> tuple[Outcome, str, Report | None]:
    for see in downstream.automatic:
        see(mail)
    return Outcome.IGNORED, "auto-reply", None


def _data_or_report(opened: _Opened, known: _Known, downstream: Downstream) -> tuple[Outcome, str, Report | None]:
    mail, row = opened.mail, opened.row
    for take_data in () if nature.is_passed_on(mail) else downstream.findings:
        if told := take_data(mail, row.receipt):
            return Outcome.FINDING, told[:200], None
    if nature.is_flagged_as_spam(mail):
        mail.trouble.append("flagged_as_spam")
        return Outcome.QUARANTINED, "", _new_report(mail, row, known)
    return Outcome.REPORT, "", _new_report(mail, row, known)


def _unknown(raw: bytes) -> str:
    """What the balance says of a report about a letter that we do not know: at least to whom it went."""
    return " to ".join(["unknown letter", *bounce.who(raw)[:1]])[:200]


def _tell_who_wrote(letter: int | None, raw: bytes, downstream: Downstream) -> None:
    """Only a report that came to the marked return path has consequences: a Message-ID is no secret."""
    if letter:
        verdict = bounce.verdict(raw)
        outbox.came_back(letter, verdict, bounce.reason(raw))
        for came_back in downstream.bounces if verdict is not Verdict.DELAYED else ():
            came_back(letter, verdict)


def _new_report(mail: InboundMail, row: MailReceipt, known: _Known) -> Report:
    mailbox = mailboxes.by_name(row.mailbox)
    if mailbox.channel is Channel.FAX:
        return _new_fax(mail, row)
    language = language_of(f"{mail.subject}\n{mail.text}")
    title = mail.subject or " ".join(mail.text.split())[:100] or mail.sender
    submission = Submission(
        language=language,
        description=mail.text or mail.subject,
        kind=mailbox.kind,
        reporter_kind=ReporterKind.NOT_SURE,
        name=mail.sender_name,
        email=mail.sender,
        restriction=tlp.narrowest(mail.subject),
    )
    report = made(
        submission,
        mailbox.channel,
        title=title,
        text=mail.text,
        ack_address="" if mail.sender.lower() == current().report_address.lower() else nature.may_answer(mail),
        receipt=row.receipt,
        trouble=sorted(set(mail.trouble)),
        origin=Origin.OVERSEAS if mail.sender in known.abroad else None,
    )
    report.details = {**report.details, **beside.of(mail)}
    return report


def _new_fax(mail: InboundMail, row: MailReceipt) -> Report:
    """The gateway's address is nobody's: the caller's number is all that is known, and no mail answers it."""
    told = fax.caller(mail)
    submission = Submission(
        language=language_of(f"{mail.subject}\n{mail.text}"),
        description=mail.text or mail.subject,
        telephone=told.number,
    )
    return made(
        submission,
        Channel.FAX,
        title=fax.title(told),
        text=mail.text,
        ack_address="",
        receipt=row.receipt,
        trouble=sorted(set(mail.trouble)),
    )


def _reply(report: Report, mail: InboundMail, receipt: str) -> None:
    known = mail.sender != "" and mail.sender.lower() == report.reporter_email.lower()
    sent = [(each.filename, each.data) for each in mail.attachments]
    add(report, Channel.EMAIL, mail.text, sent, sender=mail.sender, known_sender=known, receipt=receipt)
    narrow_after_answer(report, mail.subject)


def _thread(mail: InboundMail) -> Report | None:
    letter = outbox.by_message_id(mail.references)
    told = [*([letter.about] if letter else []), *_named(mail), *_earlier(mail.references)]
    for number in told:
        target = numbers.resolve(number)
        if target and target[0] is numbers.NumberKind.REPORT:
            return session.get(Report, target[1])
    return None


def _named(mail: InboundMail) -> list[str]:
    """Report numbers that the subject names: itself, or by the subject of a letter that we sent to this person."""
    named = numbers.find_in(mail.subject)
    letters = [outbox.last_to(mail.sender, number) for number in named] if mail.sender else []
    return [*named, *(letter.about for letter in letters if letter)]


def _earlier(message_ids: list[str]) -> list[str]:
    if not message_ids:
        return []
    threads = [_thread_id(each) for each in message_ids]
    rows = select(MailReceipt.told).where(
        MailReceipt.thread_id.in_(threads), MailReceipt.outcome.in_((Outcome.REPORT, Outcome.REPLY))
    )
    return list(session.scalars(rows.limit(5)))


def _letter_inside(raw: bytes) -> int | None:
    ids = [f"<{part}" for part in raw[:200_000].decode("ascii", "ignore").split("<") if current().mail_domain in part]
    letter = outbox.by_message_id([part.partition(">")[0] + ">" for part in ids][:50])
    return letter.id if letter else None


def _is_ours(message_id: str) -> bool:
    return message_id.lower().endswith(f"@{current().mail_domain.lower()}>")


def _thread_id(message_id: str) -> str:
    return hashlib.sha256(message_id.encode()).hexdigest() if message_id else ""


def _fingerprint(mail: InboundMail, raw: bytes) -> str:
    """What makes two deliveries one message: who, when, what and every byte of content, not the way that it took.

    A message that says neither when nor which it is counts as the same only when every byte is.
    """
    edge = _BODY.search(raw)
    dated = mail.message_id or mail.headers.get("date")
    body = raw[edge.end() :] if edge and dated else raw
    named = [mail.message_id, *(mail.headers.get(name, "") for name in ("from", "date", "subject"))]
    whole = "\x00".join(named).encode("utf-8", "replace") + b"\x00" + body.replace(b"\r\n", b"\n").strip()
    return hashlib.sha256(whole).hexdigest()
