"""What the scripts of the case desk do in a real browser: words that stay, keys, lists that refresh themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect
from sqlalchemy import func, select

from cert_portal import demo
from cert_portal.cases import notices, saved, service, timeline
from cert_portal.cases.queue import Sort
from cert_portal.cases.visible import find_case
from cert_portal.core.db import session, start_writing
from cert_portal.core.i18n import Language
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import accounts
from cert_portal.intake.models import Report
from cert_portal.intake.process import process
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission
from cert_portal.web.staff.words import STATE_COLOURS
from tests.browser import cookies_of
from tests.deployment import Portal

pytestmark = pytest.mark.slow

DONE = ".moj-alert--success"


@dataclass(frozen=True)
class Rows:
    """What pages are opened with."""

    waiting: str
    case: str
    foreign: str
    alone: str


def a_report(number: int) -> Report:
    """Somebody with an address, who names a page that others name too."""
    told = f"Number {number} sent me to https://parcel-fee.example/pay and wants my card."
    email = f"r{number}@shop.example"
    found = receive(Submission(language=Language.EN, kind="phishing", description=told, email=email), Channel.WEB)
    process(found.id)
    return found


@pytest.fixture(scope="module")
def rows(portal: Portal) -> Rows:
    """Four reports that wait, a case of one's own with two reports, a case of somebody else."""
    start_writing()
    with portal.app.app_context():
        ann, ben = (accounts.by_email(each.email) for each in demo.USERS[:2])
        assert ann is not None
        assert ben is not None
        waiting = [a_report(number) for number in range(4)]
        case = service.open_case([a_report(10), a_report(11)], ann, title="A parcel page", kind="phishing")
        service.take(case, ann)
        foreign = service.open_case([a_report(20)], ben, title="Another page", kind="phishing")
        service.take(foreign, ben)
        alone = service.open_case([a_report(30)], ben, title="A third page", kind="phishing")
        saved.save("Everything of this week", "is:open", Sort.NEWEST, ben, shared=True)
        session.commit()
        return Rows(waiting=waiting[0].number, case=case.number, foreign=foreign.number, alone=alone.number)


@pytest.fixture(scope="module")
def signed_in(portal: Portal, browser: Browser, rows: Rows) -> StorageState:
    """The cookies of an analyst: each code can be used but once."""
    return cookies_of(browser, portal.address(), demo.USERS[0])


@pytest.fixture
def page(portal: Portal, browser: Browser, signed_in: StorageState) -> Iterator[Page]:
    """A page of the analyst, in a window that remembers nothing."""
    context: BrowserContext = browser.new_context(storage_state=signed_in, base_url=portal.address())
    yield context.new_page()
    context.close()


def letters_about(portal: Portal, words: str) -> int:
    """How many letters with this subject stand in the outbox."""
    with portal.app.app_context():
        return session.scalar(select(func.count()).where(Letter.subject.contains(words))) or 0


def notes_of(portal: Portal, number: str, words: str) -> int:
    """How many notes with these words stand in the timeline."""
    with portal.app.app_context():
        ann = accounts.by_email(demo.USERS[0].email)
        assert ann is not None
        case = find_case(number, ann)
        assert case is not None
        return sum(words in (each.text or "") for each in timeline.of_case(case, ann))


def twice(page: Page) -> None:
    """Press before the page can go away."""
    page.keyboard.down("Control")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.up("Control")


def test_a_template_of_the_server_is_not_overwritten(page: Page, rows: Rows) -> None:
    """The words of the template come behind those that were typed, and stay when the page is loaded anew."""
    for path, key in ((f"/staff/cases/{rows.case}", "#letter-head"), (f"/staff/reports/{rows.waiting}", "#writing")):
        page.goto(path)
        if "reports" in path:
            page.click("#writing > summary")
        page.fill("#letter", "Dear Mr Chan,")
        page.select_option("#template", index=1)
        page.click("button[value=fill]")
        page.wait_for_url(lambda url, key=key: url.endswith(f"/write{key}"))  # type: ignore[misc]  # bound at once
        expect(page.locator("#letter")).to_have_value(re.compile(r"^Dear Mr Chan,\s+\S"))
        filled = page.input_value("#letter")
        page.locator("form:has(#letter) [data-unsent-said]:not(:empty)").wait_for()
        page.goto(path)
        expect(page.locator("#letter")).to_have_value(filled)
        page.click(".staff-draft button:visible")
        page.wait_for_selector(DONE)


