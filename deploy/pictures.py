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
from collections.abc import Iterable
from pathlib import Path

import pyotp
from playwright.sync_api import Browser, Page

from cert_portal.core.i18n import Language
from cert_portal.demo import USERS, DemoUser
from tests.browser import chromium
from tests.servers import free_port, is_open, wait_until

TARGET = Path(__file__).parents[1] / "docs" / "pictures"
WIDE, PHONE = {"width": 1280, "height": 760}, {"width": 390, "height": 844}
PUBLIC = (("home", ""), ("report", "report/"), ("advisories", "advisories/"), ("verify", "verify"))
STAFF = {
    "coordinator": (("organisation", "/org/"),),
    "analyst": (("queue", "/staff/queue/team"), ("referrals", "/staff/referrals")),
    "editor": (("press", "/staff/advisories"), ("watch", "/staff/watch")),
    "liaison": (("figures", "/staff/figures"),),
    "admin": (("people", "/staff/people"), ("directory", "/staff/directory/"), ("clocks", "/staff/settings/clocks")),
}
"""Each is taken in English and, with `.zh-hant` in its name, in Chinese; the public ones on a telephone as well."""


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
    for language in Language:
        public = tuple((name, f"/{language}/{path}") for name, path in PUBLIC)
        take(browser.new_context(viewport=WIDE).new_page(), base, public, language)
        take(browser.new_context(viewport=PHONE).new_page(), base, public, language, ".phone")
    for user in USERS:
        wanted = STAFF.get(user.email.partition("@")[0])
        if wanted:
            page = signed_in(browser, base, user)
            take(page, base, wanted, Language.EN)
            page.click("button.portal-switch[lang]")
            page.wait_for_selector("html[lang^=zh]")
            take(page, base, wanted, Language.ZH_HANT)


def signed_in(browser: Browser, base: str, user: DemoUser) -> Page:
    """The desk as this person sees it."""
    page = browser.new_context(viewport=WIDE).new_page()
    page.goto(f"{base}/staff/")
    page.fill("input[name=email]", user.email)
    page.fill("input[name=passphrase]", user.passphrase)
    page.fill("input[name=code]", pyotp.TOTP(user.totp).now())
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def take(page: Page, base: str, wanted: Iterable[tuple[str, str]], language: Language, more: str = "") -> None:
    """What a screen of this size shows."""
    for name, path in wanted:
        page.goto(base + path)
        in_chinese = "" if language is Language.EN else f".{language}"
        page.screenshot(path=str(TARGET / f"{name}{more}{in_chinese}.png"))


if __name__ == "__main__":
    main()
