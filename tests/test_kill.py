"""Nothing is lost: web, workers and Redis are killed (-9) again and again while reports arrive."""

from __future__ import annotations

import http.client
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select

from cert_portal.core.db import session, start_writing
from cert_portal.core.mail import spool
from cert_portal.core.mail.outbox import Letter
from cert_portal.intake.models import Report, ReportState
from cert_portal.intake.reconcile import reconcile, unfinished
from tests.deployment import Portal, running
from tests.servers import wait_until
from workers.mail import take_and_commit

pytestmark = pytest.mark.slow

SEED = 20260504
PLANS = {"postgresql": (250, 250, 55), "sqlite": (60, 60, 15)}


class Browser:
    """Sends one report over HTTP and goes on after every broken connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.token = ""

    def report(self, number: int) -> str:
        """Fill in the wizard; answers the number that the confirmation shows."""
        page = self.ask("GET", "/en/report/emergency")
        self.token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
        self.ask("POST", "/en/report/what", kind="phishing", description=f"report {number} from the web")
        address = f"web{number}@shop.example"
        self.ask("POST", "/en/report/contact", reach="contact", email=address, language="en")
        self.ask("POST", "/en/report/check")
        return re.findall(r"R\d\d-\d{6}-\d", self.ask("GET", "/en/report/sent"))[0]

    def ask(self, method: str, path: str, **fields: str) -> str:
        """One request, tried until it is answered."""
        while True:
            try:
                status, page = self._try(method, path, urlencode(fields | {"csrf_token": self.token}))
                if status == 429:  # after many broken tries; the window is a minute
                    time.sleep(5)
                elif status < 500:
                    assert status in (200, 302), f"{method} {path}: {status}"
                    return page
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.1)

    def _try(self, method: str, path: str, body: str) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, path, body if method == "POST" else None, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, page


class Pace:
    """Keeps the traffic in step with the kills, so that every kill meets work."""

    def __init__(self, portal: Portal, kills: int, reports: int) -> None:
        self.portal, self.step = portal, kills / reports

    def wait(self, number: int) -> None:
        """Until as many kills have happened as belong to this report."""
        while self.portal.kills.total() < number * self.step - 4:
            time.sleep(0.02)


def send_mail(app: Flask, count: int, told: list[str], pace: Pace) -> None:
    """Deliver messages as the mail server's pipe would."""
    with app.app_context():
        start_writing()
        for number in range(count):
            pace.wait(number)
            message = EmailMessage()
            message["From"] = f"mail{number}@shop.example"
            message["Message-ID"] = f"<{number}@shop.example>"
            message["Subject"] = f"Report {number} by mail"
            message.set_content(f"Somebody sent us to http://bad{number}.example/")
            told.append(take_and_commit(spool.store(message.as_bytes())).told)


@pytest.fixture
def deployment(request: pytest.FixtureRequest, home: Path) -> Iterator[Portal]:
    """A deployment of its own, on the database of the parameter."""
    with running(
        home / f"k-{request.param}", os.environ["TEST_PG_KILL"] if request.param == "postgresql" else ""
    ) as portal:
        yield portal


@pytest.fixture
def deployment_folder(home: Path) -> Iterator[Portal]:
    """A deployment on SQLite."""
    with running(home / "k-pipe", "") as portal:
        yield portal


def keep_killing(portal: Portal, count: int, busy: Callable[[], bool]) -> int:
    """Kill in a seeded order until the count is reached; answers how many kills met traffic."""
    dice = random.Random(SEED)
    met = 0
    for _ in range(count):
        met += busy()
        portal.kill(dice.choice(("web", "worker", "worker", "redis")))
        time.sleep(dice.uniform(0.3, 1.2))
    return met


@pytest.mark.parametrize("deployment", ["postgresql", "sqlite"], indirect=True)
def test_every_report_survives_every_kill(deployment: Portal, request: Any) -> None:
    portal, app, sink = deployment, deployment.app, deployment.sink
    by_web, by_mail, kills = PLANS[request.node.callspec.params["deployment"]]
    shown: list[str] = []
    mailed: list[str] = []
    waiting = iter(range(by_web))

    def visitors() -> None:
        for number in waiting:
            Pace(portal, kills, by_web).wait(number)
            shown.append(Browser(portal.port).report(number))

    threads = [threading.Thread(target=visitors) for _ in range(3)]
    threads.append(threading.Thread(target=send_mail, args=(app, by_mail, mailed, Pace(portal, kills, by_mail))))
    for thread in threads:
        thread.start()
    met = keep_killing(portal, kills, lambda: any(thread.is_alive() for thread in threads))
    for thread in threads:
        thread.join(120)
    with app.app_context():
        wait_until(nothing_is_open, "the end of all work", 120)
        letters = set(session.scalars(select(Letter.message_id)))
        numbers = set(session.scalars(select(Report.number)))
        assert set(shown) | set(mailed) == numbers
        assert len(shown) == len(set(shown)) == by_web
        assert len(set(mailed)) == by_mail
        assert len(letters) == by_web + by_mail
        assert set(sink.seen) == letters
        assert len(sink.seen) - len(letters) <= kills
        balance = reconcile()
        assert (balance.taken, balance.difference, balance.unfinished) == (by_mail, 0, [])
    assert portal.kills.total() == kills
    assert met >= kills - 5, "the kills went on after the traffic had ended"


def nothing_is_open() -> bool:
    """Whether every report is in the queue and every letter has left."""
    session.rollback()
    reports = session.scalar(select(func.count()).where(Report.state == ReportState.RECEIVED))
    letters = session.scalar(select(func.count()).where(Letter.state != "sent"))
    session.rollback()
    return not reports and not letters


def test_a_killed_mail_pipe_loses_nothing(deployment_folder: Portal) -> None:
    portal = deployment_folder
    dice = random.Random(SEED)
    pipes = []
    for number in range(8):
        command = [sys.executable, "-m", "cert_portal", "mail", "receive"]
        pipe = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=portal.environment
        )
        pipes.append(pipe)
        assert pipe.stdin is not None
        pipe.stdin.write(f"From: a{number}@shop.example\nMessage-ID: <p{number}@x>\n\nHelp {number}\n".encode())
        pipe.stdin.close()
        if len(pipes) == 2:
            time.sleep(dice.uniform(1.5, 4))
            for each in pipes:
                each.kill()
                each.wait()
            pipes.clear()
    with portal.app.app_context():
        for receipt in unfinished():
            take_and_commit(receipt)
        balance = reconcile()
        assert (balance.difference, balance.unfinished) == (0, [])
        assert balance.outcomes["reports"] == session.scalar(select(func.count(Report.id)))
