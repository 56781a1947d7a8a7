"""The desk with 20,000 and 1,000,000 cases: what a person at work asks of it, and whole pages as a browser gets them.

PostgreSQL holds both sizes, SQLite the smaller one. Told are p50 and p95 in milliseconds, and p95 as a multiple of
the same with fewer cases.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text

from cert_portal.cases import bulk, queue, timeline
from cert_portal.cases.models import BulkRun, Case
from cert_portal.cases.query import parse
from cert_portal.cases.queue import QUERIES, View
from cert_portal.cases.visible import reports_of
from cert_portal.core import clock
from cert_portal.core.db import db, session, start_writing
from cert_portal.core.numbers import NumberKind, issue_many
from cert_portal.core.search import AGE, ERA
from cert_portal.core.text import tokens
from cert_portal.directory import calendar
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Role
from cert_portal.intake import observables
from tests.web.staff.desk import sign_in

OPEN, TURNS = 2_000, 40
COMMON = " ".join(tokens("the page asks for cards 釣魚網站假冒銀行"))
EACH = (
    f"'{COMMON}' || CASE WHEN i % 3 = 0 THEN ' phishing' ELSE ' malware' END"
    " || CASE WHEN i % 200 = 0 THEN ' 勒索 ransom' ELSE '' END"
    " || ' bad' || (i % 40000) || '_example person' || (i % 9000) || ' w' || (i % 97) || ' x' || (i % 991)"
    f" || ' y' || (i % 4999) || ' v' || (i * 7 % 3001) || ' u' || (i * 11 % 7919)"
    f" || ' case' || i || ' era_{{kind}}_' || (i / {ERA}) || ' age_{{kind}}_' || (i / {AGE})"
    f" || CASE '{{kind}}' WHEN 'r' THEN ' held_era_c_' || (i / {ERA}) || ' held_age_c_' || (i / {AGE}) ELSE '' END"
)
"""The words of a case: some that all have, some of one in three, 200, 40,000, and one of its own."""
NAME = "'bad' || (i % 40000) || '.example'"
SERIES = "(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < :n) SELECT i FROM s) AS s"

Times = dict[str, list[float]]


def run(name: str, app: Flask, sizes: Sequence[int]) -> None:
    """Fill the desk, measure, and print, for each size; what follows is compared with the first."""
    app.config["WTF_CSRF_ENABLED"] = False
    client = sign_in(app, "Night", Role.ANALYST)
    before: Times = {}
    for count in sizes:
        with app.app_context():
            fill(count)
            found = measure(count)
            paths = _paths(count)
        for what, told in paths.items():
            client.get(told[0])
            found[what] = [_seconds(partial(_get, client, path)) for path in told]
        print(f"{name}: {count:,} cases{'p50 ms':>29}{'p95 ms':>10}{'times':>8}")
        for what, times in found.items():
            p95 = _p95(times)
            more = f"{p95 / _p95(before[what]):>8.1f}" if before else ""
            print(f"  {what:<42}{statistics.median(times) * 1000:>10.1f}{p95 * 1000:>10.1f}{more}", flush=True)
        before = before or found


def _paths(count: int) -> dict[str, list[str]]:
    """The addresses of the pages that are measured, by what they show."""
    newest = session.scalars(select(Case.number).order_by(Case.id.desc()).limit(TURNS)).all()
    return {
        "page: the open cases of the team": ["/staff/queue/team"] * TURNS,
        "page: the same by the time left": ["/staff/queue/team?sort=due"] * TURNS,
        "page: search, two Chinese characters": ["/staff/search?q=釣魚"] * TURNS,
        "page: search, an English word": ["/staff/search?q=phishing"] * TURNS,
        "page: search, an address": [f"/staff/search?q=domain:bad{n * 31}.example" for n in range(TURNS)],
        "page: a case": [f"/staff/cases/{number}" for number in newest],
    }


def _get(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status}")


def measure(count: int) -> Times:
    """Seconds of each of many turns, by what was asked."""
    user = session.get_one(User, 1)
    asked: dict[str, Callable[[int], object]] = {
        "queue: a list and all counts": lambda n: (_list(View.TEAM, user), queue.counts(user)),
        "queue: the open cases by the time left": lambda n: queue.cases(QUERIES[View.TEAM], user, sort=queue.Sort.DUE),
        "queue: closed cases, a page far back": lambda n: queue.cases(
            QUERIES[View.CLOSED], user, str(count // 2 + n), queue.Sort.NEWEST
        ),
        "search: a word of one case in three": lambda n: queue.cases(parse("phishing"), user),
        "search: two Chinese characters": lambda n: queue.cases(parse("釣魚"), user),
        "search: Chinese, one case in 200": lambda n: queue.cases(parse("勒索"), user),
        "search: a rare word": lambda n: queue.cases(parse(f"case{n * 97 + 1}"), user),
        "search: two words of most cases": lambda n: queue.cases(parse("cards phishing"), user),
        "search: two words, one case in 19,400": lambda n: queue.cases(parse(f"勒索 w{n}"), user),
        "search: two words that never meet": lambda n: queue.cases(parse("phishing malware"), user),
        "search: an address that reports name": lambda n: queue.cases(parse(f"domain:bad{n * 31}.example"), user),
        "search: conditions and a word": lambda n: queue.cases(parse("kind:phishing level>=3 釣魚"), user),
        "case: all that its page reads": lambda n: _case(count - n, user),
    }
    found: Times = {}
    for what, work in asked.items():
        found[what] = []
        for n in range(TURNS):
            session.rollback()
            found[what].append(_seconds(partial(work, n)))
    numbers = queue.numbers(parse("is:open"), user, 1000)
    start_writing()
    found["bulk: a tag hung on 1,000"] = times = []
    for _turn in range(TURNS):
        times.append(_seconds(partial(_bulk, bulk.Act.TAG, numbers, user)))
        _bulk(bulk.Act.UNTAG, numbers, user)
    return found


def _list(view: View, user: User) -> object:
    return queue.cases(QUERIES[view], user)


def _case(case_id: int, user: User) -> object:
    case = session.get_one(Case, case_id)
    return reports_of(case, user), timeline.of_case(case, user)


def _bulk(act: bulk.Act, numbers: list[str], user: User) -> None:
    bulk.do(bulk.plan(numbers, bulk.Wish(act, "measured"), user, hold=True), user)
    session.commit()


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _p95(told: list[float]) -> float:
    return sorted(told)[int(len(told) * 0.95)]


def fill(count: int) -> None:
    """That many cases with their reports, events, observables and words, in place of what was there."""
    start_writing()
    lite = session.get_bind().dialect.name == "sqlite"
    for table in ("case_tags", "case_reports", "observables", "report_additions", "cases", "reports", "numbers"):
        session.execute(text(f"DELETE FROM {table}"))  # names of ours
    session.execute(delete(BulkRun))
    session.execute(text("DELETE FROM search_entries"))
    for place in (1, 2):
        if session.get(User, place) is None:
            facts = {"email": f"desk{place}@centre.example", "name": f"Desk {place}", "password_hash": "x"}
            session.add(User(id=place, roles=["analyst"], created_at=clock.now(), **facts))
    session.flush()
    calendar.seed()
    if not lite:
        session.execute(text("DROP INDEX ix_search_entries_words"))
    minutes = "datetime('now', '-' || ((:n - i) * 10) || ' minutes')"
    facts = {
        "series": SERIES if lite else "generate_series(1, :n) AS s(i)",
        "kind": "CASE i % 3 WHEN 0 THEN 'phishing' WHEN 1 THEN 'malware' ELSE 'intrusion' END",
        "at": minutes if lite else "now() - (:n - i) * interval '10 minutes'",
        "words": "'words'",
        "digest": f"digest({NAME})" if lite else f"left(encode(sha256(({NAME})::bytea), 'hex'), 32)",
    }
    if lite:
        connection: Any = session.connection().connection.driver_connection
        connection.create_function("digest", 1, observables.digest, deterministic=True)
    for statement in Path(__file__).with_suffix(".sql").read_text("utf-8").format(**facts).split(";"):
        if statement.strip():
            session.execute(text(statement), {"n": count})
    for kind, first in (("R", 0), ("C", count)):
        (_words_lite if lite else _words)(kind, first, count)
    if not lite:
        session.execute(text("CREATE INDEX ix_search_entries_words ON search_entries USING gin (words)"))
    _name_newest(count)
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()
    _settle()


def _settle() -> None:
    """Leave the tables as a night would: what the filling left to write is no work of the desk."""
    if session.get_bind().dialect.name == "sqlite":
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM"))
        connection.execute(text("CHECKPOINT"))


def _name_newest(count: int) -> None:
    """Real numbers for the cases whose pages are asked for."""
    for case_id, number in zip(range(count, count - TURNS, -1), issue_many(NumberKind.CASE, TURNS), strict=True):
        told = {"old": f"CB-{case_id}", "new": number}
        session.execute(text("UPDATE cases SET number = :new WHERE number = :old"), told)
        session.execute(text("UPDATE numbers SET number = :new WHERE number = :old"), told)
        session.execute(text("UPDATE events SET subject = :new WHERE subject = :old"), told)


def _words(kind: str, _first: int, count: int) -> None:
    words = EACH.format(kind=kind.lower())
    each = f"ARRAY(SELECT DISTINCT w FROM unnest(string_to_array({words}, ' ')) AS w WHERE w <> '')"
    rows = f"SELECT :kind, i, array_to_tsvector({each}) FROM generate_series(1, :n) AS s(i)"
    session.execute(
        text(f"INSERT INTO search_entries (kind, target_id, words) {rows}"),  # words of ours
        {"kind": kind, "n": count},
    )


def _words_lite(kind: str, first: int, count: int) -> None:
    if not first:
        session.execute(text("DELETE FROM search_words"))
    entries = f"INSERT INTO search_entries (id, kind, target_id) SELECT :first + i, :kind, i FROM {SERIES}"
    words = f"INSERT INTO search_words (rowid, words) SELECT :first + i, {EACH.format(kind=kind.lower())} FROM {SERIES}"
    session.execute(text(entries), {"n": count, "first": first, "kind": kind})
    session.execute(text(words), {"n": count, "first": first})
