"""The main line on real parts: a browser, gpg, Redis and RQ, SMTP, both databases. From a report to the figures."""

from __future__ import annotations

import http.client
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from cert_portal import demo
from cert_portal.core.mail.message import InboundMail
from tests.browser import sign_in
from tests.deployment import Portal, running
from tests.servers import wait_until

pytestmark = pytest.mark.slow

LINK = "https://parcel-fee.example/pay"


@pytest.fixture(params=["sqlite", "postgresql"])
def portal(request: pytest.FixtureRequest, home: Path) -> Iterator[Portal]:
    """A deployment with the demonstration's accounts and an empty desk."""
    url = os.environ["TEST_PG_JOURNEY"] if request.param == "postgresql" else ""
    with running(home / f"j-{request.param}", url, demo=True, lease=30) as found:
        found.run("demo", "users")
        yield found


def letter_to(portal: Portal, recipient: str, words: str) -> InboundMail:
    """Wait for a letter that left for this address."""

    def found() -> list[InboundMail]:
        letters = [each for each in portal.sink.letters if each.headers["to"] == recipient]
        return [each for each in letters if words in each.subject + each.text]

    wait_until(lambda: bool(found()), f"a letter to {recipient} with {words!r}")
    return found()[0]


def test_from_a_report_to_the_years_figures(portal: Portal, browser: Browser, tmp_path: Path) -> None:
    number, secret = a_shop_owner_reports(portal, browser, tmp_path)
    by_mail = another_reports_by_mail(portal)
    the_shop_owner_adds_something(portal, browser, number, secret)
    case = an_analyst_opens_one_case_from_both(portal, browser, number, by_mail)
    a_restricted_case_is_nowhere(portal, browser, case)
    an_administrator_adds_a_colleague(portal, browser)
    a_reader_subscribes(portal, browser)
    advisory = an_advisory_is_written_approved_and_mailed(portal, browser, case)
    anybody_can_check_it(portal, browser, advisory, tmp_path)
    the_reader_leaves(portal)
    the_liaison_officer_reads_the_figures(portal, browser, tmp_path, number)
    portal.run("audit", "verify")


def a_shop_owner_reports(portal: Portal, browser: Browser, tmp_path: Path) -> tuple[str, str]:
    """On a phone, in Chinese, without JavaScript; the language switch loses nothing."""
    screen = tmp_path / "截圖.png"
    screen.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(2000))
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(portal.address("/zh-hant/report/"))
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
    record = context.request.get(portal.address("/zh-hant/report/sent/record.pdf"))
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
        page.goto(portal.address("/zh-hant/status"))
        page.fill("input[name=number]", pair[0])
        page.fill("input[name=secret]", pair[1])
        press(page)
        answers.append(page.inner_text("main").replace(pair[0], ""))
    assert answers[0] == answers[1]
    page.goto(portal.address("/zh-hant/status"))
    page.fill("input[name=number]", number.lower().replace("-", " "))
    page.fill("input[name=secret]", secret.lower())
    press(page)
    page.fill("textarea[name=text]", "銀行已凍結該卡")
    press(page)
    assert "銀行已凍結該卡" in page.inner_text("main")
    page.context.close()


def an_analyst_opens_one_case_from_both(portal: Portal, browser: Browser, number: str, by_mail: str) -> str:
    """Both stand in the queue and are known to share the link; the case goes from new to closed."""
    page = sign_in(browser, portal.address(), demo.USERS[0])
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
    the_case_is_referred_to_who_can_help(portal, browser, page, case)
    page.get_by_role("checkbox", name=re.compile("owner@noodles")).check(force=True)
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


HOST = """kind,name_en,email,domains,telephone
hosting,Harbour Hosting,abuse@harbour.example,parcel-fee.example,+852 5550 0166
"""