def test_what_comes_back_from_the_look_is_what_the_server_shows(page: Page, rows: Rows) -> None:
    """Change it: the form has the words that were looked at, and the moment that was chosen."""
    page.goto(f"/staff/cases/{rows.case}")
    page.check("#to-1", force=True)
    page.fill("#letter", "As it was looked at.")
    page.click("button[value=look]:visible")
    page.evaluate(
        "for (const key of Object.keys(sessionStorage)) if (!key.endsWith(':sent')) sessionStorage[key] = '[]'"
    )
    page.click("button[value=change]")
    page.wait_for_selector("#letter")
    assert page.input_value("#letter") == "As it was looked at."
    assert page.is_checked("#to-1")
    page.locator("form:has(#letter) [data-unsent-said]:not(:empty)").wait_for()
    page.goto(f"/staff/cases/{rows.case}")
    assert page.input_value("#letter") == "As it was looked at.", "a draft like any other"
    page.click(".staff-draft button:visible")
    page.wait_for_selector(DONE)


def test_words_stay_with_the_person_who_typed_them(portal: Portal, page: Page, browser: Browser, rows: Rows) -> None:
    page.route("**/unsent/**", lambda route: route.abort())
    page.goto(f"/staff/cases/{rows.foreign}")
    page.fill("#note", "What Ann thinks of it")
    own = page.context.cookies()
    page.context.clear_cookies()
    theirs = cookies_of(browser, portal.address(), demo.USERS[1])["cookies"]
    page.context.add_cookies(theirs)  # type: ignore[arg-type]  # the fields that Playwright gave
    page.reload()
    assert page.input_value("#note") == ""
    page.context.clear_cookies()
    page.context.add_cookies(own)  # type: ignore[arg-type]  # the fields that Playwright gave
    page.reload()
    assert page.input_value("#note") == "What Ann thinks of it"


def test_the_letter_of_a_bulk_close_stays_until_it_is_sent(portal: Portal, page: Page) -> None:
    start_writing()
    with portal.app.app_context():
        ann = accounts.by_email(demo.USERS[0].email)
        assert ann is not None
        for number in (41, 42):
            service.take(service.open_case([a_report(number)], ann, title=f"Bulk{number}", kind="phishing"), ann)
        session.commit()

    def choose(title: str) -> None:
        page.goto(f"/staff/cases?q={title}")
        page.check("[name=numbers]", force=True)
        page.select_option("[name=act]", "dismiss")
        page.click(".staff-bulk button")
        page.wait_for_selector("#letter")

    choose("Bulk41")
    page.fill("#letter", "The page is gone.")
    choose("Bulk41")
    assert page.input_value("#letter") == "The page is gone."
    page.click("text=Look what will happen")
    expect(page.locator("#error-summary, .govuk-error-summary")).to_be_visible()
    assert page.input_value("#letter") == "The page is gone."
    page.select_option("#value", "no_incident")
    page.click("text=Look what will happen")
    page.click("text=Do it")
    page.wait_for_url("**/cases/bulk/*")
    expect(page.locator("[data-done]")).to_contain_text("1 case was changed.")
    choose("Bulk42")
    assert page.input_value("#letter") == ""


def test_a_letter_that_refers_elsewhere_is_kept_as_it_is_typed(page: Page, rows: Rows) -> None:
    path = f"/staff/reports/{rows.waiting}/refer?body="
    page.goto(f"{path}police")
    page.fill("#letter", "In words of my own.")
    page.goto(f"{path}pcpd")
    assert page.input_value("#letter") != "In words of my own."
    page.goto(f"{path}police")
    assert page.input_value("#letter") == "In words of my own."
    page.locator("[data-unsent-said]:not(:empty)").wait_for()
    page.evaluate("sessionStorage.clear()")
    page.reload()
    assert page.input_value("#letter") == "In words of my own."
    page.click(".staff-draft button")
    page.wait_for_selector(DONE)
    page.goto(f"{path}police")
    assert page.input_value("#letter") != "In words of my own."


def switched(page: Page) -> None:
    """Press the button of the other language."""
    before = page.get_attribute("html", "lang")
    page.click("form[action*='/account/language'] button")
    expect(page.locator("html")).not_to_have_attribute("lang", before or "")


