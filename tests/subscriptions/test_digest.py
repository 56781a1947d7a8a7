"""Twenty-four issues a year, whatever the scheduler does; nothing twice, nothing left out."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask

from cert_portal import config
from cert_portal.core import clock, schedule
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.mail import bulk
from cert_portal.core.mail.message import parse
from cert_portal.core.schedule import PLANS, digest_moment
from cert_portal.directory.models import User
from cert_portal.publishing import tree, verify
from cert_portal.publishing.models import AdvisoryVersion
from cert_portal.subscriptions import digest
from cert_portal.subscriptions.models import Digest, Mailing
from tests.cases.desk import NOW
from tests.publishing.press import FULL, PLAIN, approved, published, updated
from workers.publishing import issue_digest

PLAN = tuple(plan for plan in PLANS if plan.name == "digest")
START = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)  # 08:30 in Hong Kong, half an hour before the first issue


def run_year(gaps: random.Random | None) -> list[Digest]:
    """Turn the clock through a year by the hour, now and then with days of silence."""
    now = START
    while now < START + timedelta(days=365):
        with clock.turned_to(now):
            ran = schedule.tick(PLAN)
            session.commit()
            if ran:
                issue_digest()
        away = gaps.choice((1, 1, 1, 1, 1, 1, 1, 1, 1, 24 * 9)) if gaps else 1
        now += timedelta(hours=away)
    with clock.turned_to(START + timedelta(days=365)):
        if schedule.tick(PLAN):
            session.commit()
            issue_digest()
    session.rollback()
    return list(session.query(Digest).order_by(Digest.until))


@pytest.mark.parametrize("seed", [None, 1, 2], ids=["steady", "gaps", "other gaps"])
def test_a_year_has_twenty_four_issues(
    eva: User, fred: User, seed: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cert_portal.core.crypto.Keyring.sign", lambda _self, data: f"-- {hash(data)} --")
    dice = random.Random(seed or 0)
    moments = sorted(START + timedelta(hours=dice.uniform(0, 24 * 360)) for _ in range(40))
    for at in moments:
        version = approved(eva, fred, PLAIN)
        version.state, version.issued_at, version.published_at = "published", at, at
    session.commit()
    issues = run_year(random.Random(seed) if seed else None)
    days = [each.until.astimezone(config.current().zone) for each in issues]
    assert [(day.month, day.day, day.hour) for day in days] == [(m, d, 9) for m in range(1, 13) for d in (1, 16)]
    assert all(before.until == after.since for before, after in pairwise(issues))
    listed = [each.public_id for issue in issues for each in digest.shown.between(issue.since, issue.until)]
    assert len(listed) == len(set(listed))
    missing = session.query(AdvisoryVersion).filter(AdvisoryVersion.published_at < issues[-1].until).count()
    assert len(listed) == missing
    assert session.query(Mailing).filter_by(name="digest").count() == 48


def test_the_schedule_is_in_the_portals_time_zone() -> None:
    assert digest_moment(datetime(2026, 4, 30, 16, 0, tzinfo=UTC)) == datetime(2026, 5, 1, 1, 0, tzinfo=UTC)
    assert digest_moment(datetime(2026, 5, 1, 1, 0, tzinfo=UTC)) == datetime(2026, 5, 16, 1, 0, tzinfo=UTC)


def test_an_issue_says_what_is_new_and_what_changed(eva: User, fred: User) -> None:
    session.commit()
    with clock.turned_to(NOW):
        issue_digest()
        first = published(eva, fred, PLAIN)
        published(eva, fred, FULL)
        updated(first, eva, fred)
    with clock.turned_to(datetime(2026, 5, 16, 1, 0, tzinfo=UTC)):
        session.rollback()
        issue_digest()
        issue_digest()
    session.rollback()
    told = {each.language: each for each in session.query(Mailing).filter_by(name="digest")}
    assert set(told) == {"en", "zh-hant"}
    assert (told["en"].about, told["en"].advisories) == ("digest:2026-05-16", 2)
    assert told["zh-hant"].subject == "[TLP:CLEAR] 保安警報摘要 2026-05（2）"
    found = verify.check(b"MIME-Version: 1.0\r\n" + bulk.stored(told["en"].body))
    assert found is not None
    words = parse(b"MIME-Version: 1.0\r\n" + bulk.stored(told["en"].body)).text
    assert words.index("CP-A-2026-0002") < words.index("CP-A-2026-0001"), "what is exploited comes first"
    assert "CP-A-2026-0001  Medium risk (updated)" in words
    assert "High risk: 1" in words


def test_an_empty_issue_says_so(context: Flask) -> None:
    row = Digest(since=NOW - timedelta(days=15), until=NOW)
    subject, text = digest.render(row, [], Language.EN)
    assert subject == "[TLP:CLEAR] Security alert digest 2026-05 (1)"
    assert "No advisory was published" in text
    assert "期內沒有發布" in digest.render(row, [], Language.ZH_HANT)[1]


def test_an_issue_is_mailed_once_and_waits_for_a_publication(context: Flask) -> None:
    with clock.turned_to(datetime(2026, 5, 16, 1, 0, tzinfo=UTC)):
        session.add(Digest(since=NOW, until=clock.now()))
        session.commit()
        assert len(digest.unfinished()) == 1
        with tree.alone():
            session.rollback()
            issue_digest()
        assert len(digest.unfinished()) == 1
        session.rollback()
        issue_digest()
        assert digest.unfinished() == []
        assert digest.mail(1, {}) is False
        assert digest.mail(99, {}) is False
