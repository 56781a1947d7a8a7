"""The main line on real parts: a browser, gpg, Redis and RQ, SMTP, both databases. A report becomes a case."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from cert_portal import demo
from cert_portal.core.mail.message import InboundMail
from tests.browser import chromium
from tests.deployment import Portal, running
from tests.servers import wait_until

pytestmark = pytest.mark.slow

LINK = "https://parcel-fee.example/pay"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium() as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def portal(request: pytest.FixtureRequest, home: Path) -> Iterator[Portal]:
    """A deployment with the demonstration's accounts and an empty desk."""
    url = os.environ["TEST_PG_JOURNEY"] if request.param == "postgresql" else ""
    with running(home / f"j-{request.param}", url, demo=True, lease=30) as found:
        found.run("demo", "users")
        yield found


def address(portal: Portal, path: str) -> str:
    return f"http://127.0.0.1:{portal.port}{path}"


def letter_to(portal: Portal, recipient: str, words: str) -> InboundMail:
    """Wait for a letter that left for this address."""

    def found() -> list[InboundMail]:
        letters = [each for each in portal.sink.letters if each.headers["to"] == recipient]
        return [each for each in letters if words in each.subject + each.text]

    wait_until(lambda: bool(found()), f"a letter to {recipient} with {words!r}")
    return found()[0]


def test_a_report_becomes_a_case(portal: Portal, browser: Browser, tmp_path: Path) -> None:
    number, secret = a_shop_owner_reports(portal, browser, tmp_path)
    by_mail = another_reports_by_mail(portal)
    the_shop_owner_adds_something(portal, browser, number, secret)
    case = an_analyst_opens_one_case_from_both(portal, browser, number, by_mail)
    a_restricted_case_is_nowhere(portal, browser, case)
    an_administrator_adds_a_colleague(portal, browser)
    portal.run("audit", "verify")