def the_case_is_referred_to_who_can_help(portal: Portal, browser: Browser, page: Page, case: str) -> None:
    """The directory knows who hosts the link and says why; with consent the letter leaves; the party answers."""
    table = Path(portal.environment["CERT_PORTAL_INSTANCE_DIR"]) / "hosts.csv"
    table.write_text(HOST, "utf-8")
    portal.run("directory", "import", str(table))
    page.goto(portal.address(f"/staff/cases/{case}/refer"))
    told = page.inner_text("main")
    assert "Harbour Hosting" in told
    assert "parcel-fee" in told
    page.locator(".directory-card button", has_text="Prepare the letter").first.click()
    referral = re.findall(r"N\d\d-\d{6}-\d", page.url)[0]
    assert "abuse@harbour.example" in page.inner_text("main")
    assert page.locator("button:text-is('Send the letter')").count() == 0, "nobody has agreed yet"
    page.fill("input[name=who]", "The owner, by telephone")
    press_named(page, "Record it")
    press_named(page, "Send the letter")
    letter = letter_to(portal, "abuse@harbour.example", referral)
    assert letter.content_type == "multipart/signed"
    assert "parcel-fee[.]example" in letter.text
    link = re.findall(r"https?://\S+/p/\S+", letter.text)[0]
    outside = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False).new_page()
    outside.goto(link)
    press(outside)
    outside.fill("#acknowledge-reference, [id*=acknowledge][name=reference]", "HH-4711")
    outside.click("button:has-text('We have it')")
    outside.context.close()
    answer = EmailMessage()
    answer["From"] = "abuse@harbour.example"
    answer["Subject"] = f"Re: [{referral}] taken down [HH-4711]"
    answer["Message-ID"] = "<done@harbour.example>"
    answer["In-Reply-To"] = letter.message_id
    answer.set_content("The page is gone since noon.")
    assert portal.run("mail", "receive", given=answer.as_bytes()) == f"reply {referral}"
    page.goto(portal.address(f"/staff/cases/{case}"))
    assert referral in page.inner_text("main")
    assert "gone since noon" in page.inner_text("main")


def a_reader_subscribes(portal: Portal, browser: Browser) -> None:
    """In Chinese; nothing is sent before the owner of the address presses the button."""
    page = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False).new_page()
    page.goto(portal.address("/zh-hant/subscribe"))
    page.fill("input[name=address]", "reader@school.example")
    page.check("input[name=risk][value='2']")
    page.check("input[name=rhythm][value=both]")
    page.check("input[name=language][value=zh-hant]")
    press(page)
    letter = letter_to(portal, "reader@school.example", "確認訂閱")
    page.goto(re.findall(r"http\S+/subscribe/confirm/\S+", letter.text)[0])
    press(page)
    assert "訂閱成功" in page.inner_text("main")
    page.context.close()


def an_advisory_is_written_approved_and_mailed(portal: Portal, browser: Browser, case: str) -> str:
    """By an editor in both languages; approved by another; signed by its own job; the reader gets it signed."""
    editor = sign_in(browser, portal.address(), demo.USERS[4])
    press_named(editor, "Begin an advisory")
    public_id = re.findall(r"CP-A-\d{4}-\d{4}", editor.inner_text("main"))[0]
    editor.click("main a:text-is('Write')")
    words = {
        "title": "Fake parcel pages",
        "summary": "Do not pay.",
        "to_do": "1. Close it.",
        "going_on": "Fraud.",
        "affected": "All.",
    }
    chinese = {
        "title": "虛假包裹網頁",
        "summary": "請勿付款。",
        "to_do": "1. 關閉網頁。",
        "going_on": "騙案。",
        "affected": "所有人。",
    }
    for language, told in (("en", words), ("zh-hant", chinese)):
        for name, value in told.items():
            editor.fill(f"[name='{name}_{language}']", value)
    editor.fill("[name=references]", "https://www.example.com/parcel")
    editor.select_option("[name=level]", "3")
    press_named(editor, "Save and look at it")
    press_named(editor, "Give it to the second reader")
    approver = sign_in(browser, portal.address(), demo.USERS[5])
    approver.goto(editor.url)
    assert "虛假包裹網頁" in approver.inner_text("main")
    press_named(approver, "Approve and publish")
    letter = letter_to(portal, "reader@school.example", "虛假包裹網頁")
    assert letter.subject.startswith(f"[TLP:CLEAR] {public_id}")
    assert letter.headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert letter.content_type == "multipart/signed"
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(portal.address(f"/en/advisories/{public_id}"))
    assert "Fake parcel pages" in page.inner_text("h1")
    page.click("header .portal-switch")
    assert "虛假包裹網頁" in page.inner_text("h1")
    for place in (f"/advisories/{public_id}.en.txt.asc", "/feeds/advisories.zh-hant.atom", "/.well-known/security.txt"):
        assert page.request.get(portal.address(place)).ok, place
    page.context.close()
    return public_id


