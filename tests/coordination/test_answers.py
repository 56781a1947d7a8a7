"""What comes back: by the page, by mail, by telephone; a stranger's word moves nothing; bounces; reminders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from cert_portal.cases import labels, merging, queue
from cert_portal.cases import service as cases
from cert_portal.cases.models import Case
from cert_portal.cases.outside import answered
from cert_portal.cases.query import parse
from cert_portal.cases.timeline import Entry
from cert_portal.cases.visible import reports_of
from cert_portal.coordination import answers, link, lists, refer, reminders, service, timeline
from cert_portal.coordination.answers import Told
from cert_portal.coordination.link import Standing, case_at_work
from cert_portal.coordination.models import Referral, ReferralMessage
from cert_portal.coordination.reference import their_reference
from cert_portal.coordination.workflow import ReferralRefused, Verb
from cert_portal.core import blobs, clock, crypto
from cert_portal.core.db import session
from cert_portal.core.mail import outbox, spool
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.tlp import TLP
from cert_portal.directory import calendar, contacts
from cert_portal.directory.models import ClockRule, User
from cert_portal.directory.parties import Contact
from cert_portal.intake import files
from cert_portal.intake.files import FileRefused
from cert_portal.intake.models import MailReceipt
from tests.cases.desk import kinds_of, last
from tests.coordination.desk import a_referral, a_sent_referral, letter_of
from tests.directory.parties import Outside, contact
from workers.coordination import remind_parties
from workers.intake import expire_drafts
from workers.mail import take_and_commit

MONDAY = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)


def messages(referral: Referral) -> list[ReferralMessage]:
    return session.query(ReferralMessage).filter_by(referral_id=referral.id).order_by(ReferralMessage.id).all()


def mail(
    sender: str, subject: str, references: str = "", body: str = "We took it down.", more: str = ""
) -> MailReceipt:
    """A message that comes in by mail and gets its outcome."""
    thread = f"In-Reply-To: {references}\r\n" if references else ""
    head = (
        f"From: {sender}\r\nTo: report@portal.example\r\nSubject: {subject}\r\nMessage-ID: <{abs(hash(subject))}@x>\r\n"
    )
    session.commit()
    return take_and_commit(spool.store((head + thread + more + "\r\n" + body).encode()))


def test_the_party_opens_acknowledges_answers_and_resolves(ann: User) -> None:
    made = a_sent_referral(ann)
    for _twice in range(2):
        service.see(made)
    assert made.state == "seen"
    service.by_page(made, Verb.ACKNOWLEDGE, Told(reference=" T-1 "))
    assert (made.state, made.their_reference, made.answered_at) == ("acknowledged", "T-1", None)
    service.by_page(made, Verb.ANSWER, Told("We look", "T-2", [("log.txt", b"words")]))
    assert (made.state, made.their_reference) == ("answered", "T-2")
    first = made.answered_at
    assert first is not None
    service.by_page(made, Verb.RESOLVE, Told())
    assert (made.state, made.answered_at) == ("resolved", first)
    service.by_page(made, Verb.ANSWER, Told("One more thing"))
    assert made.state == "resolved"
    assert kinds_of(made.number) == [
        "referral.drafted",
        "referral.sent",
        *(f"referral.{each}" for each in ("seen", "acknowledged", "answered", "resolved", "answered")),
    ]
    session.refresh(made)
    assert [blobs.get(file.blob_key) for file in made.files] == [b"words"]
    assert files.forget_unused(timedelta(seconds=-1), (service.file_keys,)) == 0
    assert files.forget_unused(timedelta(seconds=-1)) == 1


def test_a_case_is_answered_until_somebody_takes_it_up(ann: User) -> None:
    made = a_sent_referral(ann)
    case = session.get_one(Case, made.case_id)

    def is_answered() -> bool:
        listed = [each.id for each in queue.cases(parse("is:answered"), ann).rows]
        assert (listed == [case.id], queue.counts(ann)[queue.View.REPLIED]) == (
            case.id in answered([case], ann),
            len(listed),
        )
        return bool(listed)

    answers.by_page(made, Verb.ACKNOWLEDGE, Told())
    answers.by_telephone(made, Verb.ANSWER, "They look into it", ann)
    assert not is_answered(), "nothing is to be read"
    for act in (
        lambda: cases.note(case, "Read it", ann),
        lambda: cases.write_to_reporter(case, reports_of(case, ann)[0], "Hello", "They are on it", ann),
        lambda: refer.send(refer.prepare(case, session.get_one(refer.Organisation, made.organisation_id), ann), ann),
    ):
        answers.by_page(made, Verb.ANSWER, Told("We look into it"))
        assert is_answered()
        act()
        assert not is_answered()
    answers.by_page(made, Verb.RESOLVE, Told("It is gone"))
    into = cases.open_case([], ann, title="Both", kind="phishing")
    merging.merge(into, [case.number], ann)
    assert [each.id for each in queue.cases(parse("is:open is:answered"), ann).rows] == [into.id]


def test_the_files_of_parties_are_not_cleaned_away(ann: User) -> None:
    made = a_sent_referral(ann)
    service.by_page(made, Verb.ANSWER, Told("", "", [("log.txt", b"words")]))
    number = made.id
    session.commit()
    with clock.turned_to(clock.now() + timedelta(days=3)):
        expire_drafts()
    (file,) = session.get_one(Referral, number).files
    assert blobs.get(file.blob_key) == b"words"


def test_it_may_not_be_theirs(ann: User) -> None:
    made = a_sent_referral(ann)
    service.by_page(made, Verb.DISOWN, Told("Ask AS64501"))
    assert made.state == "not_theirs"
    assert messages(made)[0].text == "Ask AS64501"
    service.by_page(made, Verb.DISOWN, Told("again"))
    assert made.state == "not_theirs"


def test_an_answer_needs_words_or_a_file_and_files_have_limits(ann: User) -> None:
    made = a_sent_referral(ann)
    with pytest.raises(ReferralRefused, match="no_words"):
        service.by_page(made, Verb.ANSWER, Told(" "))
    with pytest.raises(FileRefused, match="too_big"):
        service.by_page(made, Verb.ANSWER, Told("", "", [("big.bin", b"\0" * 20_000_001)]))
    assert messages(made) == []


def test_what_they_said_on_the_telephone(ann: User) -> None:
    draft = a_referral(ann)
    with pytest.raises(ReferralRefused, match="state"):
        service.by_telephone(draft, Verb.ANSWER, "x", ann)
    refer.send(draft, ann)
    with pytest.raises(ReferralRefused, match="no_words"):
        service.by_telephone(draft, Verb.ANSWER, " ", ann)
    service.by_telephone(draft, Verb.RESOLVE, "It is down", ann)
    assert draft.state == "resolved"
    assert last(draft.number).actor == ann.actor


def test_an_answer_by_mail_lands_in_the_thread(ann: User, context: Flask) -> None:
    made = a_sent_referral(ann)
    number, thread = made.number, letter_of(made).message_id
    row = mail("Abuse <ABUSE@harbour.example>", "Re: your mail [Ticket#4711]", thread)
    assert (row.outcome, row.told) == ("reply", number)
    found = session.query(Referral).one()
    assert (found.state, found.their_reference) == ("answered", "4711")
    (message,) = messages(found)
    assert (message.known_sender, message.text, message.receipt) == (True, "We took it down.", row.receipt)
    assert last(number).data == {"how": "mail", "known_sender": True, "files": 0}
    row = mail("abuse@harbour.example", f"{number} [Ticket#9]", "", "Once more")
    assert (row.outcome, row.told) == ("reply", number)
    assert session.query(Referral).one().their_reference == "4711"


def test_a_colleague_in_the_thread_is_of_the_party_and_a_stranger_is_not(ann: User, context: Flask) -> None:
    made = a_sent_referral(ann)
    thread = letter_of(made).message_id
    row = mail("stranger@bad.example", "Re: it is all fine", thread)
    assert row.outcome == "reply"
    found = session.query(Referral).one()
    assert (found.state, found.answered_at) == ("sent", None)
    assert not messages(found)[0].known_sender
    mail("colleague@harbour.example", "Re: we look", thread)
    assert session.query(Referral).one().state == "answered"


def test_a_forged_number_from_a_stranger_is_not_taken_for_an_answer(ann: User, context: Flask) -> None:
    made = a_sent_referral(ann)
    number = made.number
    row = mail("stranger@bad.example", f"Re: [{number}] resolved, please close")
    assert row.outcome == "report"
    assert session.query(Referral).one().state == "sent"
    row = mail("colleague@harbour.example", f"[{number}] a colleague without the thread")
    assert row.outcome == "report"
    row = mail("", f"[{number}] nobody")
    assert row.outcome == "report"
    assert messages(session.query(Referral).one()) == []


def test_another_contact_of_the_party_may_answer_by_number(ann: User, context: Flask) -> None:
    made = a_sent_referral(ann)
    owner = lists.page(lists.View.OPEN, ann).rows[0].organisation
    contact(owner, email="noc@elsewhere.example")
    assert mail("noc@elsewhere.example", f"about {made.number}").outcome == "reply"
    assert session.query(Referral).one().state == "answered"


def test_what_is_about_something_else_is_not_ours(ann: User, context: Flask) -> None:
    draft = a_referral(ann)
    assert mail("abuse@harbour.example", f"[{draft.number}] too early").outcome == "report"
    assert mail("abuse@harbour.example", "[N26-999999-9] nonsense").outcome == "report"
    letter = outbox.post(outbox.Draft("case_letter", "R26-000001-0", "en", "a@b.example", "s", "t"))
    assert mail("abuse@harbour.example", "Re: s", letter.message_id).outcome == "report"


def test_an_encrypted_answer_is_opened_first(ann: User, context: Flask, home: Path) -> None:
    outside = Outside(home / f"outside-{context.extensions['settings'].database_url[:4]}answer")
    made = a_sent_referral(ann)
    thread = letter_of(made).message_id
    outside.gpg.import_keys(crypto.desk().export())
    inner = (
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThe host is off.\r\n'
    )
    inner += (
        "--b\r\nContent-Disposition: attachment; filename=log.txt\r\nContent-Type: text/plain\r\n\r\nlines\r\n--b--\r\n"
    )
    sealed = str(outside.gpg.encrypt(inner.encode(), [crypto.desk().fingerprint], always_trust=True))
    kind = (
        'MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="e"\r\n'
    )
    body = (
        "--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
        f"--e\r\nContent-Type: application/octet-stream\r\n\r\n{sealed}\r\n--e--\r\n"
    )
    assert mail("abuse@harbour.example", "Re: sealed", thread, body, kind).outcome == "reply"
    found = session.query(Referral).one()
    assert messages(found)[0].text == "The host is off."
    assert [file.filename for file in found.files] == ["log.txt"]


def test_an_automatic_answer_moves_nothing(ann: User, context: Flask) -> None:
    made = a_sent_referral(ann)
    thread = letter_of(made).message_id
    assert (
        mail("abuse@harbour.example", "Out of office", thread, more="Auto-Submitted: auto-replied\r\n").outcome
        == "ignored"
    )
    assert session.query(Referral).one().state == "sent"


def test_an_automatic_answer_of_the_party_names_its_number_once(ann: User, context: Flask) -> None:
    made = a_sent_referral(ann)
    thread, by_itself = letter_of(made).message_id, "Auto-Submitted: auto-replied\r\n"
    for sender, subject, kept in (
        ("eve@elsewhere.example", "[Ticket #66] received", ""),
        ("abuse@harbour.example", "We got your mail", ""),
        ("abuse@harbour.example", "[Ticket #77] received", "77"),
        ("abuse@harbour.example", "[Ticket #88] received", "77"),
    ):
        assert mail(sender, subject, thread, more=by_itself).outcome == "ignored"
        found = session.query(Referral).one()
        assert (found.state, found.their_reference) == ("sent", kept)
    assert mail("abuse@harbour.example", "[Ticket #99] received", more=by_itself).outcome == "ignored"
    assert kinds_of(found.number).count("referral.reference_taken") == 1


def test_a_bounce_marks_referral_and_contact_once(ann: User, context: Flask) -> None:
    made = a_sent_referral(ann)
    letter_id = letter_of(made).id
    address = outbox.return_path(letter_id)
    report = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"
    text = "--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: {}\r\n\r\n--b--\r\n"
    for number, status in enumerate(("4.2.2", "4.2.2", "5.1.1", "5.1.1")):
        head = f"Return-Path: <>\r\nDelivered-To: {address}\r\nX-Number: {number}\r\n{report}"
        assert mail("mailer-daemon@mx.example", f"failed {number}", "", text.format(status), head).outcome == "bounce"
    found = session.query(Referral).one()
    assert found.state == "bounced"
    assert session.query(Contact).one().bounces == 1
    assert kinds_of(found.number).count("referral.bounced") == 2
    service.take_bounce(letter_id, Verdict.DELIVERED)
    service.take_bounce(10**9, Verdict.HARD)
    assert service.by_page(found, Verb.ANSWER, Told("we are here")).known_sender
    assert session.query(Contact).one().bounces == 0


def test_a_late_bounce_of_an_answered_referral_changes_no_state(ann: User) -> None:
    made = a_sent_referral(ann)
    service.by_page(made, Verb.ANSWER, Told("done"))
    made.contact_id = None
    service.take_bounce(letter_of(made).id, Verdict.HARD)
    assert made.state == "answered"
    service.by_page(made, Verb.ANSWER, Told("more"))


def test_a_bounce_of_another_letter_is_not_ours(ann: User) -> None:
    letter = outbox.post(outbox.Draft("case_letter", "R26-000001-0", "en", "a@b.example", "s", "t"))
    service.take_bounce(letter.id, Verdict.HARD)
    service.letter_done(letter.id)
    service.letter_done(10**9)


def test_a_letter_that_the_other_side_refuses_bounces(ann: User) -> None:
    made = a_sent_referral(ann)
    letter = letter_of(made)
    outbox.give_up(letter.id, "550 no such user")
    service.letter_done(letter.id)
    assert made.state == "bounced"
    assert refer.send(made, ann) == "sent"
    again = letter_of(made)
    assert again.id != letter.id
    assert again.headers["In-Reply-To"] == letter.message_id


@pytest.fixture
def waiting(ann: User) -> Referral:
    """A referral that left on a Monday at ten; three working days are its time."""
    calendar.seed()
    with clock.turned_to(MONDAY):
        return a_sent_referral(ann)


def test_a_party_is_reminded_twice_and_then_given_up(waiting: Referral, context: Flask) -> None:
    number = waiting.id
    first = letter_of(waiting).message_id
    session.commit()
    states = []
    for day in (7, 8, 13, 19):  # Thursday 10:01, the next day, Wednesday, Tuesday
        for _twice in range(2):
            with clock.turned_to(datetime(2026, 5, day, 2, 1, tzinfo=UTC)):
                remind_parties()
        found = session.get_one(Referral, number)
        states.append((found.state, found.reminders))
        session.commit()
    assert states == [("sent", 1), ("sent", 1), ("sent", 2), ("expired", 2)]
    found = session.get_one(Referral, number)
    letters = outbox.about([found.number])
    assert [each.name for each in letters] == ["referral_takedown", "referral_reminder", "referral_reminder"]
    assert letters[1].headers["In-Reply-To"] == first
    assert letters[1].headers["Auto-Submitted"] == "auto-generated"
    assert kinds_of(found.number)[-1] == "referral.expired"


def test_missed_ticks_lead_to_one_reminder(waiting: Referral) -> None:
    with clock.turned_to(MONDAY + timedelta(days=100)):
        assert reminders.due() == [waiting.id]
        assert service.remind(waiting.id)
        assert not service.remind(waiting.id)
        assert reminders.due() == []


def test_nobody_is_reminded_when_the_clock_is_off_or_stopped(waiting: Referral) -> None:
    with clock.turned_to(MONDAY + timedelta(days=100)):
        assert not service.remind(10**9)
        session.get_one(ClockRule, "referral_answer").enabled = False
        assert reminders.due() == []
        assert not service.remind(waiting.id)
        assert lists.reading(waiting) is None
        session.get_one(ClockRule, "referral_answer").enabled = True
        service.by_page(waiting, Verb.ANSWER, Told("done"))
        reading = lists.reading(waiting)
        assert reading is not None
        assert reading.standing == "missed"
        assert not service.remind(waiting.id)


@pytest.mark.parametrize(("what", "reason"), [("key", "missing"), ("contact", "no_contact")])
def test_a_reminder_that_cannot_be_sealed_or_has_nobody_holds(waiting: Referral, what: str, reason: str) -> None:
    found = session.query(Contact).one()
    found.must_encrypt, found.active = what == "key", what != "contact"
    with clock.turned_to(MONDAY + timedelta(days=10)):
        assert service.remind(waiting.id)
    assert (waiting.state, waiting.held_reason, waiting.reminders) == ("held", reason, 0)


def test_a_case_that_became_red_is_not_reminded_of_by_mail(waiting: Referral, ann: User) -> None:
    labels.set_label(case_at_work(waiting), TLP.RED, "", ann)
    with clock.turned_to(MONDAY + timedelta(days=10)):
        assert service.remind(waiting.id)
    assert (waiting.state, waiting.held_reason, waiting.reminders) == ("held", "tlp_red", 0)


def test_a_link_is_good_for_a_while_and_can_be_revoked(ann: User) -> None:
    draft = a_referral(ann)
    assert link.find(link.token_of(draft)) == (None, Standing.UNKNOWN)
    refer.send(draft, ann)
    token = link.token_of(draft)
    assert link.find(token) == (draft, Standing.GOOD)
    with clock.turned_to(clock.now() + link.LASTS + timedelta(seconds=1)):
        assert link.find(token) == (None, Standing.EXPIRED)
    for wrong in (token + "0", token[:-1], "1.1.x", "", "a.b.c", f"999.1.{token.split('.')[2]}", "²." + token):
        assert link.find(wrong) == (None, Standing.UNKNOWN), wrong
    gone = link._mark(10**6, 1)
    assert link.find(f"{10**6}.1.{gone}") == (None, Standing.UNKNOWN)
    service.revoke_link(draft, ann)
    assert link.find(token) == (None, Standing.REVOKED)
    assert link.find(link.token_of(draft)) == (None, Standing.EXPIRED)
    assert last(draft.number).kind == "referral.link_revoked"


def test_the_timeline_tells_letters_answers_and_what_happened(waiting: Referral, ann: User) -> None:
    service.see(waiting)
    service.by_page(waiting, Verb.ANSWER, Told("We look"))
    with clock.turned_to(MONDAY + timedelta(days=40)):
        waiting.state = "sent"
        session.flush()
        service.remind(waiting.id)
    found: list[Entry] = timeline.of_case_referrals(lists.case_of(waiting, ann), ann)
    assert sorted(each.kind for each in found) == sorted(
        ["referral.drafted", "letter.referral_takedown", "referral.seen", "message.answer", "letter.referral_reminder"]
    )
    who = {each.kind: each.who for each in found}
    assert who["letter.referral_takedown"] == "Ann"
    assert who["letter.referral_reminder"] == "system"
    assert who["message.answer"] == "party"


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("Re: [N26-000001-7] [TLP:AMBER] Request to stop", ""),
        ("[Ticket#2026050410000012] Re: abuse", "2026050410000012"),
        ("Re: abuse (Case ABC-123)", "ABC-123"),
        ("[INC0012345] we have it", "INC0012345"),
        ("RE: Request #4711 closed", "4711"),
        ("參考編號：HK/2026/17 回覆", "HK/2026/17"),
        ("Re: in this case we did nothing", ""),
        ("[#889] hello", "889"),
        ("Re: C26-000123-5 your case", ""),
        ("", ""),
    ],
)
def test_their_number_is_found_in_the_subject(subject: str, told: str) -> None:
    assert their_reference(subject) == told


def test_their_number_stands_in_our_next_subject(waiting: Referral) -> None:
    answers.by_page(waiting, Verb.ACKNOWLEDGE, Told(reference="ABC-123"))
    with clock.turned_to(MONDAY + timedelta(days=10)):
        service.remind(waiting.id)
    letter: Any = session.query(Letter).filter_by(name="referral_reminder").one()
    assert "ABC-123" in letter.subject
    assert contacts.belongs(waiting.organisation_id, letter.recipient)


@pytest.mark.parametrize(("domain", "counts"), [("gmail.com", False), ("desk.example", True)])
def test_a_public_mail_domain_makes_nobody_a_colleague(ann: User, domain: str, counts: bool) -> None:
    referral = a_sent_referral(ann, email=f"abuse@{domain}")
    assert answers._is_theirs(referral, f"abuse@{domain}", True)
    assert answers._is_theirs(referral, f"other@{domain}", True) is counts


@pytest.mark.parametrize(
    ("verb", "state"), [("acknowledge", "acknowledged"), ("answer", "answered"), ("resolve", "resolved")]
)
def test_the_party_of_a_held_reminder_has_the_first_letter_and_its_word_counts(
    waiting: Referral, verb: str, state: str
) -> None:
    session.query(Contact).one().must_encrypt = True
    with clock.turned_to(MONDAY + timedelta(days=10)):
        assert service.remind(waiting.id)
        assert waiting.state == "held"
        service.by_page(waiting, Verb(verb), Told("We look at it."))
    assert waiting.state == state


def test_what_they_said_counts_when_a_reminder_is_held(waiting: Referral, ann: User) -> None:
    refer.hold(waiting, "missing", "system")
    service.by_telephone(waiting, Verb.ANSWER, "We look at it.", ann)
    assert waiting.state == "answered"


def test_the_number_of_a_held_letter_that_never_left_is_no_answer(ann: User, context: Flask) -> None:
    made = a_referral(ann, must_encrypt=True)
    assert refer.send(made, ann) == "held"
    number, here = made.number, made.id
    mail("abuse@harbour.example", f"Re: [{number}]")
    assert session.get_one(Referral, here).state == "held"


MACHINES = [
    "Auto-Submitted: auto-generated",
    "Precedence: bulk",
    "Precedence: junk",
    "X-Loop: tickets",
    "X-RT-Loop-Prevention: cert.example",
    "X-RT-Originator: report@portal.example",
    "X-Auto-Response-Suppress: All",
    "X-Zendesk-From-Account-Id: 1",
    "X-JIRA-FingerPrint: a",
]


@pytest.mark.parametrize("mark", MACHINES)
def test_the_receipt_of_a_ticket_system_is_kept_and_is_no_answer(ann: User, context: Flask, mark: str) -> None:
    made = a_sent_referral(ann)
    thread = letter_of(made).message_id
    got = mail("abuse@harbour.example", "[Ticket #7] received", thread, "We look into it.", f"{mark}\r\n")
    assert (got.outcome, got.told) == ("reply", made.number)
    found = session.query(Referral).one()
    assert (found.state, found.answered_at) == ("sent", None)
    assert [(each.how, each.text) for each in messages(found)] == [("machine", "We look into it.")]
    assert kinds_of(found.number)[-2:] == ["referral.machine_wrote", "referral.reference_taken"]
    assert found.their_reference == "7"
    mail("abuse@harbour.example", "Re: it is off", thread, more="X-RT-Originator: kim@harbour.example\r\n")
    found = session.query(Referral).one()
    assert found.state == "answered", "Request Tracker says that a person acted"
