"""On the way out nothing is lost either: web, worker, Redis and PostgreSQL are killed during referrals, publication
and a mailing of 2,000."""

from __future__ import annotations

import hashlib
import random
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from cert_portal.cases import service as cases
from cert_portal.coordination import link, refer
from cert_portal.coordination.models import Referral
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import accounts, contacts, organisations
from cert_portal.directory.contacts import ContactTold
from cert_portal.directory.models import User
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.publishing import service as publishing
from cert_portal.publishing import verify
from cert_portal.publishing.content import digest
from cert_portal.publishing.models import AdvisoryVersion
from cert_portal.subscriptions.models import Mailing, Subscriber
from tests.cases.desk import a_report
from tests.deployment import Portal, running
from tests.publishing.press import FULL
from tests.servers import Postgres, wait_until
from tests.test_kill import Browser

pytestmark = pytest.mark.slow

SEED = 20261116
SUBSCRIBERS, PARTIES, ADVISORIES, KILLS = 2000, 12, 4, 52


class Outage(Portal):
    """A deployment whose database can be cut off as well."""

    postgres: Postgres

    def kill(self, name: str) -> None:
        """End one without warning and start it again."""
        if name == "postgres":
            self.kills[name] += 1
            self.postgres.crash()
            return
        super().kill(name)


@pytest.fixture
def deployment(home: Path) -> Iterator[Outage]:
    """A deployment on a PostgreSQL of its own that writes to the disk as in production."""
    folder = home / "k-out"
    place = Path(tempfile.mkdtemp(prefix="cpk", dir="/tmp"))  # which another user may enter
    postgres = Postgres(place, safe=True)
    with running(folder, postgres.url("outward")) as portal:
        portal.__class__ = Outage
        assert isinstance(portal, Outage)
        portal.postgres = postgres
        yield portal
    postgres.stop()
    shutil.rmtree(place, ignore_errors=True)


def surely(act: Callable[[], object]) -> None:
    """Do it and commit, again and again while the database is away."""
    while True:
        try:
            act()
            session.commit()
        except DBAPIError:
            session.rollback()
            time.sleep(0.1)
        else:
            return


def prepare() -> tuple[list[int], list[int], list[str]]:
    """Referrals and advisories that only wait for a person, and subscribers; answers ids and the parties' tokens."""
    ann = accounts.add_user("ann@portal.example", "Ann", "four unrelated words", ["analyst", "editor"])
    made = []
    for number in range(PARTIES):
        party = organisations.add(OrganisationTold("vendor", f"Vendor {number}"), "system")
        contacts.add(party, ContactTold(email=f"abuse@vendor{number}.example"), "system")
        case = cases.open_case([a_report(f"See https://bad{number}.example/")], ann, title="x", kind="phishing")
        made.append(refer.prepare(case, party, ann, observables=[("url", f"https://bad{number}.example/")]))
    versions = []
    for number in range(ADVISORIES):
        version = publishing.draft(ann, replace(FULL, level=4 if number == 1 else 3))
        publishing.submit(version, ann)
        versions.append(version.id)
    now = clock.now()
    wanted = {"state": "active", "least_level": 4, "rhythm": "at_once", "wanted": {}, "soft_bounces": 0}
    times = {"created_at": now, "confirmed_at": now}
    rows = [
        {**wanted, **times, "address": f"s{number}@shop.example", "key": f"{number:032d}", "language": language}
        for number in range(SUBSCRIBERS)
        for language in ("en" if number % 2 else "zh-hant",)
    ]
    session.execute(insert(Subscriber), rows)
    accounts.add_user("fred@portal.example", "Fred", "four unrelated words", ["approver"])
    session.commit()
    return [each.id for each in made], versions, [link.token_of(each) for each in made]