def anybody_can_check_it(portal: Portal, browser: Browser, public_id: str, tmp_path: Path) -> None:
    """On the page and by command; one changed character is not genuine."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    text = page.request.get(portal.address(f"/advisories/{public_id}.en.txt.asc")).text()
    for told, expected in ((text, "Signature valid"), (text.replace("Close it", "Open it"), "Not genuine")):
        page.goto(portal.address("/en/verify"))
        page.fill("textarea[name=text]", told)
        press(page)
        assert expected in page.inner_text("main")
    page.context.close()
    assert "signed files are genuine" in portal.run("advisories", "verify")


def the_reader_leaves(portal: Portal) -> None:
    """One click of a mail program: no cookie, no token of ours, no redirect (RFC 8058)."""
    letter = letter_to(portal, "reader@school.example", "虛假包裹網頁")
    place = urlsplit(letter.headers["list-unsubscribe"].strip("<>")).path
    connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=30)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", place, "List-Unsubscribe=One-Click", form)
    assert connection.getresponse().status == 200
    connection.close()


def the_liaison_officer_reads_the_figures(portal: Portal, browser: Browser, tmp_path: Path, number: str) -> None:
    """Counts from the record, each with its rows; no name anywhere; the draft of the year's report."""
    page = sign_in(browser, portal.address(), demo.USERS[6])
    assert page.url.endswith("/staff/figures")
    assert page.goto(portal.address(f"/staff/reports/{number}")).status == 403  # type: ignore[union-attr]  # answered
    year = datetime.now(UTC).year
    told = portal.run("figures", "--from", f"{year}-01-01", "--to", f"{year}-12-31", "--format", "json")
    figures = {each["id"]: each for each in json.loads(told)["metrics"]}
    assert figures["reports.received"]["value"] == 2
    assert figures["advisories.published"]["value"] == 1
    page.goto(portal.address("/staff/figures/rows/reports.received"))
    assert "2 rows" in page.inner_text("main"), "both are of a restricted case: counted, but not told"
    assert number not in page.content()
    assert "noodles" not in page.content()
    out = tmp_path / "annual.html"
    portal.run("report", "annual", str(year), "--lang", "zh-hant", "--format", "html", "--out", str(out))
    assert "年報" in out.read_text("utf-8")


def press_named(page: Page, words: str) -> None:
    """Press a button by its words."""
    page.locator(f"button:text-is('{words}')").first.click()


def details(page: Page, words: str) -> None:
    """Open a fold."""
    if page.locator(f"details:not([open]) summary:has-text('{words}')").count():
        page.click(f"details:not([open]) summary:has-text('{words}')")


def a_restricted_case_is_nowhere(portal: Portal, browser: Browser, case: str) -> None:
    """Not for a colleague who is not named: 404, not in lists, counts or search."""
    mine = sign_in(browser, portal.address(), demo.USERS[2])
    other = sign_in(browser, portal.address(), demo.USERS[1])
    assert other.goto(portal.address(f"/staff/cases/{case}")).status == 200  # type: ignore[union-attr]  # answered
    mine.goto(portal.address(f"/staff/cases/{case}"))
    details(mine, "Restrict it to named people")
    mine.fill("#why", "a bank is involved")
    mine.click("button:text-is('Restrict it')")
    assert other.goto(portal.address(f"/staff/cases/{case}")).status == 404  # type: ignore[union-attr]  # answered
    other.goto(portal.address("/staff/search?q=parcel-fee.example"))
    assert case not in other.inner_text("main")
    other.goto(portal.address("/staff/queue/team"))
    assert case not in other.inner_text("main")


def an_administrator_adds_a_colleague(portal: Portal, browser: Browser) -> None:
    """Accounts, holidays and clocks are data, changed on screen."""
    page = sign_in(browser, portal.address(), demo.USERS[3])
    page.goto(portal.address("/staff/people/add"))
    page.fill("input[name=email]", "new@portal.example")
    page.fill("input[name=name]", "New Person")
    page.fill("input[name=passphrase]", "five words that are long")
    page.check("input[name=roles][value=operator]")
    press(page)
    page.goto(portal.address("/staff/people"))
    assert "New Person" in page.inner_text("main")
    page.goto(portal.address("/staff/settings/holidays"))
    assert page.goto(portal.address("/staff/")).status == 403  # type: ignore[union-attr]  # no reports for administrators
