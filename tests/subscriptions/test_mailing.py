"""One signed text to many: everybody once, nobody who left, killed and gone on with."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from cert_portal import config
from cert_portal.core import clock, crypto
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.i18n import Language
from cert_portal.core.mail import bulk, outbox
from cert_portal.core.mail.journal import Journal
from cert_portal.core.mail.message import parse
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.outgoing import LetterState
from cert_portal.directory.models import User
from cert_portal.publishing import verify
from cert_portal.subscriptions import mailing, service
from cert_portal.subscriptions.models import Mailing, Rhythm, SubscriberState
from cert_portal.subscriptions.service import Wishes
from tests.cases.desk import NOW
from tests.publishing.press import PLAIN, published
from tests.servers import free_port
from tests.subscriptions.readers import WISHES, subscribed
from workers import subscriptions as jobs
from workers.mail import send_letter
from workers.subscriptions import send_mailing
from workers.sweep import sweep


class Sink:
    """Takes everything but what its address says, and keeps the bytes."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.senders: list[str] = []
        self.closed = False

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.closed:
            return "421 closing"
        if address.startswith("never"):
            return "550 5.1.1 no such person"
        if address.startswith("later"):
            return "451 come back"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.got.append(bytes(envelope.content))
        self.senders.append(envelope.mail_from)
        return "250 OK"


@pytest.fixture
def sink(context: Flask) -> Iterator[Sink]:
    """A mail server of this machine."""
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), decode_data=False)
    controller.start()
    here = config.current()
    config.use(replace(here, smtp_url=f"smtp://127.0.0.1:{controller.port}"))
    yield handler
    controller.stop()
    config.use(here)


def send_everything() -> None:
    """Run the jobs of all mailings until they are done."""
    numbers = [each.id for each in session.query(Mailing)]
    session.commit()
    for number in numbers:
        send_mailing(number)
    session.rollback()


def test_everybody_who_asked_for_it_gets_it_once(eva: User, fred: User, sink: Sink) -> None:
    for number in range(7):
        subscribed(f"r{number}@shop.example")
    zh = subscribed("zh@shop.example", Wishes(Language.ZH_HANT, 2, Rhythm.AT_ONCE))
    subscribed("picky@shop.example", Wishes(Language.EN, 4, Rhythm.BOTH))
    subscribed("digest@shop.example", Wishes(Language.EN, 1, Rhythm.DIGEST))
    gone = subscribed("gone@shop.example")
    service.request("unconfirmed@shop.example", WISHES)
    published(eva, fred)
    service.end(gone, "page")
    subscribed("new@shop.example").confirmed_at = clock.now() + timedelta(minutes=1)
    send_everything()
    send_everything()
    told = sorted(parse(raw).headers["to"] for raw in sink.got)
    assert told == [*(f"r{number}@shop.example" for number in range(7)), zh.address]
    assert len({parse(raw).message_id for raw in sink.got}) == 8
    done = [event.data for event in session.query(Event).filter_by(kind="advisory.announced").order_by(Event.id)]
    assert [(each["language"], each["letters"]) for each in done] == [("en", 7), ("zh-hant", 1)]
    assert mailing.unfinished() == []
    assert [each.letters for each in mailing.latest()] == [1, 7]


def test_what_a_letter_carries(eva: User, fred: User, sink: Sink, tmp_path: Path) -> None:
    found = subscribed("ann@shop.example")
    published(eva, fred, PLAIN)
    send_everything()
    letter = parse(sink.got[0])
    token = service.token_of(found)
    assert letter.headers["list-unsubscribe"] == f"<{config.current().base_url}/unsubscribe/{token}>"
    assert letter.headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert letter.headers["list-id"] == "Security advisories <advisories.portal.example>"
    assert letter.headers["auto-submitted"] == "auto-generated"
    assert letter.sender == "advisories@portal.example"
    assert letter.subject.startswith("[TLP:CLEAR] CP-A-2026-0001")
    assert token not in letter.text
    assert outbox.letter_of_return_path([sink.senders[0]]) == session.query(Letter).filter_by(name="advisory").one().id
    assert verify.check(sink.got[0]) is not None
    told = notmuch(tmp_path, sink.got[0])
    assert '"status": "good"' in told


def notmuch(folder: Path, raw: bytes) -> str:
    """What another mail program says of a signature, with nothing but the public key."""
    mails, home = folder / "mail", Path(tempfile.mkdtemp(prefix="nm", dir="/tmp"))
    for name in ("cur", "new", "tmp"):
        (mails / name).mkdir(parents=True)
    (mails / "new" / "1").write_bytes(raw)
    key = folder / "key.asc"
    key.write_text(crypto.publication().export(), "ascii")
    settings = folder / "notmuch"
    settings.write_text(f"[database]\npath={mails}\n[user]\nname=x\nprimary_email=x@y.example\n", "ascii")
    environment = {"NOTMUCH_CONFIG": str(settings), "GNUPGHOME": str(home), "PATH": "/usr/bin", "HOME": str(folder)}
    run = {"env": environment, "check": True, "capture_output": True}
    subprocess.run(["gpg", "-q", "--batch", "--import", str(key)], **run)  # type: ignore[call-overload]
    subprocess.run(["notmuch", "new", "--quiet"], **run)  # type: ignore[call-overload]
    done = subprocess.run(["notmuch", "show", "--format=json", "--verify", "*"], **run)  # type: ignore[call-overload]
    subprocess.run(["gpgconf", "--kill", "all"], env=environment, check=False)
    shutil.rmtree(home, ignore_errors=True)
    return str(done.stdout.decode())


