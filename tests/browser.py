"""Debian's Chromium, without the services that would look for a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyotp
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from cert_portal.demo import DemoUser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser for the block."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield found
        found.close()


def sign_in(browser: Browser, base: str, who: DemoUser) -> Page:
    """A page of the desk as a person of the demonstration, with the code of the moment (a code counts once)."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=base).new_page()
    page.goto("/staff/")
    page.fill("input[name=email]", who.email)
    page.fill("input[name=passphrase]", who.passphrase)
    page.fill("input[name=code]", pyotp.TOTP(who.totp).now() if who.totp else "")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def cookies_of(browser: Browser, base: str, who: DemoUser) -> StorageState:
    """What a new window needs to go on as this person."""
    page = sign_in(browser, base, who)
    found = page.context.storage_state()
    page.context.close()
    return found
