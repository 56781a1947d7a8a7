"""`make bench`: reports in, mailings and pages out, the figures of a year, each beside its floor, on both databases.

`python -m bench reports`, `outward`, `figures`, `alike`, `desk`, `bounces` or `observables` measures that part alone.
`memory` is measured only when it is named: what one process holds while it takes 10,000 messages, ten minutes.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE

from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from bench import alike, bounces, desk, figures, floor, handover, observables, outward
from bench.take import COUNT, accept, message, parse_and_commit
from cert_portal import config, instance, launcher
from cert_portal.app import create_app
from cert_portal.config import Settings
from cert_portal.core.db import session, start_writing
from cert_portal.core.i18n import Language
from cert_portal.intake import drafts
from tests.servers import Postgres, Redis, free_port, is_open, wait_until
from workers.mail import MOST_TOGETHER

REPORTS, MAILS, ROUNDS = 400, 250, 3
STORED = ("reports", "outward", "figures", "alike", "desk")
READ = {"bounces": bounces.run, "observables": observables.run}


def main() -> None:
    """Measure and print."""
    asked = sys.argv[1:] or [*STORED, *READ]
    for name in READ.keys() & set(asked):
        READ[name]()
    if set(asked) & {*STORED, "memory"}:
        stored(asked)


def stored(asked: list[str]) -> None:
    """What depends on the database, on both."""
    folder = Path(tempfile.mkdtemp(prefix="cpb", dir="/tmp"))
    postgres, redis = Postgres(folder, safe=True), Redis(folder)
    try:
        print(f"{'what':<44}{'floor/s':>10}{'product/s':>11}{'ratio':>8}")
        for name, url in (("PostgreSQL", postgres.url("bench")), ("SQLite", "")):
            measure(name, folder, url, redis, asked)
    finally:
        redis.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def measure(name: str, folder: Path, url: str, redis: Redis, asked: list[str]) -> None:
    """All figures of one database."""
    home = folder / name.lower()[:2]
    instance.create(home, demo=False)
    environment = {"CERT_PORTAL_INSTANCE_DIR": str(home), "CERT_PORTAL_DATABASE_URL": url}
    settings = config.load(environment)
    settings = replace(settings, redis_url=redis.url(1 if url else 2), reports_per_hour=10**6, unproven_per_hour=10**6)
    facts = {
        "REDIS_URL": settings.redis_url,
        "REPORTS_PER_HOUR": "1000000",
        "UNPROVEN_PER_HOUR": "1000000",
        "LEASE_SECONDS": "600",
    }
    os.environ.update(environment | {f"CERT_PORTAL_{key}": value for key, value in facts.items()})
    subprocess.run([sys.executable, "-m", "cert_portal", "prepare"], check=True, capture_output=True)
    app = create_app(settings)
    os.environ["FLOOR_DATABASE"] = settings.database
    floor.create_tables(floor.create_app())
    if "reports" in asked:
        web(name, app, settings)
        mail(name, app)
        two_at_once(name)
    if "memory" in asked:
        memory(name, app)
    if "outward" in asked:
        outward.run(name, app, show)
    if "figures" in asked:
        figures.run(name, app)
    if "alike" in asked:
        alike.run(name, app)
    if "desk" in asked:
        desk.run(name, app, (20_000, 1_000_000) if url else (20_000,))


def web(name: str, app: Flask, settings: Settings) -> None:
    """The last button of the wizard against the minimal form, same server, same clients, taken in turns."""
    command = launcher.web_command("127.0.0.1", 0, 2)
    ports = {"product": free_port(), "floor": free_port()}
    servers = []
    for what, port in ports.items():
        mine = [str(port) if part == "0" else part for part in command]
        target = "cert_portal.app:create_app" if what == "product" else "bench.floor:create_app"
        servers.append(subprocess.Popen([*mine[:-1], target], stderr=subprocess.DEVNULL))
    try:
        for port in ports.values():
            wait_until(lambda port=port: is_open(port), "the web server")  # type: ignore[misc]  # bound now
        rates: dict[str, list[float]] = {"product": [], "floor": []}
        for round_number in range(ROUNDS):
            requests = ready_drafts(app, ports["product"], round_number)
            plain = [("/", {"description": "x" * 200}, "")] * REPORTS
            for what, load in (("floor", plain), ("product", requests)):
                rates[what].append(rate(ports[what], load))
        show(f"{name}: web report sent (draft -> report)", rates["floor"], rates["product"])
    finally:
        for server in servers:
            server.terminate()
            server.wait()


def rate(port: int, requests: list[tuple[str, dict[str, str], str]]) -> float:
    """Requests per second, from another process."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", str(port)],
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told["taken"] == len(requests), told
    return float(len(requests) / told["seconds"])