def test_the_switch_of_the_language_keeps_what_was_typed(page: Page, rows: Rows) -> None:
    """Twice, as it would be done: to the other language and back."""
    case = f"/staff/cases/{rows.case}"
    places = {
        f"{case}/split": "#title",
        f"{case}/take-out": "#reason",
        f"{case}/merge?others={rows.foreign}": "#reason",
        f"{case}/observables": "#lines",
        "/staff/calls": "#note",
    }
    for path, field in places.items():
        page.goto(path)
        page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
        page.fill(field, "Words of mine")
        for _time in range(2):
            switched(page)
            expect(page.locator(field), path).to_have_value("Words of mine")
    page.goto(f"{case}/take-out?reports={rows.waiting}")
    assert page.input_value("#reason") == "", "asked for another report"


def test_reasons_and_fields_stay_when_the_page_is_loaded_anew(page: Page, rows: Rows) -> None:
    """Also those of forms that stand folded in the page of a case or a report."""
    case, report = f"/staff/cases/{rows.alone}", f"/staff/reports/{rows.waiting}"
    for path, form, field in (
        (case, "/level", "override_reason"),
        (case, "/restrict", "why"),
        (case, "/link", "other"),
        (report, "/edit", "edit-organisation"),
        ("/staff/values/ignored", "/ignored", "reason"),
    ):
        place = page.locator(f"form[action$='{form}'] [name={field}]")
        page.goto(path)
        page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
        place.fill("Words of mine")
        page.goto(path)
        expect(place, path + form).to_have_value("Words of mine")
        expect(place, path + form).to_be_visible()


def test_values_that_were_added_do_not_come_back(page: Page, rows: Rows) -> None:
    page.goto(f"/staff/cases/{rows.alone}/observables")
    page.evaluate("document.querySelector('details:has(#lines)').open = true")
    page.fill("#lines", "added.example")
    page.click("form:has(#lines) button")
    page.wait_for_selector("[data-done]")
    page.goto(f"/staff/cases/{rows.alone}/observables")
    assert page.input_value("#lines") == ""


def test_what_a_colleague_changed_meanwhile_is_told_of_words_that_came_back(portal: Portal, browser: Browser) -> None:
    context = browser.new_context(
        storage_state=cookies_of(browser, portal.address(), demo.USERS[2]), base_url=portal.address()
    )
    page, theirs = context.new_page(), context.new_page()
    page.goto("/staff/directory/add")
    page.fill("[name=name_en]", "Old Harbour Bank")
    page.select_option("[name=kind]", index=1)
    page.click("main form:has([name=name_en]) button")
    page.wait_for_selector(DONE)
    path = f"{page.url}/edit"
    page.goto(path)
    page.fill("[name=name_en]", "Harbour Bank of mine")
    theirs.goto(path)
    theirs.fill("[name=name_en]", "Harbour Bank of theirs")
    theirs.click("main form:has([name=name_en]) button")
    theirs.wait_for_selector(DONE)
    page.goto(path)
    assert page.input_value("[name=name_en]") == "Harbour Bank of mine"
    page.click("main form:has([name=name_en]) button")
    expect(page.locator("#edited-meanwhile")).to_contain_text("Harbour Bank of theirs")
    context.close()


def test_control_enter_looks_before_it_sends_and_acts_once(portal: Portal, page: Page, rows: Rows) -> None:
    page.clock.install()
    page.goto(f"/staff/cases/{rows.case}")
    page.check("#to-1", force=True)
    page.fill("#subject", "Pressed by keys")
    page.fill("#letter", "Please call your bank.")
    twice(page)
    page.wait_for_selector(".staff-look")
    assert letters_about(portal, "Pressed by keys") == 0
    page.clock.fast_forward(1500)
    twice(page)
    page.wait_for_selector(DONE)
    assert letters_about(portal, "Pressed by keys") == 1
    assert page.input_value("#letter") == ""
    page.reload()
    assert page.input_value("#letter") == ""


