"""Takes the pictures of the manuals: a demonstration in a folder of its own, on loopback, seen with Chromium.

Usage: python deploy/pictures.py (needs what `deploy/setup.sh test` installs)
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pyotp
from playwright.sync_api import Browser, Page

from cert_portal.demo import USERS
from tests.browser import chromium
from tests.servers import free_port, is_open, wait_until

TARGET = Path(__file__).parents[1] / "docs" / "pictures"
PUBLIC = (("report", "/en/report/"), ("advisories", "/en/advisories/"), ("verify", "/en/verify"))
STAFF = {
    "analyst": (("queue", "/staff/queue/team"), ("referrals", "/staff/referrals")),
    "editor": (("press", "/staff/advisories"), ("watch", "/staff/watch")),
    "liaison": (("figures", "/staff/figures"),),
}


def main() -> None:
    """Start, look, end."""
    folder, port = Path(tempfile.mkdtemp(prefix="cpp", dir="/tmp")), free_port()
    environment = os.environ | {"CERT_PORTAL_INSTANCE_DIR": str(folder / "i")}
    command = [sys.executable, "-m", "cert_portal", "up", "--port", str(port)]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    portal = subprocess.Popen(command, env=environment, **quiet)  # noqa: S603  # our own command
    try:
        wait_until(lambda: is_open(port), "the demonstration", 300)
        TARGET.mkdir(exist_ok=True)
        with chromium() as browser:
            take_all(browser, f"http://127.0.0.1:{port}")
    finally:
        portal.send_signal(signal.SIGINT)
        portal.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def take_all(browser: Browser, base: str) -> None:
    """Every picture, each role in a browser of its own."""
    take(browser.new_context(viewport={"width": 1280, "height": 760}).new_page(), base, PUBLIC)
    for user in USERS:
        wanted = STAFF.get(user.email.partition("@")[0])
        if wanted:
            page = browser.new_context(viewport={"width": 1280, "height": 760}).new_page()
            page.goto(f"{base}/staff/")
            page.fill("input[name=email]", user.email)
            page.fill("input[name=passphrase]", user.passphrase)
            page.fill("input[name=code]", pyotp.TOTP(user.totp).now())
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "sign-in" not in url)
            take(page, base, wanted)


def take(page: Page, base: str, wanted: tuple[tuple[str, str], ...]) -> None:
    """What a screen of this size shows."""
    for name, path in wanted:
        page.goto(base + path)
        page.screenshot(path=str(TARGET / f"{name}.png"))


if __name__ == "__main__":
    main()
