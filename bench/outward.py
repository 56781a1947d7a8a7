"""What goes out: a mailing against one process pushing ready-made bytes, an advisory's page against a static file."""

from __future__ import annotations

import http.client
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask
from sqlalchemy import delete, insert

from cert_portal import config, launcher
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail import bulk
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import accounts
from cert_portal.publishing import service as publishing
from cert_portal.publishing.content import Content, digest
from cert_portal.publishing.models import AdvisoryVersion
from cert_portal.subscriptions.models import Mailing, Subscriber
from tests.publishing.press import FULL
from tests.servers import free_port, is_open, wait_until
from workers import publishing as publishing_jobs
from workers import subscriptions as jobs

LETTERS, PAGES, ROUNDS, CLIENTS = 2000, 3000, 3, 8


def run(name: str, app: Flask, show: Callable[[str, list[float], list[float]], None]) -> None:
    """Both figures on the database of the application."""
    with app.app_context():
        start_writing()
        version = published()
        show(f"{name}: letters of a mailing", *mailing(version))
        public_id = session.get_one(AdvisoryVersion, version).advisory.public_id
        session.rollback()
    show(f"{name}: page of an advisory", *page(f"/en/advisories/{public_id}"))


def published() -> int:
    """An advisory that is out, and as many subscribers as there are letters; answers its version."""
    eva = accounts.add_user("eva@portal.example", "Eva", "four unrelated words", ["editor"])
    fred = accounts.add_user("fred@portal.example", "Fred", "four unrelated words", ["approver"])
    version = publishing.draft(eva, FULL)
    publishing.submit(version, eva)
    publishing.approve(version, digest(Content.of_json(version.content)), None, fred)
    now, number = clock.now(), version.id
    same = {"state": "active", "language": "en", "least_level": 1, "rhythm": "at_once", "wanted": {}, "soft_bounces": 0}
    rows = [
        {**same, "address": f"b{n}@shop.example", "key": f"{n:032d}", "created_at": now, "confirmed_at": now}
        for n in range(LETTERS)
    ]
    session.execute(insert(Subscriber), rows)
    session.commit()
    publishing_jobs.publish_advisory(number)
    return number


def mailing(version_id: int) -> tuple[list[float], list[float]]:
    """Letters a second in one process: ready-made bytes over one connection, and a mailing that is durable."""
    port = free_port()
    sink = subprocess.Popen([sys.executable, "-m", "bench.sink", str(port)])
    here = config.current()
    config.use(replace(here, smtp_url=f"smtp://127.0.0.1:{port}"))
    try:
        wait_until(lambda: is_open(port), "the sink")
        row = session.query(Mailing).filter_by(language="en").one()
        number, body, subject = row.id, bulk.stored(row.body), row.subject.encode()
        session.rollback()
        floors, products = [], []
        for _ in range(ROUNDS):
            floors.append(LETTERS / timed(lambda: push(port, b"Subject: " + subject + b"\r\n" + body)))
            products.append(LETTERS / timed(lambda: send(number)))
            again(number)
        return floors, products
    finally:
        config.use(here)
        sink.terminate()
        sink.wait()


def push(port: int, message: bytes) -> None:
    """The floor: the same bytes to each address, nothing kept."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(LETTERS):
            server.sendmail("bounce@portal.example", [f"b{number}@shop.example"], message)


def send(number: int) -> None:
    """The job, as often as it puts itself at the back of the queue."""
    while session.get_one(Mailing, number, populate_existing=True).finished_at is None:
        session.rollback()
        jobs.send_mailing(number)
    session.rollback()


def again(number: int) -> None:
    """As if nothing had been sent."""
    session.execute(delete(Letter).where(Letter.name == "advisory"))
    row = session.get_one(Mailing, number)
    row.reached, row.letters, row.finished_at, row.lease_until = 0, 0, None, None
    session.commit()


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def page(path: str) -> tuple[list[float], list[float]]:
    """Pages a second of the same server: a file of the same bytes as Flask sends it, and the page."""
    with serving("cert_portal.app:create_app") as port:
        body = get(http.client.HTTPConnection("127.0.0.1", port), path)
        place = Path(config.current().instance_dir) / "floor"
        place.mkdir(exist_ok=True)
        (place / "page.html").write_bytes(body)
        with serving("bench.static:create_app") as plain:
            floors, products = [], []
            for _ in range(ROUNDS):
                floors.append(rate(plain, "/static/page.html"))
                products.append(rate(port, path))
    return floors, products


@contextmanager
def serving(application: str) -> Iterator[int]:
    """The web server with two processes; answers its port."""
    port = free_port()
    command = [str(port) if part == "0" else part for part in launcher.web_command("127.0.0.1", 0, 2)]
    server = subprocess.Popen([*command[:-1], application], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_open(port), "the web server")
        yield port
    finally:
        server.terminate()
        server.wait()


def rate(port: int, path: str) -> float:
    """Requests a second over some kept connections."""
    waiting = iter(range(PAGES))

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in waiting:
            get(connection, path)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return PAGES / (time.perf_counter() - begun)


def get(connection: http.client.HTTPConnection, path: str) -> bytes:
    """One page; anything but a 200 is an error of the measurement."""
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return body