def ready_drafts(app: Flask, port: int, round_number: int) -> list[tuple[str, dict[str, str], str]]:
    """Drafts with all answers but the last button pressed, each with the cookie of its visitor."""
    made = []
    answers = {"kind": "phishing", "description": "words " * 40, "telephone": "+852 5550 0100"}
    for number in range(REPORTS):
        with app.app_context():
            start_writing()
            draft = drafts.start(Language.EN)
            drafts.answer(draft, answers | {"email": f"w{round_number}-{number}@shop.example"})
            drafts.reserve_number(draft)
            session.commit()
            token = drafts.token_of(draft)
        with app.test_request_context("/"):
            cookie = app.session_interface.get_signing_serializer(app).dumps({"draft": token, "csrf_token": "c" * 40})  # type: ignore[attr-defined]  # the cookie session
        made.append(("/en/report/check", {"csrf_token": _token(app)}, f"portal={cookie}"))
    return made


def _token(app: Flask) -> str:
    serializer = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token")
    return str(serializer.dumps("c" * 40))


def mail(name: str, app: Flask) -> None:
    """A message to a report in the queue with its acknowledgement in the outbox, against parse + commit."""
    for what, size, count in (("20 kB", 12_000, MAILS), ("2 MB", 1_450_000, 20)):
        raws = [message(number, size) for number in range(count)]
        floors, products = [], []
        with app.app_context():
            start_writing()
            for number in range(ROUNDS):
                floors.append(per_second(parse_and_commit, raws))
                products.append(per_second(accept, [raw.replace(b"<bench", b"<b%d" % number) for raw in raws]))
        show(f"{name}: mail of {what}, read and acknowledged", floors, products)


def two_at_once(name: str) -> None:
    """The same in two processes: what a machine of two cores takes, database included."""
    rates = {}
    ways = ("", " different", " together", " together different")
    for what in ("floor", "floor together", *(f"product{way}" for way in ways)):
        command = [sys.executable, "-m", "bench.take", *what.split()]
        takers = [subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) for _ in range(2)]
        for each in takers:
            each.stdout.readline()  # type: ignore[union-attr]  # it is ready
        for each in takers:
            each.stdin.write("go\n")  # type: ignore[union-attr]
            each.stdin.flush()  # type: ignore[union-attr]
        rates[what] = sum(COUNT / float(each.communicate()[0]) for each in takers)
    show(f"{name}: mail of 20 kB, two processes", [rates["floor"]], [rates["product"]])
    show(f"{name}: the same, no two alike", [rates["floor"]], [rates["product different"]])
    show(f"{name}: the same, {MOST_TOGETHER} at once", [rates["floor together"]], [rates["product together"]])
    different = [rates["product together different"]]
    show(f"{name}: {MOST_TOGETHER} at once, no two alike", [rates["floor together"]], different)
    floor_takes, product_takes = handover.rates()
    show(f"{name}: by LMTP, 32 connections, 2 listeners", [floor_takes], [product_takes])


def memory(name: str, app: Flask) -> None:
    """Memory of one process that takes 10,000 messages of 20 kB: what it holds after each 2,000."""
    held = []
    with app.app_context():
        start_writing()
        for number in range(10_000):
            accept(message(number, 12_000).replace(b"<bench", b"<long"))
            if number % 2_000 == 1_999:
                pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
                held.append(pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000)
    print(f"{name}: MB held after each 2,000 of 10,000 messages: {', '.join(map(str, held))}", flush=True)


def per_second(work: Callable[[bytes], object], raws: list[bytes]) -> float:
    """How many a second, one after the other in one process."""
    begun = time.perf_counter()
    for raw in raws:
        work(raw)
    return len(raws) / (time.perf_counter() - begun)


def show(what: str, floors: list[float], products: list[float]) -> None:
    """One line: medians and their ratio."""
    low, mine = statistics.median(floors), statistics.median(products)
    print(f"{what:<44}{low:>10.0f}{mine:>11.0f}{mine / low:>8.2f}", flush=True)


if __name__ == "__main__":
    main()
