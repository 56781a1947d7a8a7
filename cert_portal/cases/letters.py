"""What a person writes to a reporter: always to the address that the report gave, always with the number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from cert_portal.cases import events, labels, templates, wording
from cert_portal.cases.models import Case
from cert_portal.cases.outside import read_in_case, read_in_report
from cert_portal.core import clock, telephone
from cert_portal.core.db import session
from cert_portal.core.events import Event, of_subjects, record
from cert_portal.core.i18n import Language
from cert_portal.core.mail import exercise, letters, outbox
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.text import clean
from cert_portal.core.tlp import TLP, narrowest, unlabelled
from cert_portal.directory.models import User
from cert_portal.guidance import wordbook
from cert_portal.guidance.advice import who_to_tell
from cert_portal.guidance.kinds import by_code
from cert_portal.guidance.wordbook import Shelf
from cert_portal.intake.models import MailReceipt, PublicState, Report, ReportAddition
from cert_portal.intake.process import answerable
from cert_portal.intake.status import tell


class LetterRefused(Exception):
    """The letter cannot be written: no_address, blanks, red, exercise, untold, other_tlp (the subject names a label
    that is not that of the letter) (`reason`). `told`: what is meant.
    """

    def __init__(self, reason: str, told: str = "") -> None:
        super().__init__(reason)
        self.reason, self.told = reason, told


class NoAddress(LetterRefused):
    """The reporter gave no address to write to."""

    def __init__(self) -> None:
        super().__init__("no_address")


def write_to_reporter(
    case: Case | None,
    report: Report,
    subject: str,
    text: str,
    actor: User,
    *,
    wants_answer: bool = False,
    not_before: datetime | None = None,
) -> Letter:
    """Post a letter to the reporter and stop the first-response clock; that of one that waits (`not_before`) stops when
    it has left. Raises LetterRefused.

    The letter belongs to the report, so that an answer to it joins the report. Where an answer is wanted, the status
    page says so, unless the work is done.
    """
    letter = outbox.post(replace(draft_to_reporter(case, report, subject, text), not_before=not_before))
    if wants_answer and report.public_state != PublicState.CLOSED:
        tell(report, PublicState.WAITING_FOR_YOU)
    return _written(letter, case, report, actor, has_left=not_before is None)


def reached(reports: Sequence[Report]) -> list[Report]:
    """Those whose reporter gave an address."""
    return [report for report in reports if report.reporter_email]


def outside(reports: Sequence[Report]) -> set[str]:
    """The numbers of those reports of an exercise whose address is not registered for exercises: they get no letter."""
    played = [each for each in reached(reports) if each.drill]
    registered = exercise.registered([each.reporter_email for each in played]) if played else ()
    return {each.number for each in played if each.reporter_email not in registered}


def unreached(reports: Sequence[Report]) -> dict[str, str]:
    """Why no letter leaves by mail to some of these reporters, by the number: no_address, red, exercise."""
    found = dict.fromkeys(outside(reports), "exercise") | dict.fromkeys(labels.red(None, reports), "red")
    return found | {each.number: "no_address" for each in reports if not each.reporter_email}


def writable(reports: Sequence[Report]) -> list[Report]:
    """Those to whose reporters a letter may leave by mail."""
    held = unreached(reports)
    return [each for each in reports if each.number not in held]


def look_again(letter_id: int) -> None:
    """Call back a letter that waited for its time when its report became TLP:RED, an exercise or none meanwhile, or its
    address is not registered for exercises any more.
    """
    letter = session.get(Letter, letter_id)
    if letter is None or letter.name != "case_letter" or letter.tries or letter.next_try_at == letter.created_at:
        return
    report = session.scalars(select(Report).where(Report.number == letter.about)).one()
    is_outside = letter.drill and not exercise.is_registered(letter.recipient)
    if labels.red(None, [report]) or report.drill != letter.drill or is_outside:
        outbox.call_back(report.number)


def unanswered(letter: Letter) -> Report | None:
    """The report that a letter of a person answers for the first time when it leaves: it had to wait for its time."""
    rows = select(Report).where(Report.number == letter.about, Report.first_response_at.is_(None))
    return session.scalars(rows).first() if letter.name == "case_letter" else None


def draft_to_reporter(
    case: Case | None, report: Report, subject: str, text: str, *, with_blanks: bool = False
) -> outbox.Draft:
    """The letter as it would leave, with the facts of this reporter put in. Raises LetterRefused.

    `with_blanks`: to be looked at before everything is filled in, not to be sent.
    """
    return _draft("case_letter", case, report, subject=subject, text=text, with_blanks=with_blanks)


def tell_closed(case: Case, report: Report, text: str, actor: User) -> Letter:
    """Tell the reporter that the case is closed and what came of it. Raises LetterRefused."""
    return _written(outbox.post(draft_closed(case, report, text)), case, report, actor)


def draft_closed(case: Case, report: Report, text: str) -> outbox.Draft:
    """That letter as it would leave. Raises LetterRefused."""
    return _draft("case_closed", case, report, text=text)


def hindrances_closed(told: Sequence[tuple[Case, Report]], text: str) -> list[str]:
    """Why that letter cannot leave for each of these, "" where nothing hinders: blanks, red, exercise.

    The same as `draft_closed` says of one, asked for all of them at once.
    """
    reports = [report for _case, report in told]
    red, not_registered = labels.red(None, reports), outside(reports)
    found = []
    for case, report in told:
        is_red = case.tlp == TLP.RED or report.number in red
        has_blanks = wording.blanks(wording.fill(clean(text), wording.of_report(case, report)))
        is_outside = report.number in not_registered
        found.append("blanks" if has_blanks else "red" if is_red else "exercise" if is_outside else "")
    return found


def elsewhere(report: Report, body_code: str) -> tuple[str, str]:
    """Subject and text of the letter that sends a reporter to another body (000-64 to 000-66), in the reporter's
    language, from the desk's own template; shown and perhaps changed before it is sent. Raises UnknownBody.
    """
    language = Language(report.language)
    told = wording.of_body(who_to_tell([body_code], language)[0], language)
    return templates.prepared("refer_elsewhere").filled(language, wording.of_report(None, report) | told)


def not_for_us(report: Report) -> tuple[str, str]:
    """Subject and text of the letter that says why we open no case, in the reporter's language."""
    return refusal(report, "outside_remit", Language(report.language))