def test_control_enter_in_send_it_later_dates_the_letter(portal: Portal, page: Page, rows: Rows) -> None:
    page.clock.install()
    page.goto(f"/staff/cases/{rows.case}")
    page.check("#to-1", force=True)
    page.fill("#subject", "Not before tomorrow")
    page.fill("#letter", "Please call your bank.")
    page.click("details:has(#when) > summary")
    page.select_option("#when", index=1)
    page.focus("#when")
    twice(page)
    page.wait_for_selector(DONE)
    assert letters_about(portal, "Not before tomorrow") == 0
    assert page.locator(".staff-planned", has_text="Not before tomorrow").count() == 1
    page.fill("#subject", "Not before tomorrow either")
    page.fill("#letter", "Please call your bank.")
    page.check("#to-1", force=True)
    page.click("details:has(#when) > summary")
    page.select_option("#when", index=1)
    page.focus("#letter")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".staff-look")
    page.clock.fast_forward(1500)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(DONE)
    assert letters_about(portal, "Not before tomorrow") == 0
    assert page.locator(".staff-planned", has_text="Not before tomorrow either").count() == 1


def test_a_note_is_kept_once(portal: Portal, page: Page, rows: Rows) -> None:
    page.goto(f"/staff/cases/{rows.case}")
    page.fill("#note", "Pressed twice")
    twice(page)
    page.wait_for_selector("#note")
    page.wait_for_load_state("networkidle")
    page.reload()
    assert notes_of(portal, rows.case, "Pressed twice") == 1
    assert page.input_value("#note") == ""


def keys_shown(page: Page) -> dict[str, str]:
    """What the list of keys says on this page, each once."""
    page.keyboard.press("?")
    told = [line.split("\n", 1) for line in page.locator("#shortcuts dl > div:visible").all_inner_texts()]
    page.keyboard.press("Escape")
    page.wait_for_selector("#shortcuts", state="hidden")
    assert len(told) == len({key for key, _words in told})
    return dict(told)


def test_keys_that_an_input_method_takes_leave_no_box(page: Page) -> None:
    page.goto("/staff/cases")
    page.focus("#q")
    press = "new KeyboardEvent('keydown', {key: 'Escape', isComposing: %s, bubbles: true, cancelable: true})"
    for composing, place in (("true", "q"), ("false", "")):
        page.evaluate(f"document.activeElement.dispatchEvent({press % composing})")
        assert page.evaluate("document.activeElement.id") == place


def focused(page: Page) -> str:
    """Which element has the focus."""
    return str(page.evaluate("document.activeElement.id || document.activeElement.innerText"))


def check_keys(page: Page, path: str, places: dict[str, str]) -> None:
    """Each key, pressed on the fresh page, puts the focus on an element of that id, or whose words begin so."""
    for key, place in places.items():
        page.goto(path)
        page.keyboard.press(key)
        assert focused(page).startswith(place), key


def test_keys_of_a_case_go_where_they_say(page: Page, rows: Rows) -> None:
    """Small or with Caps Lock; the list of keys names those of this page."""
    path = f"/staff/cases/{rows.foreign}"
    page.goto(path)
    told = keys_shown(page)
    assert {key: told[key] for key in "asrmlv"} == {
        "a": "Give it to somebody",
        "s": "What next: the state of the case",
        "r": "Write to a reporter",
        "m": "Merge other cases into this one",
        "l": "Link with another case",
        "v": "Decide the level",
    }
    assert not {"j k", "o", "x"} & told.keys()
    check_keys(page, path, {"s": "Settle the kind", "r": "to", "l": "other", "v": "leaked", "n": "note", "t": "tag"})
    page.goto(path)
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'L', bubbles: true}))")
    assert focused(page) == "other", "Caps Lock is on"
    page.goto(path)
    page.keyboard.press("Shift+L")
    assert focused(page) != "other"
    page.keyboard.press("m")
    page.wait_for_url(f"**{path}/merge")


def test_a_takes_what_nobody_has_and_asks_of_what_somebody_has(portal: Portal, page: Page, rows: Rows) -> None:
    page.goto(f"/staff/cases/{rows.alone}")
    assert keys_shown(page)["a"] == "Take this case"
    page.keyboard.press("a")
    page.wait_for_function("() => document.querySelector('.staff-facts dd').innerText.includes('Ann Lam')")
    assert keys_shown(page)["a"] == "Give it to somebody"
    page.keyboard.press("a")
    assert focused(page) == "owner"
    page.select_option("#owner", label=demo.USERS[1].name)
    page.keyboard.press("Control+Enter")
    page.wait_for_function("() => document.querySelector('.staff-facts dd').innerText.includes('Ben Ho')")


