"""A believable year: what came in, what was done with it, what was published. The same for the same seed and year."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from random import Random

from cert_portal.cases.workflow import State
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.mail import exercise
from cert_portal.demo import agencies, passing_on, press, readers
from cert_portal.demo.cast import staff, words
from cert_portal.demo.diary import Diary, forget_jobs
from cert_portal.demo.story import EXERCISE_DOMAIN, UNREAD, Story
from cert_portal.directory import calendar
from cert_portal.directory.permissions import Role
from cert_portal.governance import annual

CASES, SMALL, SEED, LATELY = 120, 40, 1, 16
"""How many incidents the year has, those of the first `up`, the seed, and how many are of the last days."""

QUEUE: tuple[tuple[str, float], ...] = (
    *((State.NEW, 7.4), (State.NEW, 7.6), (State.TRIAGED, 8.5), (State.TRIAGED, 7.5)),
    *((State.WAITING, 9.6), (State.WAITING, 8.6), (State.MONITORING, 10.5), (State.MONITORING, 11.6)),
    *((UNREAD, 0.3), (UNREAD, 0.4), (UNREAD, 0.5), (UNREAD, 0.6), (UNREAD, 1.4)),
)
"""What the desk has before it today, whatever the dice say: where it stays, and how many days ago it came."""


def load_year(cases: int = CASES, seed: int = SEED, year: int | None = None) -> None:
    """Tell the twelve months up to today's midnight, or a calendar year, and more briefly the year before it began.

    Commits as it goes. Runs gpg when there is a publication key: no transaction may be open.
    """
    begin, end = _bounds(year)
    before = datetime(end.year - 1, 1, 1, tzinfo=current().zone)
    dice = Random(f"{seed} {begin.date()}")  # noqa: S311  # no secret
    if not exercise.is_registered(f"@{EXERCISE_DOMAIN}"):
        exercise.add(f"@{EXERCISE_DOMAIN}", "Players of the exercise", "system")
    diary = Diary(before, end, calendar.holidays())
    times = [before + (begin - before) * dice.random() for _ in range(cases // 3)]
    fresh = min(LATELY, cases // 4)
    times += [begin + (end - begin) * dice.random() ** 0.8 for _ in range(cases - fresh)]
    times += [end - timedelta(hours=dice.uniform(4, 24 * 12)) for _ in range(fresh)]
    for serial, at in enumerate(sorted(times), start=1):
        Story(diary, seed, serial, _by_day(at))
    for serial, (stays, days) in enumerate(QUEUE, start=len(times) + 1):
        Story(diary, seed, serial, _by_day(end - timedelta(days=days)), stays)
    for day in range((end - before).days):
        morning = (before + timedelta(days=day)).replace(hour=9, minute=30)
        if clock.is_working_day(morning.date(), calendar.holidays()):
            diary.on(morning, passing_on.remind)
    press.plan(diary, begin, 4 + cases // 20)
    agencies.plan(diary, begin)
    readers.plan(diary, before, 30 + cases // 4, dice)
    _annual(diary)
    session.commit()
    diary.live()


def _bounds(year: int | None) -> tuple[datetime, datetime]:
    zone = current().zone
    today = clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if year is None:
        return today - timedelta(days=365), today
    return datetime(year, 1, 1, tzinfo=zone), min(today, datetime(year + 1, 1, 1, tzinfo=zone) - timedelta(minutes=1))


def _by_day(at: datetime) -> datetime:
    """Few people report at night."""
    return at if at.hour >= 7 else at.replace(hour=at.hour + 9)


def _annual(diary: Diary) -> None:
    last, this = diary.end.year - 1, diary.end.year
    diary.on(datetime(this, 2, 12, 10, tzinfo=diary.end.tzinfo), partial(_publish, last))
    diary.on(diary.end - timedelta(hours=50), partial(_draft, this))


def _publish(year: int) -> None:
    told, carol = words("annual")["last"], staff(Role.SUPERVISOR)
    for chapter, texts in told.items():
        annual.write(year, chapter, {language: texts[language.value] for language in Language}, carol)
    annual.publish(year, carol)
    forget_jobs()


def _draft(year: int) -> None:
    told, carol = words("annual")["this"], staff(Role.SUPERVISOR)
    for chapter in ("foreword", "cooperation"):
        annual.write(year, chapter, {language: told[chapter][language.value] for language in Language}, carol)
    annual.comment(year, "service", told["comment"], staff(Role.LIAISON))
