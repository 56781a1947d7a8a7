"""Real servers for the tests, on private ports or sockets of this machine, ended by their own process id."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PG_BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"), key=lambda p: int(p.parent.name))


def free_port() -> int:
    """A port of the loopback address that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(ready: Callable[[], bool], what: str, seconds: float = 90) -> None:
    """Wait for another process; fails with its name when it takes too long."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come up")
        time.sleep(0.05)


def is_open(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Postgres:
    """A PostgreSQL cluster of its own. initdb refuses root, so root runs it as the user postgres."""

    def __init__(self, folder: Path, *, safe: bool = False) -> None:
        self.folder = folder / "pg"
        self.port = free_port()
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.folder.mkdir(parents=True)
        if self._as:
            folder.chmod(0o755)
            shutil.chown(self.folder, "postgres")
        self._run(
            "initdb",
            "-D",
            str(self.folder),
            "-U",
            "portal",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C.UTF-8",
        )
        fsync = "" if safe else " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        self._options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories='' {fsync}"
        self.begin()

    def url(self, name: str) -> str:
        """SQLAlchemy address of a new database."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "portal", name)
        return f"postgresql+psycopg://portal@127.0.0.1:{self.port}/{name}"

    def crash(self) -> None:
        """End it as a power cut would, and start it again: it must recover by itself."""
        self.stop()
        self.begin()

    def begin(self) -> None:
        """Start it, again if need be."""
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-o", self._options, "-l", str(self.folder / "log"), "start")

    def stop(self) -> None:
        """End the cluster."""
        self._run("pg_ctl", "-D", str(self.folder), "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(PG_BIN / program), *arguments]
        done = subprocess.run(
            command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")


class Redis:
    """A Redis server on a socket."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.socket = folder / "redis.sock"
        keep = ["--appendonly", "yes", "--dir", str(folder)] if durable else ["--appendonly", "no", "--save", ""]
        self._command = ["redis-server", "--port", "0", "--unixsocket", str(self.socket), "--databases", "64", *keep]
        self.start()

    def start(self) -> None:
        """Start it, again if need be."""
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        wait_until(self.socket.exists, "redis-server")

    def url(self, number: int = 0) -> str:
        """Address of one of its databases."""
        return f"unix://{self.socket}?db={number}"

    def stop(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()