PREPARED = {
    "outside_remit": "not_for_us",
    "not_an_incident": "refused_not_an_incident",
    "not_enough": "refused_not_enough",
    "repeated": "refused_repeated",
    "test": "refused_test",
}
"""Templates for the shipped reasons of refusal; a reason of the centre's own stands in the letter for all others."""
UNTOLD = frozenset({"spam"})
"""Reasons for which nobody is told: an answer would only tell a spammer that somebody reads there."""


def refusal(report: Report, reason: str, language: Language) -> tuple[str, str]:
    """Subject and text of the prepared letter for a reason of refusal, from the desk's own template, with the bodies
    that may help with this kind. Raises LetterRefused("untold").
    """
    if reason in UNTOLD:
        raise LetterRefused("untold")
    told = wording.of_bodies(who_to_tell(by_code(report.kind).tell, language))
    told |= {"reason": wordbook.of(Shelf.REFUSAL, reason).name(language)}
    template = templates.prepared(PREPARED.get(reason, "refused_other"))
    return template.filled(language, wording.of_report(None, report, language) | told)


def write_on_paper(report: Report, text: str, actor: User, *, address: str = "") -> None:
    """Keep the words of a letter that leaves by post; it counts as an answer. For who reported by fax or letter.

    The postal `address` stays with the report, for the window of this letter and the next one. Raises LetterRefused:
    red, exercise.
    """
    check_paper(report)
    record(events.ON_PAPER, report.number, actor.actor, text=clean(text).strip())
    read_in_report(report)
    report.details = {**report.details, "address": clean(address).strip()}
    report.updated_at = clock.now()
    respond(report, "post", actor.actor)