def a_shop_owner_reports(portal: Portal, browser: Browser, tmp_path: Path) -> tuple[str, str]:
    """On a phone, in Chinese, without JavaScript; the language switch loses nothing."""
    screen = tmp_path / "截圖.png"
    screen.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(2000))
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(address(portal, "/zh-hant/report/"))
    page.click("main a.govuk-button")
    assert page.get_attribute("html", "lang") == "zh-Hant-HK"
    press(page)
    page.check("input[name=reporter_kind][value=sme]")
    press(page)
    page.check("input[name=kind][value=phishing]")
    page.fill("textarea[name=description]", f"收到短訊要補運費，連結是 {LINK} ，已輸入信用卡資料")
    page.click("header [name=then], header .portal-switch")
    assert page.url.endswith("/en/report/what")
    assert "收到短訊" in page.input_value("textarea[name=description]")
    page.click("header [name=then], header .portal-switch")
    press(page)
    number = re.findall(r"R\d\d-\d{6}-\d", page.inner_text("main"))[0]
    assert "銀行" in page.inner_text("main")
    for slug in ("when", "affected", "personal-data", "evidence"):
        press(page)
        assert page.url.endswith(slug)
    page.set_input_files("input[type=file]", str(screen))
    page.click("main button[value=add]")
    assert "截圖.png" in page.inner_text("main")
    press(page)
    press(page)
    page.check("input[name=reach][value=contact]")
    page.fill("input[name=email]", "owner@noodles.example")
    press(page)
    assert page.url.endswith("/check")
    assert "截圖.png" in page.inner_text("main")
    press(page)
    assert page.url.endswith("/sent")
    text = page.inner_text("main")
    assert number in text
    secret = re.findall(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", text)[0]
    record = context.request.get(address(portal, "/zh-hant/report/sent/record.pdf"))
    assert record.body().startswith(b"%PDF")
    acknowledgement = letter_to(portal, "owner@noodles.example", number)
    assert "我們已收到你的報告" in acknowledgement.subject
    assert secret in acknowledgement.text
    assert acknowledgement.content_type == "multipart/signed"
    context.close()
    return number, secret


def press(page: Page) -> None:
    """The one main button of a question page."""
    page.click("main button.govuk-button:not(.govuk-button--secondary):not([value=add]):not([value=save])")


def another_reports_by_mail(portal: Portal) -> str:
    """By mail, in English; a reply joins, a second delivery makes no second report, an auto-reply is not answered."""
    first = EmailMessage()
    first["From"] = "Tom Lee <tom@cafe.example>"
    first["To"] = "report@portal.example"
    first["Subject"] = "Strange parcel message"
    first["Message-ID"] = "<first@cafe.example>"
    first.set_content("My staff got a text with hxxps://parcel-fee[.]example/pay - what should we do?")
    number = portal.run("mail", "receive", given=first.as_bytes())
    assert re.fullmatch(r"R\d\d-\d{6}-\d", number)
    assert portal.run("mail", "receive", given=b"Received: again\n" + first.as_bytes()) == f"duplicate {number}"
    acknowledgement = letter_to(portal, "tom@cafe.example", number)
    assert "We have received your report" in acknowledgement.subject
    assert acknowledgement.references == ["<first@cafe.example>"]
    reply = EmailMessage()
    reply["From"] = "tom@cafe.example"
    reply["Subject"] = "Re: your letter"
    reply["In-Reply-To"] = acknowledgement.message_id
    reply.set_content("One more thing: she also typed a one-time code.")
    assert portal.run("mail", "receive", given=reply.as_bytes()) == f"reply {number}"
    away = b"From: tom@cafe.example\nAuto-Submitted: auto-replied\nSubject: Away\n\nI am away"
    assert portal.run("mail", "receive", given=away) == "ignored auto-reply"
    assert "difference" in portal.run("mail", "reconcile")
    return number


def the_shop_owner_adds_something(portal: Portal, browser: Browser, number: str, secret: str) -> None:
    """With number and secret on another device; a wrong pair reads like an unknown number."""
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    answers = []
    for pair in (("R26-000999-0", secret), (number, "AAAA-BBBB-CCCC")):
        page.goto(address(portal, "/zh-hant/status"))
        page.fill("input[name=number]", pair[0])
        page.fill("input[name=secret]", pair[1])
        press(page)
        answers.append(page.inner_text("main").replace(pair[0], ""))
    assert answers[0] == answers[1]
    page.goto(address(portal, "/zh-hant/status"))
    page.fill("input[name=number]", number.lower().replace("-", " "))
    page.fill("input[name=secret]", secret.lower())
    press(page)
    page.fill("textarea[name=text]", "銀行已凍結該卡")
    press(page)
    assert "銀行已凍結該卡" in page.inner_text("main")
    page.context.close()


def sign_in(portal: Portal, browser: Browser, who: demo.DemoUser) -> Page:
    """As a person of the demonstration, with the code of the moment."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(address(portal, "/staff/"))
    page.fill("input[name=email]", who.email)
    page.fill("input[name=passphrase]", who.passphrase)
    page.fill("input[name=code]", pyotp.TOTP(who.totp).now())
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def an_analyst_opens_one_case_from_both(portal: Portal, browser: Browser, number: str, by_mail: str) -> str:
    """Both stand in the queue and are known to share the link; the case goes from new to closed."""
    page = sign_in(portal, browser, demo.USERS[0])
    queue = page.inner_text("main")
    assert number in queue
    assert by_mail in queue
    page.click(f"main a:text-is('{number}')")
    assert "parcel-fee[.]example" in page.inner_text("main")
    page.check(f"input[type=checkbox][value='{by_mail}']")
    press_named(page, "Open the case")
    case = re.findall(r"C\d\d-\d{6}-\d", page.url)[0]
    assert by_mail in page.inner_text("main")
    press_named(page, "Take this case")
    press_named(page, "Settle the kind")
    assert "the level was decided" in page.inner_text("main").lower() or page.locator(".staff-blocked").count()
    details(page, "Decide the level")
    page.check("input[name=leaked][value=core]")
    page.check("input[name=tampered][value=none]")
    page.check("input[name=halted][value=none]")
    press_named(page, "Decide")
    assert "Level 2" in page.inner_text(".staff-bar")
    press_named(page, "Start handling")
    page.fill("input[name=subject]", "Call your bank")
    page.fill("textarea[name=letter]", "Please ask your bank to block the card today.")
    press_named(page, "Send the letter")
    answer = letter_to(portal, "owner@noodles.example", "block the card")
    assert case in answer.subject
    assert answer.content_type == "multipart/signed"
    press_named(page, "Mark as resolved")
    close = page.locator("details", has_text="Close the case")
    close.locator("summary").click()
    close.locator("select[name=outcome]").select_option("fixed")
    close.locator("textarea[name=letter]").fill("The page is gone. Keep an eye on your card statements.")
    close.locator("button[type=submit]").click()
    assert "Closed" in page.inner_text(".staff-bar")
    letter_to(portal, "tom@cafe.example", "card statements")
    timeline = page.inner_text("main")
    for words in ("Call your bank", "銀行已凍結該卡", "one-time code"):
        assert words in timeline, words
    return case


def press_named(page: Page, words: str) -> None:
    """Press a button by its words."""
    page.locator(f"button:text-is('{words}')").first.click()


def details(page: Page, words: str) -> None:
    """Open a fold."""
    if page.locator(f"details:not([open]) summary:has-text('{words}')").count():
        page.click(f"details:not([open]) summary:has-text('{words}')")


def a_restricted_case_is_nowhere(portal: Portal, browser: Browser, case: str) -> None:
    """Not for a colleague who is not named: 404, not in lists, counts or search."""
    mine = sign_in(portal, browser, demo.USERS[2])
    other = sign_in(portal, browser, demo.USERS[1])
    assert other.goto(address(portal, f"/staff/cases/{case}")).status == 200  # type: ignore[union-attr]  # answered
    mine.goto(address(portal, f"/staff/cases/{case}"))
    details(mine, "Restrict it to named people")
    mine.fill("input[name=why]", "a bank is involved")
    mine.click("button:text-is('Restrict it')")
    assert other.goto(address(portal, f"/staff/cases/{case}")).status == 404  # type: ignore[union-attr]  # answered
    other.goto(address(portal, "/staff/search?q=parcel-fee.example"))
    assert case not in other.inner_text("main")
    other.goto(address(portal, "/staff/queue/team"))
    assert case not in other.inner_text("main")


def an_administrator_adds_a_colleague(portal: Portal, browser: Browser) -> None:
    """Accounts, holidays and clocks are data, changed on screen."""
    page = sign_in(portal, browser, demo.USERS[3])
    page.goto(address(portal, "/staff/people/add"))
    page.fill("input[name=email]", "new@portal.example")
    page.fill("input[name=name]", "New Person")
    page.fill("input[name=passphrase]", "five words that are long")
    page.check("input[name=roles][value=operator]")
    press(page)
    page.goto(address(portal, "/staff/people"))
    assert "New Person" in page.inner_text("main")
    page.goto(address(portal, "/staff/settings/holidays"))
    assert page.goto(address(portal, "/staff/")).status == 403  # type: ignore[union-attr]  # no reports for administrators
