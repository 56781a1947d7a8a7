"""A whole deployment for tests: web, worker and scheduler as processes, Redis, a mail sink, on one of the databases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from cert_portal import config, instance, launcher
from cert_portal.app import create_app
from cert_portal.core.db import db
from cert_portal.core.mail.message import InboundMail, parse
from tests.servers import Redis, free_port, is_open, wait_until


class Sink:
    """A mail server that takes everything and remembers the Message-IDs."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.letters: list[InboundMail] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        letter = parse(bytes(envelope.content))
        self.letters.append(letter)
        self.seen.append(letter.message_id)
        return "250 OK"


class Portal:
    """The processes of a deployment, started again after each kill."""

    def __init__(self, environment: dict[str, str], port: int, redis: Redis, sink: Sink) -> None:
        self.environment, self.port, self.redis, self.sink = environment, port, redis, sink
        self.app = create_app(config.load(environment))
        self.kills: Counter[str] = Counter()
        me = [sys.executable, "-m", "cert_portal"]
        self.commands = {
            "web": launcher.web_command("127.0.0.1", port, 1),
            "worker": [*me, "worker"],
            "scheduler": [*me, "scheduler"],
        }
        self.processes = {name: self._start(name) for name in self.commands}

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.commands[name], env=self.environment, start_new_session=True, stderr=subprocess.DEVNULL
        )

    def address(self, path: str = "") -> str:
        """Where a browser finds a page."""
        return f"http://127.0.0.1:{self.port}{path}"

    def kill(self, name: str) -> None:
        """End one without warning and start it again."""
        self.kills[name] += 1
        if name == "redis":
            self.redis.stop()
            self.redis.start()
            return
        self._end(name)
        self.processes[name] = self._start(name)

    def _end(self, name: str) -> None:
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()

    def stop(self) -> None:
        """End all."""
        for name in self.processes:
            self._end(name)

    def run(self, *arguments: str, given: bytes = b"") -> str:
        """A command of the operator; answers what it prints."""
        command = [sys.executable, "-m", "cert_portal", *arguments]
        done = subprocess.run(command, input=given, env=self.environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()


@contextmanager
def running(folder: Path, database_url: str, *, demo: bool = False, lease: int = 3) -> Iterator[Portal]:
    """Make an instance in the folder and run it; everything ends with the block."""
    instance.create(folder, demo=demo)
    redis_folder = folder / "redis"
    redis_folder.mkdir()
    redis, sink, port = Redis(redis_folder, durable=True), Sink(), free_port()
    smtp = Controller(sink, hostname="127.0.0.1", port=free_port())
    smtp.start()
    facts = {
        "INSTANCE_DIR": str(folder),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis.url(),
        "SMTP_URL": f"smtp://127.0.0.1:{smtp.port}",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "LEASE_SECONDS": str(lease),
        "REPORTS_PER_HOUR": "100000",
        "UNPROVEN_PER_HOUR": "100000",
    }
    environment = os.environ | {f"CERT_PORTAL_{name}": value for name, value in facts.items()}
    subprocess.run([sys.executable, "-m", "cert_portal", "prepare"], env=environment, check=True, capture_output=True)
    portal = Portal(environment, port, redis, sink)
    try:
        wait_until(lambda: is_open(port), "the web server")
        yield portal
    finally:
        portal.stop()
        smtp.stop()
        redis.stop()
        with portal.app.app_context():
            db.engine.dispose()