def act_for_people(portal: Outage, referrals: list[int], versions: list[int], reached: Callable[[int], None]) -> None:
    """What an analyst and an approver do meanwhile, in step with the kills."""
    with portal.app.app_context():
        start_writing()
        for step in range(PARTIES):
            reached(step)
            if step % 3 == 0:
                surely(lambda number=versions[step // 3]: _approve(number))  # type: ignore[misc]  # bound now
            surely(lambda number=referrals[step]: _send(number))  # type: ignore[misc]  # bound now


def _person(email: str) -> User:
    found = accounts.by_email(email)
    assert found is not None
    return found


def _send(number: int) -> None:
    referral = session.get_one(Referral, number)
    if referral.state == "draft":
        refer.send(referral, _person("ann@portal.example"))


def _approve(number: int) -> None:
    version = session.get_one(AdvisoryVersion, number)
    if version.state == "in_review":
        seen = digest(replace(FULL, level=version.level))
        publishing.approve(version, seen, None, _person("fred@portal.example"))


def acknowledge(portal: Outage, token: str) -> None:
    """A party opens its link and presses the buttons, whatever happens to the web server."""
    browser = Browser(portal.port)
    page = browser.ask("GET", f"/p/{token}")
    browser.token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
    browser.ask("POST", f"/p/{token}/open")
    browser.ask("POST", f"/p/{token}/acknowledge")


def watch_record(portal: Outage, stop: threading.Event, broken: list[str], looks: list[int]) -> None:
    """Look at the published tree all the time: what is there must fit together."""
    folder = Path(portal.environment["CERT_PORTAL_INSTANCE_DIR"]) / "published"
    while not stop.wait(0.02):
        if not (folder / "current").exists():
            continue
        root = (folder / "current").resolve()
        try:
            for path in root.rglob("cp-a-*.json"):
                told = path.with_name(f"{path.name}.sha256").read_text().split()[0]
                if (
                    told != hashlib.sha256(path.read_bytes()).hexdigest()
                    or not path.with_name(f"{path.name}.asc").exists()
                ):
                    broken.append(str(path))
            looks.append(len(list(root.rglob("*.asc"))))
        except FileNotFoundError:
            if root.exists():  # not a tree that was replaced while we looked
                broken.append("a file is missing")


def keep_killing(portal: Outage) -> None:
    """Kill in a seeded order; a worker only when it has done something since it was started."""
    dice = random.Random(SEED)
    for _ in range(KILLS):
        name = dice.choice(("web", "worker", "worker", "worker", "redis", "postgres"))
        before, patience = len(portal.sink.seen), time.monotonic() + 8
        while name == "worker" and len(portal.sink.seen) < before + 20 and time.monotonic() < patience:
            time.sleep(0.02)
        portal.kill(name)
        time.sleep(dice.uniform(0.1, 0.5))


def test_no_party_and_no_subscriber_is_missed(deployment: Outage) -> None:
    portal, sink = deployment, deployment.sink
    with portal.app.app_context():
        start_writing()
        referrals, versions, tokens = prepare()
    broken: list[str] = []
    looks: list[int] = []
    stop = threading.Event()

    def reached(step: int) -> None:
        while portal.kills.total() < step * (KILLS - 10) / PARTIES:
            time.sleep(0.02)

    def parties() -> None:
        for step, token in enumerate(tokens):
            reached(step)
            wait_until(lambda step=step: is_sent(portal, referrals[step]), "the referral", 300)  # type: ignore[misc]
            acknowledge(portal, token)

    threads = [
        threading.Thread(target=act_for_people, args=(portal, referrals, versions, reached)),
        threading.Thread(target=parties),
        threading.Thread(target=watch_record, args=(portal, stop, broken, looks)),
    ]
    for thread in threads:
        thread.daemon = True
        thread.start()
    keep_killing(portal)
    for thread in threads[:2]:
        thread.join(240)
    with portal.app.app_context():
        wait_until(lambda: is_done(), "the end of all work", 240)
        letters = set(session.scalars(select(Letter.message_id)))
        mailed = list(session.scalars(select(Letter.recipient).where(Letter.name == "advisory")))
        assert sorted(mailed) == sorted(f"s{number}@shop.example" for number in range(SUBSCRIBERS))
        told = set(session.scalars(select(Letter.recipient).where(Letter.name.startswith("referral"))))
        assert told == {f"abuse@vendor{number}.example" for number in range(PARTIES)}
        assert {each.state for each in session.scalars(select(Referral))} == {"acknowledged"}
        assert set(sink.seen) == letters
        assert len(sink.seen) - len(letters) <= portal.kills.total()
        assert session.scalars(select(Mailing.letters).where(Mailing.level == 4)).all() == [SUBSCRIBERS // 2] * 2
    stop.set()
    threads[2].join(20)
    assert not broken
    assert max(looks) == ADVISORIES * 4
    assert "16 signed files are genuine" in portal.run("advisories", "verify")
    assert portal.kills.total() == KILLS
    assert list(verify.problems(Path("/nonexistent"))) == []


def is_sent(portal: Outage, number: int) -> bool:
    """Whether a referral has left."""
    try:
        with portal.app.app_context():
            return session.get_one(Referral, number).state != "draft"
    except DBAPIError:  # asking, or giving the connection back
        return False


def is_done() -> bool:
    """Whether every advisory is public, every mailing finished and every letter has left."""
    session.rollback()
    waiting = session.scalar(select(func.count()).where(AdvisoryVersion.state != "published"))
    going = session.scalar(select(func.count()).where(Mailing.finished_at.is_(None)))
    letters = session.scalar(select(func.count()).where(Letter.state != "sent"))
    session.rollback()
    return not waiting and not going and not letters