def test_refused_for_good_suspends_and_for_now_waits(eva: User, fred: User, sink: Sink) -> None:
    never = subscribed("never@shop.example")
    subscribed("later@shop.example")
    subscribed("good@shop.example")
    published(eva, fred)
    send_everything()
    states = {each.recipient: each.state for each in session.query(Letter).filter_by(name="advisory")}
    assert states == {
        "never@shop.example": LetterState.FAILED,
        "later@shop.example": LetterState.QUEUED,
        "good@shop.example": LetterState.SENT,
    }
    session.refresh(never)
    assert never.state == SubscriberState.SUSPENDED


def test_a_letter_of_the_outbox_that_is_refused_suspends_too(eva: User, fred: User, sink: Sink) -> None:
    found = subscribed("never@shop.example")
    number = outbox.post(outbox.Draft("digest", "digest:2026-05-01", "en", "never@shop.example", "x", "y")).id
    session.commit()
    send_letter(number)
    session.refresh(found)
    assert found.state == SubscriberState.SUSPENDED


def test_a_blocked_way_out_puts_all_off_and_goes_on_later(eva: User, fred: User, sink: Sink) -> None:
    for number in range(3):
        subscribed(f"r{number}@shop.example")
    published(eva, fred)
    here = config.current()
    config.use(replace(here, smtp_url=f"smtp://127.0.0.1:{free_port()}"))
    send_everything()
    assert {each.state for each in session.query(Letter).filter_by(name="advisory")} == {LetterState.QUEUED}
    config.use(here)
    with clock.turned_to(clock.now() + timedelta(minutes=3)):
        waiting = outbox.unfinished()
        assert len([each for each in waiting if session.get_one(Letter, each).name == "advisory"]) == 3
        assert len(mailing.unfinished()) == 1
        session.commit()
        for number in waiting:
            send_letter(number)
    assert len(sink.got) >= 3
    session.rollback()


def test_a_kill_in_the_middle_loses_nobody(eva: User, fred: User, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    for number in range(5):
        subscribed(f"r{number}@shop.example")
    published(eva, fred)
    [number] = [each.id for each in session.query(Mailing).filter_by(language="en")]
    session.commit()
    note = Journal.note

    def kill(journal: Journal, letter_id: int) -> None:
        if len(sink.got) == 3:
            raise Killed
        note(journal, letter_id)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "note", kill)
        with pytest.raises(Killed):
            send_mailing(number)
    session.rollback()
    send_mailing(number)
    with clock.turned_to(clock.now() + timedelta(minutes=2)), Journal() as alive:
        sweep()
        alive.note(0)
        sweep()
        for each in outbox.unfinished():
            session.rollback()
            send_letter(each)
        alive.forget()
    session.rollback()
    assert not list((config.current().instance_dir / "sending").iterdir())
    ids = [parse(raw).message_id for raw in sink.got if b"CP-A" in raw]
    assert (len(set(ids)), len(ids)) == (5, 6)


def test_a_slow_server_does_not_let_the_lease_end(
    eva: User, fred: User, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed: list[int] = []
    for number in range(3):
        subscribed(f"r{number}@shop.example")
    published(eva, fred)
    times = iter(NOW + timedelta(seconds=40 * step) for step in range(100))
    real = bulk.renew

    def remember(ids: list[int]) -> None:
        renewed.append(len(ids))
        real(ids)

    monkeypatch.setattr(jobs.bulk, "renew", remember)

    class Slow:
        now = staticmethod(lambda: next(times))

    monkeypatch.setattr(jobs, "clock", Slow)
    send_everything()
    assert renewed == [3, 2, 1]
    assert len(sink.got) == 3


def test_other_letters_are_not_kept_waiting(
    eva: User, fred: User, sink: Sink, monkeypatch: pytest.MonkeyPatch, run_jobs: Any
) -> None:
    monkeypatch.setattr(mailing, "TURN", 1)
    monkeypatch.setattr(jobs, "TURNS", 2)
    for number in range(5):
        subscribed(f"r{number}@shop.example")
    published(eva, fred)
    session.commit()
    run_jobs()
    assert len([raw for raw in sink.got if b"CP-A" in raw]) == 5


def test_no_letters_no_claim(context: Flask) -> None:
    shared = bulk.Mailing("advisory", "x", "en", "s", ("n", "a@b.example"), bulk.store(b"x"), b"x")
    assert bulk.claim(shared, []) == []
    assert bulk.store(b"x") == bulk.store(b"x")
    assert mailing.next_turn(999) == []


def test_a_digest_goes_to_those_who_want_one(eva: User, fred: User, sink: Sink) -> None:
    subscribed("digest@shop.example", Wishes(Language.EN, 4, Rhythm.DIGEST))
    subscribed("both@shop.example")
    subscribed("atonce@shop.example", Wishes(Language.EN, 1, Rhythm.AT_ONCE))
    body = bulk.store(b"Content-Type: text/plain\r\n\r\nDigest\r\n")
    mailing.begin_digest("digest:2026-05-16", {"en": ("Digest", body)}, 3)
    send_everything()
    assert sorted(parse(raw).headers["to"] for raw in sink.got) == ["both@shop.example", "digest@shop.example"]
    [told] = session.query(Event).filter_by(kind="digest.issued")
    assert (told.subject, told.data) == ("digest:2026-05-16", {"language": "en", "advisories": 3, "letters": 2})