def test_keys_of_a_report_go_where_they_say(page: Page, rows: Rows) -> None:
    path = f"/staff/reports/{rows.waiting}"
    page.goto(path)
    told = keys_shown(page)
    assert {key: told[key] for key in "asrml"} == {
        "a": "Open a case",
        "s": "What becomes of it",
        "r": "Write to the reporter",
        "m": "Join it to a case",
        "l": "Look at what shares something with it",
    }
    assert "v" not in told
    check_keys(page, path, {"a": "title", "m": "case", "r": "template", "l": "One case together with"})


def test_keys_of_a_list_open_the_marked_row_at_its_place(page: Page, rows: Rows) -> None:
    """Nothing is pressed there, the way back leads to the list, and the row is still marked."""
    page.goto("/staff/")
    told = keys_shown(page)
    assert told["a"] == "What is to be done with the selected rows"
    assert told["m"] == "Open the report: join it to a case"
    assert "v" not in told
    page.keyboard.press("j")
    page.keyboard.press("j")
    number = page.text_content(".staff-here .staff-number")
    page.keyboard.press("r")
    page.wait_for_url(f"**/staff/reports/{number}")
    assert focused(page) == "template"
    page.go_back()
    assert page.text_content(".staff-here .staff-number") == number
    assert page.evaluate("document.querySelector('.staff-here').contains(document.activeElement)")
    page.keyboard.press("o")
    page.wait_for_url(f"**/staff/reports/{number}")
    page.go_back()
    assert page.text_content(".staff-here .staff-number") == number
    page.keyboard.press("x")
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.name") == "act"
    page.goto("/staff/queue/team")
    page.keyboard.press("j")
    number = page.text_content(".staff-here .staff-number")
    page.keyboard.press("m")
    page.wait_for_url(f"**/staff/cases/{number}/merge")
    assert focused(page) == "typed"
    page.go_back()
    page.wait_for_url(f"**/staff/cases/{number}")
    page.go_back()
    page.wait_for_url("**/staff/queue/team")
    page.keyboard.press("a")
    assert page.is_checked(".staff-here input[type=checkbox]"), "nothing was ticked: the marked row is"
    page.keyboard.press("Escape")
    assert focused(page) == number, "back on the row"
    page.keyboard.press("k")
    page.goto(f"/staff/cases/{rows.foreign}#key-a")
    assert focused(page) == "owner", "an address presses nothing"
    assert page.url.endswith(rows.foreign)


def test_r_says_why_nobody_can_be_written_to(portal: Portal, page: Page) -> None:
    start_writing()
    with portal.app.app_context():
        ann = accounts.by_email(demo.USERS[0].email)
        assert ann is not None
        told = Submission(language=Language.EN, kind="phishing", description="Nobody says who I am")
        nameless = receive(told, Channel.WEB)
        process(nameless.id)
        service.open_case([nameless], ann, title="Nameless", kind="phishing")
        session.commit()
    page.goto("/staff/cases?q=Nameless")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.wait_for_url("**/staff/cases/C*")
    assert focused(page) == "letter-head"
    expect(page.locator("#writing")).to_contain_text("No reporter gave an e-mail address.")


def test_a_key_is_told_once_with_all_that_it_does(page: Page, rows: Rows) -> None:
    page.goto("/staff/search?q=parcel")
    told = keys_shown(page)
    assert told["m"] == "Open the case: merge other cases into it\nOpen the report: join it to a case"
    assert told["s"] == "Open the case: what next\nOpen the report: what becomes of it"
    assert told["r"] == "Open the case: write to a reporter\nOpen the report: write to a reporter"


def test_a_notice_is_opened_by_its_key(portal: Portal, page: Page, rows: Rows) -> None:
    start_writing()
    with portal.app.app_context():
        ann = accounts.by_email(demo.USERS[0].email)
        assert ann is not None
        case = find_case(rows.case, ann)
        assert case is not None
        assert notices.tell_of_case(notices.Kind.GIVEN, ann, case, "1")
        session.commit()
    page.goto("/staff/notices")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(f"**/staff/cases/{rows.case}")


def test_escape_leaves_the_search_box(page: Page) -> None:
    page.goto("/staff/")
    page.keyboard.press("/")
    page.keyboard.type("parcel")
    page.keyboard.press("Escape")
    assert page.input_value("#q") == "parcel"
    page.keyboard.press("j")
    assert page.locator(".staff-here").count() == 1