def check_paper(report: Report) -> None:
    """Whether a letter by post may leave; one that was recorded is asked again when it is printed. Raises
    LetterRefused: red, exercise.
    """
    if labels.red(None, [report]):
        raise LetterRefused("red")
    if is_outside_play(report):
        raise LetterRefused("exercise")


def is_outside_play(report: Report) -> bool:
    """Whether it is of an exercise, and neither the address nor the number of its reporter is registered for these."""
    known_by = [report.reporter_email, f"+{telephone.key(report.reporter_telephone)}"]
    return report.drill and not exercise.registered(known_by)


def last_on_paper(report: Report) -> Event | None:
    """The newest letter on paper; its words may have been erased since."""
    written = [each for each in of_subjects([report.number]) if each.kind == events.ON_PAPER.name]
    return written[-1] if written else None


def respond(report: Report, how: str, actor: str) -> None:
    """A person has answered: the first time stops the first-response clock, for good."""
    if report.first_response_at is None:
        report.first_response_at = clock.now()
        record(events.RESPONDED, report.number, actor, how=how)


def _draft(
    name: str, case: Case | None, report: Report, *, text: str, subject: str = "", with_blanks: bool = False
) -> outbox.Draft:
    if not report.reporter_email:
        raise NoAddress
    language, known = Language(report.language), wording.of_report(case, report)
    subject, text = " ".join(wording.fill(clean(subject), known).split()), wording.fill(clean(text), known).strip()
    if (blanks := wording.blanks(subject, text)) and not with_blanks:
        raise LetterRefused("blanks", "; ".join(blanks))
    label, named = labels.of_letter(case, report), narrowest(subject)
    if named not in ("", label):
        raise LetterRefused("other_tlp", named)
    subject = unlabelled(subject) or known["number"]
    told = {"subject": subject, "text": text, "number": known["number"], "report": report.number, "tlp": label}
    subject, text = letters.render(name, language, told)
    draft = outbox.Draft(
        name=name,
        about=report.number,
        language=language,
        recipient=report.reporter_email,
        subject=subject,
        text=text,
        automatic="",
        in_reply_to=_last_message(report),
        drill=report.drill or (case is not None and case.drill),
        tlp=told["tlp"],
    )
    try:
        return outbox.ready(draft)
    except outbox.NotByMail as error:
        raise LetterRefused(error.reason) from error


def _last_message(report: Report) -> str:
    """What a letter answers: the newest message of the reporter, or our last letter when none came since."""
    ours = outbox.about([report.number])
    added = select(ReportAddition).where(ReportAddition.report_id == report.id, ReportAddition.known_sender)
    theirs = session.scalars(
        added.where(ReportAddition.receipt.is_not(None)).order_by(ReportAddition.id.desc())
    ).first()
    since, receipt = (theirs.at, theirs.receipt) if theirs else (report.received_at, report.receipt)
    told = answerable(session.get(MailReceipt, receipt)) if receipt else ""
    if told and (not ours or since > ours[-1].created_at):
        return told
    return ours[-1].message_id if ours else ""


def _written(letter: Letter, case: Case | None, report: Report, actor: User, *, has_left: bool = True) -> Letter:
    letter.writer, letter.written_on = actor.actor, (case or report).number
    if case:
        case.updated_at = clock.now()
        record(events.WRITTEN, case.number, actor.actor, letter=letter.id, report=report.number)
        read_in_case(case, actor)
    else:
        record(events.REPORT_WRITTEN, report.number, actor.actor, letter=letter.id)
        read_in_report(report)
    if has_left:
        respond(report, "letter", actor.actor)
    session.flush()
    return letter
