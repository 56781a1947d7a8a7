"""Passing a case on: prepared, shown, sealed as it must be or held, sent once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cert_portal import config
from cert_portal.cases import exercising, labels, reviewing
from cert_portal.cases import service as cases
from cert_portal.cases.models import Case
from cert_portal.cases.visible import reports_of
from cert_portal.config import current
from cert_portal.coordination import consent, letters, link, lists, refer, timeline
from cert_portal.coordination.bound import label_of
from cert_portal.coordination.letters import Purpose, post, written
from cert_portal.coordination.link import case_at_work
from cert_portal.coordination.lists import View
from cert_portal.coordination.models import Referral
from cert_portal.coordination.proposals import observables_of, proposals
from cert_portal.coordination.refer import Content
from cert_portal.coordination.sealing import Seal, Sealing
from cert_portal.coordination.visible import find_referral, hidden_referrals
from cert_portal.coordination.workflow import MOVES, ReferralRefused, State, Verb, move, table
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail import exercise, outbox
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.outgoing import LetterState
from cert_portal.core.tlp import TLP
from cert_portal.directory import calendar, contacts, keys, organisations
from cert_portal.directory.models import User
from cert_portal.directory.parties import Contact
from cert_portal.intake import consents
from cert_portal.intake.models import Observable
from cert_portal.monitoring import findings
from cert_portal.monitoring.machine_mail import Seen
from cert_portal.monitoring.models import Finding
from tests.cases.desk import a_report, kinds_of, last, person
from tests.coordination.desk import TEXT, a_case, a_party, a_referral, a_sent_referral, deliver, letter_of
from tests.directory.parties import ABUSE, HARBOUR, Outside, contact, party
from workers.mail import send_letter


def content(referral: Referral, **more: Any) -> Content:
    told = Content(referral.contact_id, referral.purpose, referral.language, referral.tlp)
    return replace(told, **more)


def refused(work: Any) -> str:
    with pytest.raises(ReferralRefused) as error:
        work()
    return error.value.reason


def test_the_directory_proposes_whom_a_case_concerns(ann: User) -> None:
    owner, desk = a_party()
    case = a_case(ann, "isp")
    found = proposals(case, ann)
    (only,) = found.parties
    assert (only.organisation.id, only.contact) == (owner.id, desk)
    assert only.observables == [
        ["domain", "www.harbour.example"],
        ["ip", "203.0.113.7"],
        ["url", "https://www.harbour.example/login"],
    ]
    assert [step["code"] for step in only.reasons[1]] == ["network", "held", "contact"]
    assert found.nobody == []
    assert ("email", "rita@victim.example") not in observables_of(case, ann)


def test_what_nobody_answers_for_is_told(ann: User) -> None:
    found = proposals(a_case(ann), ann)
    assert found.parties == []
    assert ("ip", "203.0.113.7") in found.nobody


def test_a_referral_is_prepared_and_nothing_leaves(ann: User) -> None:
    made = a_referral(ann)
    assert made.number.startswith("N")
    assert (made.state, made.purpose, made.language, made.tlp) == ("draft", "takedown", "en", "TLP:AMBER")
    assert kinds_of(made.number) == ["referral.drafted"]
    assert session.query(Letter).filter_by(about=made.number).count() == 0
    told = letters.written(made)
    assert told.subject.startswith(f"[{made.number}] [TLP:AMBER] ")
    assert told.text.startswith("TLP:AMBER\n")
    assert "hxxps://www[.]harbour[.]example/login" in told.text
    assert "https://www.harbour" not in told.text
    assert link.token_of(made) in told.text
    assert "Rita" not in told.text
    assert "rita@" not in told.text


def test_only_open_cases_and_parties_in_use(ann: User) -> None:
    owner, _desk = a_party()
    case = a_case(ann)
    organisations.change(owner, replace(HARBOUR, active=False), "system")
    assert refused(lambda: refer.prepare(case, owner, ann)) == "unknown_party"
    organisations.change(owner, HARBOUR, "system")
    case.state = "closed"
    assert refused(lambda: refer.prepare(case, owner, ann)) == "case_closed"


@pytest.mark.parametrize(
    ("kind", "country", "languages", "purpose", "language"),
    [
        ("isp", "HK", ["zh-hant", "en"], "takedown", "zh-hant"),
        ("isp", "", ["fr"], "takedown", "en"),
        ("police", "HK", ["zh"], "inform", "zh-hant"),
        ("cert", "XA", ["zh", "en"], "cert", "en"),
        ("vendor", "HK", [], "takedown", "en"),
    ],
)
def test_each_party_gets_its_letter(
    ann: User, kind: str, country: str, languages: list[str], purpose: str, language: str
) -> None:
    owner = party(kind=kind, country=country)
    contact(owner, languages=languages)
    made = refer.prepare(a_case(ann), owner, ann)
    assert (made.purpose, made.language) == (purpose, language)


@pytest.mark.parametrize("purpose", [*Purpose, "reminder"])
@pytest.mark.parametrize("language", ["en", "zh-hant"])
@pytest.mark.parametrize("full", [True, False])
def test_every_letter_can_be_written(ann: User, purpose: str, language: str, full: bool) -> None:
    made = a_referral(ann)
    made.language = language
    if full:
        calendar.seed()
        made.their_reference, made.note, made.deadline_on = "ABC-1", "Our own words", date(2026, 5, 6)
    else:
        made.observables = []
    told = letters.written(made, f"referral_{purpose}")
    assert told.subject.startswith(f"[{made.number}] [TLP:AMBER] ")
    assert ("ABC-1" in told.subject) is full
    assert told.text.startswith("TLP:AMBER\n")
    assert link.address_of(made) in told.text
    assert ("Our own words" in told.text) is (full and purpose != "reminder")


@pytest.mark.parametrize("purpose", [*Purpose, "reminder"])
def test_a_kind_that_nobody_settled_is_in_no_letter_to_a_party(ann: User, purpose: str) -> None:
    made = a_referral(ann)
    case_at_work(made).kind = "not_sure"
    for language, unsettled in (("en", "not sure"), ("zh-hant", "不確定")):
        made.language = language
        told = letters.written(made, f"referral_{purpose}")
        assert not any(each in told.subject + told.text for each in (unsettled, "()", "（）"))
        assert told.subject.rstrip()[-1] not in ":："


def test_without_a_known_way_there_is_no_contact(ann: User) -> None:
    owner = party()
    made = refer.prepare(a_case(ann, "isp"), owner, ann)
    assert refer.sealing(made) is None
    assert refer.hindrances(made) == ["no_contact"]
    assert refused(lambda: refer.send(made, ann)) == "no_contact"
    late = contact(owner)
    refer.change(made, content(made, contact_id=late.id), ann)
    assert refer.contact_of(made) is late
    contacts.change(late, replace(ABUSE, active=False), "system")
    assert refer.contact_of(made) is None


def test_what_it_says_can_be_changed_until_it_leaves(ann: User) -> None:
    made = a_referral(ann)
    pair = ["ip", "203.0.113.7"]
    refer.change(made, content(made, note=" Look \x00here ", observables=[pair, pair], tlp="TLP:GREEN"), ann)
    assert (made.note, made.observables, made.tlp) == ("Look here", [pair], "TLP:GREEN")
    assert kinds_of(made.number)[-1] == "referral.changed"
    other = contact(party(name_en="Other", asns=[], prefixes=[], domains=[]))
    assert refused(lambda: refer.change(made, content(made, contact_id=other.id), ann)) == "unknown_contact"
    assert refused(lambda: refer.change(made, content(made, contact_id=10**9), ann)) == "unknown_contact"
    assert refused(lambda: refer.change(made, content(made, purpose="x"), ann)) == "unknown_purpose"
    assert refused(lambda: refer.change(made, content(made, language="fr"), ann)) == "unknown_purpose"
    assert refused(lambda: refer.change(made, content(made, tlp="x"), ann)) == "unknown_tlp"
    refer.change(made, content(made, contact_id=None), ann)
    assert refer.contact_of(made) is None
    made.state = State.SENT
    session.flush()
    assert refused(lambda: refer.change(made, content(made), ann)) == "state"


def test_it_leaves_signed_and_says_so(ann: User, context: Flask) -> None:
    made = a_sent_referral(ann)
    letter, number = letter_of(made), made.number
    assert (made.recipient, made.state, letter.encrypt_to) == ("abuse@harbour.example", "sent", None)
    assert kinds_of(made.number) == ["referral.drafted", "referral.sent"]
    assert last(made.number).data["sealing"] == "signed"
    case = lists.case_of(made, ann)
    assert last(case.number).kind == "case.referred"
    message = deliver(letter)
    assert message.get_content_type() == "multipart/signed"
    assert message["To"] == "abuse@harbour.example"
    assert number in message["Subject"]
    assert "[TLP:AMBER]" in message["Subject"]


def test_two_people_send_it_once(ann: User) -> None:
    made = a_referral(ann)
    bob = person("Bob")
    refer.send(made, ann)
    assert refused(lambda: refer.send(made, bob)) == "state"
    assert len(outbox.about([made.number])) == 1


def test_two_presses_at_the_same_moment_send_it_once(app: Flask) -> None:
    start_writing()
    with app.app_context():
        ann = person()
        number, user = a_referral(ann).id, ann.id
        session.commit()
    together, found = Barrier(2), list[str]()

    def press() -> None:
        with app.app_context():
            together.wait()
            try:
                found.append(refer.send(session.get_one(Referral, number), session.get_one(User, user)))
                session.commit()
            except ReferralRefused as error:
                session.rollback()
                found.append(error.reason)

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["sent", "state"]
    with app.app_context():
        assert session.query(Letter).filter(Letter.name == "referral_takedown").count() == 1


def test_with_a_key_it_leaves_encrypted_and_only_the_party_can_open_it(ann: User, context: Flask, home: Path) -> None:
    outside = Outside(home / f"outside-{context.extensions['settings'].database_url[:4]}refer")
    made = a_referral(ann)
    owner = lists.page(View.OPEN, ann).rows[0].organisation
    fingerprint = outside.give_key(owner)
    contacts.change(contacts.of(owner)[0], replace(ABUSE, key_fingerprint=fingerprint, must_encrypt=True), "system")
    how = refer.sealing(made)
    assert how is not None
    assert (how.seal, how.required) == ("encrypted", ("contact",))
    refer.send(made, ann)
    letter = letter_of(made)
    message = deliver(letter)
    assert message.get_content_type() == "multipart/encrypted"
    block = message.get_payload()[1].get_payload(decode=True)
    assert b"harbour[.]example" not in block
    outside.gpg.import_keys(_desk_key())
    text, signer = outside.open(block)
    assert signer == current().desk_key
    assert "Content-Type: text/plain" in text
    assert session.get_one(Letter, letter_of(made).id).sealing == "encrypted"


def _desk_key() -> str:
    from_ring = current().instance_dir / "gnupg" / "desk"
    return Outside.export(from_ring, current().desk_key)


@pytest.mark.parametrize(
    ("more", "tlp", "restricted", "required"),
    [
        ({}, "TLP:AMBER+STRICT", False, ("tlp",)),
        ({"tlp": "TLP:GREEN"}, "TLP:AMBER", False, ("tlp_above",)),
        ({}, "TLP:AMBER", True, ("restricted",)),
        ({"must_encrypt": True}, "TLP:CLEAR", False, ("contact",)),
    ],
)
def test_where_a_key_is_needed_and_missing_nothing_leaves(
    ann: User, more: dict[str, Any], tlp: str, restricted: bool, required: tuple[str, ...]
) -> None:
    made = a_referral(ann, **more)
    if restricted:
        cases.restrict(lists.case_of(made, ann), "the press asks", ann)
    made.tlp = tlp
    how = refer.sealing(made)
    assert how is not None
    assert (how.seal, how.required[:1], how.trouble) == ("held", required, "missing")
    for _twice in range(2):
        assert refer.send(made, ann) == "held"
    assert (made.state, made.held_reason, made.letter_id) == ("held", "missing", None)
    assert kinds_of(made.number).count("referral.held") == 1
    assert outbox.about([made.number]) == []


@pytest.mark.parametrize(("facts", "trouble"), [({"revoked": True}, "revoked"), ({"expires_at": True}, "expired")])
def test_an_expired_or_revoked_key_holds_and_a_good_one_lets_go(
    ann: User, home: Path, facts: dict[str, Any], trouble: str
) -> None:
    made = a_referral(ann, must_encrypt=True)
    owner = lists.page(View.OPEN, ann).rows[0].organisation
    row = keys.keep(owner, keys.KeyFacts("A" * 40, ["x"], None, None, False, True), "system")
    contacts.change(contacts.of(owner)[0], replace(ABUSE, key_fingerprint="A" * 40, must_encrypt=True), "system")
    row.revoked = facts.get("revoked", False)
    row.expires_at = clock.now() - timedelta(seconds=1) if facts.get("expires_at") else None
    assert refer.send(made, ann) == "held"
    assert made.held_reason == trouble
    row.revoked, row.expires_at = False, None
    assert refer.send(made, ann) == "sent"
    assert letter_of(made).encrypt_to == "A" * 40
    assert made.held_reason == ""


def test_a_key_that_fails_at_the_last_moment_holds_the_referral(ann: User, context: Flask) -> None:
    made = a_referral(ann, must_encrypt=True)
    owner = lists.page(View.OPEN, ann).rows[0].organisation
    keys.keep(owner, keys.KeyFacts("B" * 40, ["x"], None, None, False, True), "system")
    contacts.change(contacts.of(owner)[0], replace(ABUSE, key_fingerprint="B" * 40, must_encrypt=True), "system")
    refer.send(made, ann)
    letter_id, number = made.letter_id, made.id
    session.commit()
    send_letter(letter_id)
    assert session.get_one(Letter, letter_id).state == LetterState.HELD
    again = session.get_one(Referral, number)
    assert (again.state, again.held_reason) == ("held", "sealing")


def test_red_never_leaves_by_mail(ann: User) -> None:
    made = a_referral(ann)
    refer.change(made, content(made, tlp="TLP:RED"), ann)
    assert refer.hindrances(made) == ["tlp_red"]
    assert refused(lambda: refer.send(made, ann)) == "tlp_red"


def test_a_red_case_is_passed_on_by_no_mail(ann: User) -> None:
    made = a_referral(ann)
    labels.set_label(case_at_work(made), TLP.RED, "", ann)
    assert refer.hindrances(made) == ["tlp_red"]
    assert refused(lambda: refer.send(made, ann)) == "tlp_red"
    with pytest.raises(outbox.NotByMail, match="red"):
        post(made, session.get_one(Contact, made.contact_id), Sealing(Seal.PLAIN, "", (), ""))


@pytest.mark.parametrize(
    ("marks", "label", "held_back"),
    [
        (["TLP:RED"], "TLP:RED", ["tlp_red"]),
        (["TLP:AMBER+STRICT"], "TLP:AMBER+STRICT", []),
        (["TLP:RED", "TLP:AMBER+STRICT"], "TLP:AMBER+STRICT", []),
        (["TLP:RED", ""], "TLP:AMBER", []),
        (["TLP:RED", "what is this"], "TLP:AMBER", []),
        (["TLP:CLEAR"], "TLP:AMBER", []),
    ],
)
def test_a_value_travels_no_further_than_who_told_it_allows(
    ann: User, marks: list[str], label: str, held_back: list[str]
) -> None:
    made = a_referral(ann)
    case = case_at_work(made)
    [report] = reports_of(case, ann)
    for mark, each in zip(marks, [report, *(a_report(TEXT, consents=["isp"]) for _ in marks[1:])], strict=True):
        each.details = {**each.details, "restriction": mark}
        cases.attach(case, [each], ann)
    assert (label_of(made), refer.hindrances(made)) == (label, held_back)
    assert f"[{label}]" in written(made).subject
    if label == "TLP:AMBER+STRICT":
        how = refer.sealing(made)
        assert how is not None
        assert how.required == ("tlp", "tlp_above")
    refer.change(made, content(made, observables=[]), ann)
    assert label_of(made) == "TLP:AMBER", "it names nothing any more"


def test_a_value_of_a_person_or_a_machine_has_a_mark_too(ann: User) -> None:
    owner, _desk = a_party()
    case = a_case(ann, "isp")
    made = refer.prepare(case, owner, ann, observables=[("ip", "192.0.2.9"), ("domain", "new.example")])
    assert label_of(made) == "TLP:AMBER"
    findings.keep([Seen("a feed", "phishing", ip="192.0.2.9", restriction="TLP:AMBER+STRICT", raw={"n": 1})], None)
    session.flush()
    cases.attach_findings(case, list(session.query(Finding)), ann)
    assert label_of(made) == "TLP:AMBER+STRICT"
    reviewing.paste(case, "192.0.2.9", ann)
    assert label_of(made) == "TLP:AMBER", "one of us knows it from elsewhere"
    labels.set_label(case, TLP.AMBER_STRICT, "", ann)
    assert label_of(made) == "TLP:AMBER+STRICT"


def test_what_a_red_case_holds_is_red_in_every_referral(ann: User) -> None:
    owner, _desk = a_party()
    case = a_case(ann, "isp")
    (report,) = reports_of(case, ann)
    value = ("domain", session.scalars(select(Observable.value).where(Observable.kind == "domain")).first() or "")
    made = refer.prepare(case, owner, ann, observables=[value])
    assert label_of(made) == "TLP:AMBER"
    other = cases.open_case([a_report("Another")], ann, title="Another", kind="phishing")
    cases.attach(other, [report], ann)
    labels.set_label(other, TLP.RED, "", ann)
    session.flush()
    assert label_of(made) == "TLP:RED"


def test_a_case_of_an_exercise_is_passed_on_to_registered_addresses_alone(ann: User) -> None:
    made = a_referral(ann)
    exercising.mark_case(case_at_work(made), True, "spring", ann)
    assert refer.hindrances(made) == ["exercise"]
    shown = letters.written(made)
    assert shown.subject.startswith("[EXERCISE 演習]")
    assert shown.text.count("*** EXERCISE") == 2
    assert refused(lambda: refer.send(made, ann)) == "exercise"
    exercise.add(session.get_one(Contact, made.contact_id).email, "", ann.actor)
    assert refer.send(made, ann) == "sent"
    assert letter_of(made).subject == letters.written(made).subject


def test_without_a_desk_key_the_screen_says_so(ann: User) -> None:
    made = a_referral(ann)
    here = current()
    config.use(replace(here, desk_key=""))
    how = refer.sealing(made)
    config.use(here)
    assert how is not None
    assert how.seal == "none"


@pytest.mark.parametrize(
    ("kind", "body", "asked"),
    [
        ("police", "police", "police"),
        ("regulator", "pcpd", "pcpd"),
        ("regulator", "ofca", "recorded"),
        ("media", "", "recorded"),
        ("isp", "", "isp"),
        ("registrar", "", "isp"),
        ("cert", "", ""),
        ("vendor", "", ""),
    ],
)
def test_who_needs_which_consent(ann: User, kind: str, body: str, asked: str) -> None:
    owner = party(kind=kind, body=body)
    contact(owner)
    assert consent.asked_by(owner) == asked
    made = refer.prepare(a_case(ann), owner, ann)
    assert refer.hindrances(made) == (["consent"] if asked else [])
    if asked:
        assert refused(lambda: refer.send(made, ann)) == "consent"


def test_the_reporters_own_tick_is_consent_when_every_reporter_gave_it(ann: User) -> None:
    owner = party(kind="police", body="police")
    contact(owner)
    case = a_case(ann, "police", "isp")
    made = refer.prepare(case, owner, ann)
    assert consent.consent_of(made).ticked
    silent = a_case(ann)
    cases.attach(case, reports_of(silent, ann), ann)
    assert not consent.consent_of(made).given


def test_a_consent_that_was_taken_back_no_longer_counts(ann: User) -> None:
    made = a_referral(ann, "isp")
    [report] = reports_of(session.get_one(Case, made.case_id), ann)
    consent.record_consent(made, "The manager", None, ann)
    assert refer.hindrances(made) == []
    consents.withdraw(report)
    found = consent.consent_of(made)
    assert (found.ticked, found.recorded, found.withdrawn) == (False, False, consents.withdrawn_at(report))
    assert refused(lambda: refer.send(made, ann)) == "consent"
    consent.record_consent(made, "The manager, asked again", None, ann)
    assert refer.send(made, ann) == "sent"


def test_the_letter_speaks_of_consent_only_where_one_was_asked_and_given(ann: User) -> None:
    police = party(kind="police", body="police", name_en="Police", asns=[], prefixes=[], domains=[])
    bank = party(kind="bank", name_en="Bank", asns=[], prefixes=[], domains=[])
    case = a_case(ann)
    to_police, to_bank = (refer.prepare(case, each, ann) for each in (police, bank))
    assert "agreed" not in letters.written(to_police).text
    consent.record_consent(to_police, "The manager", None, ann)
    assert "Those affected agreed" in letters.written(to_police).text
    assert "agreed" not in letters.written(to_bank).text


def test_a_consent_is_recorded_with_who_and_when(ann: User) -> None:
    made = a_referral(ann, "statistics")
    assert refused(lambda: consent.record_consent(made, " ", None, ann)) == "who_missing"
    late = clock.now() + timedelta(hours=1)
    assert refused(lambda: consent.record_consent(made, "The manager", late, ann)) == "future"
    at = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)
    consent.record_consent(made, " The  manager ", at, ann)
    assert (made.consent_who, made.consent_at) == ("The manager", at)
    event = last(made.number)
    assert (event.kind, event.data, event.text) == (
        "referral.consented",
        {"who": ann.actor, "given": at.isoformat()},
        "The manager",
    )
    assert refer.send(made, ann) == "sent"
    assert refused(lambda: consent.record_consent(made, "x", None, ann)) == "state"


def test_a_draft_can_be_thrown_away_and_nothing_else(ann: User) -> None:
    made, number = a_referral(ann), ""
    number = made.number
    refer.drop(made, ann)
    assert find_referral(number, ann) is None
    assert last(number).kind == "referral.dropped"
    gone = Referral(id=made.id)
    assert refused(lambda: refer._hold_row(gone)) == "state"


def test_what_left_cannot_be_thrown_away(ann: User) -> None:
    made = a_sent_referral(ann)
    assert refused(lambda: refer.drop(made, ann)) == "state"
    made.state = State.HELD
    session.flush()
    assert refused(lambda: refer.drop(made, ann)) == "state"


def test_only_who_may_see_the_case_sees_its_referrals(ann: User) -> None:
    made = a_sent_referral(ann)
    bob, case = person("Bob"), lists.case_of(made, ann)
    assert find_referral(made.number.lower().replace("-", " "), bob) is made
    assert find_referral("C26-000001-0", bob) is None
    assert find_referral("nonsense", bob) is None
    assert find_referral(case.number, bob) is None
    assert timeline.of_case_referrals(case, bob) != []
    cases.restrict(case, "the press asks", ann)
    assert find_referral(made.number, bob) is None
    assert find_referral(made.number, ann) is made
    assert lists.page(View.OPEN, bob).rows == []
    assert lists.counts(bob)[View.OPEN] == 0
    assert timeline.of_case_referrals(case, bob) == []
    assert list(session.scalars(hidden_referrals(bob))) == [made.number]
    assert list(session.scalars(hidden_referrals(ann))) == []


def test_the_lists_and_their_pages(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    calendar.seed()
    draft = a_referral(ann)
    owner, case = lists.page(View.OPEN, ann).rows[0].organisation, lists.case_of(draft, ann)
    sent, done, over = (refer.prepare(case, owner, ann) for _ in range(3))
    for each in (sent, done, over):
        refer.send(each, ann)
    move(done, Verb.RESOLVE)
    move(over, Verb.DISOWN)
    session.flush()
    assert [row.referral for row in lists.page(View.OPEN, ann).rows] == [draft, sent]
    assert [row.referral for row in lists.page(View.WAITING, ann).rows] == [sent]
    assert [row.referral for row in lists.page(View.OURS, ann).rows] == [draft]
    assert [row.referral for row in lists.page(View.OVER, ann).rows] == [over, done]
    assert lists.counts(ann) == {View.OPEN: 2, View.WAITING: 1, View.OURS: 1}
    assert lists.reading(draft) is None
    assert refused(lambda: move(draft, Verb.SEE)) == "state"
    reading = lists.reading(sent)
    assert reading is not None
    assert reading.standing == "in_time"
    assert lists.reading(done) is None
    monkeypatch.setattr(lists, "PAGE", 1)
    first = lists.page(View.OPEN, ann)
    assert [row.referral for row in lists.page(View.OPEN, ann, first.after).rows] == [sent]
    first = lists.page(View.OVER, ann)
    assert [row.referral for row in lists.page(View.OVER, ann, first.after).rows] == [done]
    assert [row.referral for row in lists.of_case(case, ann)] == [draft, sent, done, over]


def test_the_table_of_moves_names_every_state_and_verb() -> None:
    assert set(MOVES) == set(Verb)
    assert all(str(state) in table() for state in State)


def test_in_a_closed_case_nothing_is_left_to_do_and_nothing_leaves(ann: User) -> None:
    draft = a_referral(ann)
    case = lists.case_of(draft, ann)
    answered, waiting = (refer.prepare(case, lists.of_case(case, ann)[0].organisation, ann) for _ in range(2))
    for each in (answered, waiting):
        refer.send(each, ann)
    move(answered, Verb.ANSWER)
    case.state = "closed"
    session.flush()
    assert [row.referral for row in lists.page(View.OPEN, ann).rows] == [waiting]
    assert lists.page(View.OURS, ann).rows == []
    assert [row.referral for row in lists.page(View.OVER, ann).rows] == [answered, draft]
    assert lists.counts(ann) == {View.OPEN: 1, View.WAITING: 1, View.OURS: 0}
    assert refused(lambda: refer.send(draft, ann)) == "case_closed"


def test_a_letter_and_its_consent_say_nothing_of_a_report_that_another_case_hides(ann: User) -> None:
    owner = party(kind="police", body="police")
    contact(owner)
    case, secret = a_case(ann, "police"), a_case(ann, restricted=True)
    [kept] = reports_of(secret, ann)
    cases.attach(case, [kept], ann)
    made = refer.prepare(case, owner, ann, observables=[("url", "https://www.harbour.example/login")])
    assert "Reports about it: 1\n" in letters.written(made).text
    assert consent.consent_of(made).ticked
    only_there = a_report("And https://other.example/x", consents=[])
    cases.attach(secret, [only_there], ann)
    cases.attach(case, [only_there], ann)
    assert consent.consent_of(made).ticked
    told = refer.prepare(case, owner, ann, observables=[("url", "https://other.example/x")])
    assert not consent.consent_of(told).ticked