WIDE = "[...document.querySelectorAll('.staff-scroll')].filter(each => each.scrollWidth > each.clientWidth + 1).length"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_counts_beside_the_lists_are_refreshed_with_the_rows(portal: Portal, page: Page, rows: Rows) -> None:
    page.clock.install()
    page.goto("/staff/queue/team")
    count = page.locator("#lists a", has_text="Triage").locator(".staff-count")
    before = int(count.inner_text())
    start_writing()
    with portal.app.app_context():
        a_report(90)
        session.commit()
    page.clock.fast_forward(61_000)
    expect(count).to_have_text(str(before + 1))
    assert page.get_attribute("#lists [aria-current]", "href") == "/staff/queue/team"


def test_a_list_is_refreshed_under_who_stands_on_a_row(portal: Portal, page: Page, rows: Rows) -> None:
    """And who stands there stands there afterwards; a ticked row keeps the list as it is."""
    page.clock.install()
    page.goto("/staff/queue/team")
    page.keyboard.press("j")
    number, before = focused(page), page.locator("#rows tbody tr").count()
    start_writing()
    with portal.app.app_context():
        ben = accounts.by_email(demo.USERS[1].email)
        assert ben is not None
        service.open_case([a_report(91)], ben, title="While she looks", kind="phishing")
        session.commit()
    page.clock.fast_forward(61_000)
    expect(page.locator("#rows tbody tr")).to_have_count(before + 1)
    assert focused(page) == number
    assert page.text_content(".staff-here .staff-number") == number
    page.keyboard.press("x")
    page.clock.fast_forward(61_000)
    assert page.is_checked(".staff-here input[type=checkbox]")

    line = page.get_by_text("Rows are ticked")
    expect(line).to_be_visible()
    page.keyboard.press("x")
    page.focus(".staff-here input[type=checkbox]")
    with page.expect_response("**/staff/queue/team"):
        page.clock.fast_forward(61_000)
    expect(line).to_be_hidden()
    assert page.evaluate("document.activeElement.closest('tr').querySelector('.staff-number').textContent") == number
    assert page.evaluate("document.activeElement.type") == "checkbox"
    page.route("**/staff/queue/team", lambda route: route.fulfill(status=401))
    page.clock.fast_forward(61_000)
    ended = page.get_by_text("You are signed out.")
    expect(ended).to_be_visible()
    page.keyboard.press("Space")
    page.clock.fast_forward(61_000)
    expect(ended).to_be_visible()


@pytest.mark.parametrize("trouble", [500, 503, 429, 401])
def test_an_error_or_the_end_of_the_session_takes_no_row_away(page: Page, rows: Rows, trouble: int) -> None:
    """And a line says that the list is old; when the server is well again it is gone."""
    page.clock.install()
    page.goto("/staff/queue/team")
    count = page.locator("#rows tbody tr").count()
    page.route("**/staff/queue/team", lambda route: route.fulfill(status=trouble, body="<h1>Sorry</h1>"))
    page.clock.fast_forward(61_000)
    line = page.get_by_text("You are signed out." if trouble == 401 else "This page could not be refreshed")
    expect(line).to_be_visible()
    assert page.locator("#rows tbody tr").count() == count
    page.unroute("**/staff/queue/team")
    page.clock.fast_forward(61_000)
    expect(line).to_be_hidden()


def test_no_sign_in_page_stands_inside_a_page(portal: Portal, page: Page, rows: Rows) -> None:
    page.clock.install()
    page.goto(f"/staff/cases/{rows.case}")
    page.context.clear_cookies()
    page.clock.fast_forward(21_000)
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert page.locator("input[name=passphrase]").count() == 0
    assert page.get_attribute("#stale a", "href") == f"/staff/sign-in?next=/staff/cases/{rows.case}"


@pytest.mark.parametrize("width", [390, 768, 820, 1024, 1180])
def test_lists_fit_on_every_screen(page: Page, rows: Rows, width: int) -> None:
    """Whatever columns are chosen, nothing is cut, on a telephone or a tablet."""
    page.set_viewport_size({"width": width, "height": 1100})
    for path in ("/staff/", "/staff/queue/team"):
        page.goto(path)
        assert page.evaluate(WIDE) == 0, path
        assert page.evaluate(SIDEWAYS) == 0, path
    assert page.locator(".staff-scroll:not([tabindex='0'][aria-label])").count() == 0


@pytest.mark.parametrize(("width", "height"), [(1280, 700), (390, 700)])
def test_what_can_be_done_with_ticked_rows_stays_in_sight(page: Page, rows: Rows, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/staff/queue/team")
    page.evaluate("document.querySelector('#rows table').style.marginBottom = '3000px'")
    bar = page.locator(".staff-bulk")
    assert not page.evaluate("document.querySelector('.staff-bulk').getBoundingClientRect().top < innerHeight")
    page.locator("#rows tbody input[type=checkbox]").first.check(force=True)
    box = bar.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= height + 1
    assert page.evaluate(SIDEWAYS) == 0
    parts = page.locator(".staff-bulk :is(select, button):visible")
    assert all((each.bounding_box() or box)["width"] > 80 for each in parts.all())
    edges = [(each.bounding_box() or box)["x"] + (each.bounding_box() or box)["width"] for each in parts.all()]
    assert max(edges) <= box["x"] + box["width"], "nothing stands out of the bar"
    inside = "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.staff-bulk'))"
    assert page.evaluate(inside, [box["x"] + box["width"] / 2, box["y"] + 4])
    page.emulate_media(media="print")
    assert not bar.is_visible()


def test_lines_of_a_card_begin_at_one_edge(page: Page, rows: Rows) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/staff/team/workload")
    lines = page.locator("tbody tr").first.locator("td")
    padding = "found => found.map(each => getComputedStyle(each).paddingLeft)"
    assert set(lines.evaluate_all(padding)) == {"0px"}


def test_a_kept_search_says_whose_it_is_and_a_long_name_fits(page: Page, rows: Rows) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/staff/queue/team")
    assert "Ben Ho" in page.inner_text(".staff-saved li >> nth=0")
    page.click("details:has(#save-name) > summary")
    page.fill("#save-name", "x" * 60)
    page.click("form:has(#save-name) button")
    page.wait_for_selector(DONE)
    assert page.evaluate(SIDEWAYS) == 0
    page.click(f"button:has-text('{'x' * 60}')")
    page.wait_for_url("**/staff/queue/team")
    expect(page.locator(".staff-saved li")).to_have_count(1)


def test_new_and_watched_cases_do_not_look_alike(page: Page, rows: Rows) -> None:
    page.goto(f"/staff/cases/{rows.case}")
    look = """each => { const tag = Object.assign(document.createElement("strong"), {className: each});
        document.body.append(tag); return getComputedStyle(tag).backgroundColor; }"""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours = {page.evaluate(look, f"govuk-tag govuk-tag--{each}") for each in set(STATE_COLOURS.values())}
        assert len(colours) == len(set(STATE_COLOURS.values())), scheme


@pytest.mark.parametrize("width", [1200, 1280, 1600])
def test_the_original_stands_beside_what_was_read_from_it(page: Page, rows: Rows, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/staff/reports/{rows.waiting}")
    tops = [(box["x"], box["y"]) for each in ("original", "facts") if (box := page.locator(f"#{each}").bounding_box())]
    (left, top), (right, other) = tops
    assert (top, left < right) == (other, True)
    assert page.evaluate(SIDEWAYS) == 0


@pytest.mark.parametrize("width", [768, 820, 1024])
def test_on_a_tablet_rows_with_a_mark_are_laid_out_as_all_others(
    portal: Portal, page: Page, rows: Rows, width: int
) -> None:
    start_writing()
    with portal.app.app_context():
        ann = accounts.by_email(demo.USERS[0].email)
        assert ann is not None
        title = "A page that asks for the card of whoever waits for a parcel, in three languages"
        for restricted in (True, False):
            service.open_case([], ann, title=f"{title} {width}", kind="phishing", restricted=restricted)
        session.commit()
    page.set_viewport_size({"width": width, "height": 1000})
    page.goto(f"/staff/cases?q={width}")
    places = page.evaluate("""[...document.querySelectorAll('tbody tr')].map(row => {
        const place = each => row.querySelector(each).getBoundingClientRect();
        const [title, state] = [place('.staff-title'), place('[data-column=state]')];
        return [title.x, state.x, state.y >= title.bottom - 1];
    })""")
    assert len(places) == 2
    assert places[0] == places[1]
    assert places[0][2], "the state stands in the line below"
