"""Every page in a real browser: axe-core, languages, widths, light and dark, keyboard alone, page weight."""

from __future__ import annotations

import gzip
import io
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from unittest.mock import Mock

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, StorageState
from sqlalchemy.exc import OperationalError

from cert_portal import demo
from cert_portal.cases import agency, agency_after, later, letters, links, merging, saved, service
from cert_portal.cases.models import Case
from cert_portal.cases.queue import Sort, View
from cert_portal.coordination import refer
from cert_portal.coordination.answers import Told, by_page
from cert_portal.coordination.consent import record_consent
from cert_portal.coordination.link import token_of
from cert_portal.coordination.proposals import proposals
from cert_portal.coordination.workflow import Verb
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.feeds import Entry
from cert_portal.core.i18n import Language
from cert_portal.directory import accounts, members, organisations, tokens
from cert_portal.directory.models import User
from cert_portal.governance import annual
from cert_portal.intake import calls, drafts, files, sms, status, transcript
from cert_portal.intake.models import CallKind, Report, ReportState
from cert_portal.intake.pages import Picture
from cert_portal.intake.process import process
from cert_portal.intake.receive import receive
from cert_portal.intake.status import add
from cert_portal.intake.submission import Channel, Submission
from cert_portal.monitoring import findings
from cert_portal.monitoring import service as watching
from cert_portal.monitoring.machine_mail import Seen
from cert_portal.monitoring.models import Finding
from cert_portal.publishing import service as publishing
from cert_portal.web import frame
from cert_portal.web.org.steps import STEPS as AGENCY_STEPS
from cert_portal.web.public.steps import STEPS
from tests.browser import cookies_of
from tests.deployment import Portal
from tests.governance import busy
from tests.publishing.press import FULL, PLAIN

pytestmark = pytest.mark.slow

WEB = Path(demo.__file__).parents[1] / "web"
AXE = (WEB / "assets/node_modules/axe-core/axe.min.js").read_text("utf-8")
CONDITIONAL = ".govuk-radios__input[aria-expanded]"
"""GOV.UK Frontend says with aria-expanded which answer opens a further question; ARIA knows no such radio."""
RUN_AXE = f"""async () => {{
    const found = await axe.run(document, {{resultTypes: ["violations", "incomplete"]}});
    const same = node => node.any.some(each => each.data?.messageKey == "equalRatio");
    const unseen = found.incomplete.map(each => ({{id: each.id, nodes: each.nodes.filter(same)}}));
    const bare = [...document.querySelectorAll("thead tr")].filter(row => !row.cells.length).length;
    return [...(bare ? ["a table without headings"] : []), ...[...found.violations, ...unseen]
    .map(each => [each.id, each.nodes.filter(node => each.id != "aria-allowed-attr"
        || !document.querySelector(node.target[0]).matches("{CONDITIONAL}"))])
    .filter(([_id, nodes]) => nodes.length)
    .map(([id, nodes]) => id + ": " + nodes.slice(0, 3).map(node => node.target.join(" ")).join(" | "))];
}}"""
"""What is wrong, and words in the colour of their ground, of which axe-core only says that it cannot judge them."""
UNFOLD = "() => { for (const each of document.querySelectorAll('main details')) each.open = true; }"
"""What is folded is not looked at: a page is judged with all that it can show."""
SEND = """([path, told]) => {
    const form = Object.assign(document.createElement("form"), {method: "post", action: path});
    const token = document.querySelector("[name=csrf_token]").value;
    for (const [name, value] of Object.entries({...told, csrf_token: token}))
        form.append(Object.assign(document.createElement("input"), {name, value}));
    document.body.append(form);
    form.submit();
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
HEIGHT = 900
Looks = tuple[tuple[int, Literal["light", "dark"] | None], ...]
"""A width, and the colours in which axe-core looks at it; with None only the width is tried."""
PUBLIC_LOOKS: Looks = ((390, "light"), (1280, "light"))
STAFF_LOOKS: Looks = ((390, None), (768, "dark"), (1280, "light"))
LIGHTEST = 100_000
PRESS = ("/advisories/", "/subscribe", "/subscribe/asked", "/verify", "/guides/", "/guides/phishing", "/contact")
FIGURES = ("/statistics", "/annual-reports/", "/annual-reports/2025", "/annual-reports/2024")
NEW = "new@portal.example"


@dataclass(frozen=True)
class Rows:
    """What pages are opened with."""

    began: str
    sent: str
    status: str
    waiting: str
    planned: str
    attached: str
    refused: str
    case: str
    hidden: str
    merged: str
    referral: str
    held: str
    organisation: int
    cover: str
    page: str
    draft: int
    in_review: int
    agency: tuple[int, int, str]
    fax: str
    seen: int


@pytest.fixture(scope="module")
def rows(portal: Portal) -> Rows:
    """One of each kind of row that a page can show."""
    start_writing()
    with portal.app.app_context():
        ann = accounts.by_email(demo.USERS[0].email)
        assert ann is not None
        accounts.add_user(NEW, "New Person", "four unrelated words", ["analyst"])
        began, sent = (_draft(Language.ZH_HANT) for _ in range(2))
        drafts.send(sent)
        waiting, attached, refused, hidden = (_report(each) for each in demo.REPORTS + demo.REPORTS[:1])
        case = service.open_case([attached], ann, title="網絡釣魚 https://parcel-fee.example/pay", kind="phishing")
        service.note(case, "Seen before: the same parcel page as in March, on another host.", ann)
        service.write_to_reporter(case, attached, "Your bank", "Please call your bank.", ann, wants_answer=True)
        add(attached, Channel.WEB, "銀行已凍結該卡", [("screen.png", b"\x89PNG\r\n\x1a\n" + b"x" * 50)])
        service.refuse(refused, "spam", ann)
        busy.year(2025, 30)
        busy.year(2026, 30)
        annual.publish(2025, ann)
        annual.comment(2026, "foreword", "Shorter, please.", ann)
        secret = service.open_case([hidden], ann, title="A bank", kind="ransomware", restricted=True)
        merged = service.open_case([_report(demo.REPORTS[1])], ann, title="The same page again", kind="phishing")
        merging.merge(case, [merged.number], ann, "The same page")
        links.link(case, secret, "The same sender", ann)
        answered = _report(demo.REPORTS[0])
        tomorrow = clock.now() + timedelta(days=1)
        dated = later.plan(None, answered, "Your report", "Please call your bank.", tomorrow, ann)
        saved.save("Phishing by mail", "kind:phishing channel:email", Sort.NEWEST, ann, shared=True, view=View.TRIAGE)
        saved.save("Major cases", "is:open is:major", Sort.NEWEST, ann, shared=True)
        session.commit()
        organisation, sent_one, held, cover, page = _referrals(case, ann)
        drafted, in_review = _advisories(ann)
        return Rows(
            fax=_fax(ann),
            seen=_findings(case, ann),
            agency=_agency(),
            organisation=organisation,
            referral=sent_one,
            held=held,
            cover=cover,
            page=page,
            draft=drafted,
            in_review=in_review,
            began=drafts.token_of(began),
            sent=drafts.token_of(sent),
            status=f"{attached.number}/{status.secret_of(attached.number)}",
            waiting=waiting.number,
            planned=f"{answered.number}/planned/{dated.id}",
            attached=attached.number,
            refused=refused.number,
            case=case.number,
            hidden=secret.number,
            merged=merged.number,
        )


def _fax(ann: User) -> str:
    """A fax of two pages that was answered by post; a call to return; text messages both ways; something set aside."""
    told = Submission(Language.ZH_HANT, description="傳真報告", telephone="2345 6789", name="李小姐")
    report = receive(told, Channel.FAX, ack_address="")
    file = files.keep("fax.tif", b"II*\x00 a fax", report_id=report.id)
    session.flush()
    picture = io.BytesIO()
    Image.new("L", (1728, 2400), 255).save(picture, "PNG")
    pages = [(Picture(picture.getvalue(), 1728, 2400), f"第 {number} 頁") for number in (1, 2)]
    transcript.keep(report.id, file.id, pages)
    process(report.id)
    letters.write_on_paper(report, "多謝你的傳真。", ann)
    calls.note(CallKind.VOICEMAIL, "2345 6789", "請回電", ann)
    sms.take(sms.Incoming("g-1", "+85291234567", "我按了連結"))
    aside = receive(Submission(Language.EN, description="Cheap pills https://pills.example"), Channel.WEB)
    aside.state = ReportState.QUARANTINED
    tokens.add(ann, [tokens.Scope.REPORTS_WRITE])
    session.commit()
    return report.number


def _findings(case: Case, ann: User) -> int:
    """Findings with long addresses, some in a case and some set aside; the id of one that is open."""
    seen = [
        Seen("shadowserver scan_rdp", "botnet", ip=f"203.0.113.{n}", asn=64500, raw={"port": 3389, "n": n})
        for n in range(1, 4)
    ]
    long = Seen("a feed", "phishing", url="https://parcel-fee.example/" + "x" * 200, restriction="TLP:GREEN")
    findings.keep([*seen, long], None)
    session.flush()
    rows = list(session.query(Finding).order_by(Finding.id))
    service.attach_findings(case, rows[:1], ann)
    findings.set_aside(rows[1:2], "repaired", ann)
    session.commit()
    return rows[3].id


def _advisories(ann: User) -> tuple[int, int]:
    """A draft and one that waits for its second reader, an item of a source: ids of the versions."""
    drafted, waiting = publishing.draft(ann, PLAIN), publishing.draft(ann, FULL)
    publishing.submit(waiting, ann)
    source = watching.add("A vendor", "https://vendor.example/feed", ann)
    watching.store(source.id, [Entry("g" * 64, "A flaw", "https://vendor.example/1", "Update", None)], "", "")
    session.commit()
    return drafted.id, waiting.id


def _referrals(case: Case, ann: User) -> tuple[int, str, str, str, str]:
    """An answered referral, a held one, the link of a new one and that of the answered one."""
    demo.load_directory()
    found = proposals(case, ann).parties[0]
    host, bank = found.organisation, organisations.of_kinds("bank")[0]
    made = [
        refer.prepare(case, each, ann, observables=found.observables, reasons=found.reasons)
        for each in (host, bank, host)
    ]
    for each in made:
        record_consent(each, "Ms Chan", None, ann)
        refer.send(each, ann)
    by_page(made[0], Verb.ANSWER, Told("已停用", "T-1", [("log.txt", b"lines")]))
    session.commit()
    return host.id, made[0].number, made[1].number, token_of(made[2]), token_of(made[0])


def _agency() -> tuple[int, int, str]:
    """A draft of an organisation that is late, one that was sent, and its number."""
    demo.load_members()
    user = accounts.by_email("museum@member.example")
    assert user is not None
    member = members.of(user)
    assert member is not None
    found = []
    for hours in (1, 0):
        row = agency.begin(user, member)
        draft = agency.draft_of(row)
        assert draft is not None
        noticed = clock.now() - timedelta(hours=hours)
        answers = {"description": "長長的描述" * 40, "kind": "phishing", "discovered_at": noticed.isoformat()}
        effect = {"system": "email", "leaked": "personal", "tampered": "none", "halted": "core", "support": "help"}
        drafts.answer(draft, {**answers, **effect, "damage": "yes", "loss_data": "1,200"})
        drafts.add_file(draft, "截圖.png", b"\x89PNG\r\n\x1a\n" + b"x" * 50)
        found.append(row)
    agency.hand_in(found[1], user, member)
    number = agency_after.number_of(found[1])
    agency_after.update(found[1], agency_after.Told("仍未恢復"), user, member)
    session.commit()
    return found[0].id, found[1].id, number


def _draft(language: Language) -> drafts.ReportDraft:
    draft = drafts.start(language)
    told = {"description": "長長的描述" * 40, "kind": "phishing", "email": "owner@noodles.example", "name": "陳先生"}
    drafts.answer(draft, {**told, "what_form": {"description": [told["description"]]}})
    drafts.add_file(draft, "截圖.png", b"\x89PNG\r\n\x1a\n" + b"x" * 50)
    drafts.reserve_number(draft)
    return draft


def _report(told: Submission) -> Report:
    report = receive(told, Channel.WEB)
    files.keep("a-rather-long-name-of-a-screenshot-2026-05-04.png", b"\x89PNG\r\n\x1a\n", report_id=report.id)
    session.flush()
    process(report.id)
    return report


class Checker:
    """Opens pages and collects what is wrong with them."""

    def __init__(self, portal: Portal, context: BrowserContext, looks: Looks) -> None:
        self.portal, self.looks = portal, looks
        self.page = context.new_page()
        self.page.on("console", lambda said: self._console(said.type, said.text))
        self.page.on("pageerror", lambda error: self._console("error", str(error)))
        self.wrong: list[str] = []
        self.where = ""

    def _console(self, kind: str, text: str) -> None:
        expected = "the server responded with a status of" in text
        if kind in ("error", "warning") and not expected:
            self.wrong.append(f"{self.where}: console: {text}")

    def open(self, path: str, tag: str) -> None:
        """Load a page and look at it."""
        self.where = path
        self.page.goto(self.portal.address(path))
        self.look(tag)

    def look(self, tag: str) -> None:
        """Look at the page that is open, in every width and look."""
        told = self.page.get_attribute("html", "lang")
        if told != tag:
            self.wrong.append(f"{self.where}: lang is {told}, not {tag}")
        self.page.evaluate(UNFOLD)
        self.page.evaluate(AXE)
        for width, scheme in self.looks:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            self._sideways(width)
            if scheme:
                self.page.emulate_media(color_scheme=scheme)
                self.wrong += [f"{self.where} {width} {scheme}: {each}" for each in self.page.evaluate(RUN_AXE)]

    def _sideways(self, width: int) -> None:
        over = self.page.evaluate(SIDEWAYS)
        if over > 0:
            self.wrong.append(f"{self.where}: scrolls sideways by {over} at {width}")

    def press(self, path: str, told: dict[str, str], tag: str) -> None:
        """Send a form from the page that is open, and look at what is shown."""
        self.where = f"{path} {told}"
        with self.page.expect_navigation():
            self.page.evaluate(SEND, [path, told])
        self.look(tag)

    def submit(self, tag: str) -> None:
        """Press the main button without an answer and look at what is said; the error summary has the focus."""
        self.page.click("main form button.govuk-button >> visible=true")
        self.page.wait_for_selector(".govuk-error-summary")
        self.page.wait_for_load_state()
        if not self.page.evaluate("document.activeElement.matches('.govuk-error-summary')"):
            self.wrong.append(f"{self.where}: the error summary has no focus")
        self.look(tag)

    def weigh(self) -> None:
        """What a first visit transfers."""
        names = self.page.evaluate("performance.getEntriesByType('resource').map(each => new URL(each.name).pathname)")
        bodies = [(WEB / name.removeprefix("/")).read_bytes() for name in set(names) if name.startswith("/static/")]
        weight = sum(len(gzip.compress(body)) for body in [*bodies, self.page.content().encode()])
        if weight > LIGHTEST:
            self.wrong.append(f"{self.where}: weighs {weight} bytes")


@pytest.mark.parametrize("language", Language)
def test_public_pages(portal: Portal, browser: Browser, rows: Rows, language: Language) -> None:
    context = browser.new_context(base_url=portal.address())
    checker = Checker(portal, context, PUBLIC_LOOKS)
    here = f"/{language.value}"
    for path in (
        "/",
        "/report/",
        "/report/specialist",
        "/report/fyi",
        "/report/form",
        "/status/lost",
        "/report/sent",
        "/report/resume/none",
        "/status",
        f"/status/{rows.status}",
        f"/status/{rows.status}/consents",
        "/none",
        *FIGURES,
        *PRESS,
    ):
        checker.open(here + path, language.tag)
        checker.weigh()
    for path in (rows.cover, rows.page, "none"):
        checker.open(f"/p/{path}?lang={language.value}", language.tag)
        checker.weigh()
    checker.open(f"{here}/status", language.tag)
    checker.submit(language.tag)
    checker.page.goto(portal.address(f"{here}/report/resume/{rows.began}"))
    for path in (*(step.slug for step in STEPS), "check", "saved"):
        checker.open(f"{here}/report/{path}", language.tag)
        checker.weigh()
    checker.page.goto(portal.address(f"{here}/report/resume/{rows.sent}"))
    checker.open(f"{here}/report/sent?already=1", language.tag)
    context.close()
    assert not checker.wrong, "\n".join(checker.wrong)


def _served(body: str) -> Callable[[Route], None]:
    """Answers with this page, whatever the server would say."""
    return lambda route: route.fulfill(body=body, content_type="text/html")


@pytest.mark.parametrize("language", Language)
def test_the_page_when_the_database_is_away(
    portal: Portal, browser: Browser, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what was typed and with nothing; the button that sends again is reached by Tab."""

    away = OperationalError("BEGIN", {}, OSError("away"))
    path, typed = f"/{language.value}/report/what", {"description": "很長的描述，寫了很久。" * 30, "kind": "phishing"}
    with monkeypatch.context() as patch:
        patch.setitem(portal.app.config, "WTF_CSRF_ENABLED", False)
        patch.setattr(frame.db, "start_writing", Mock(side_effect=[away, None, None]))
        patch.setattr(frame.db, "start_reading", Mock(side_effect=away))
        client = portal.app.test_client()
        answers = [client.post(path, data=typed), client.get(path)]
    assert [each.status_code for each in answers] == [503, 503]
    context = browser.new_context(base_url=portal.address())
    checker = Checker(portal, context, PUBLIC_LOOKS)
    for answer in answers:
        checker.page.route(f"**{path}", _served(answer.get_data(as_text=True)))
        checker.open(path, language.tag)
        checker.weigh()
        if answer is answers[0]:
            Keys(checker.page).tab_to("main form button.govuk-button")
        checker.page.unroute(f"**{path}")
    context.close()
    assert not checker.wrong, "\n".join(checker.wrong)


@pytest.fixture(scope="module")
def people(portal: Portal, browser: Browser, rows: Rows) -> dict[str, StorageState]:
    """The cookies of an analyst, a supervisor, an administrator and a newcomer: each code can be used but once."""
    who = {each.role.value: each for each in demo.USERS if "second" not in each.email}
    who["new"] = replace(demo.USERS[0], email=NEW, passphrase="four unrelated words", totp="")
    return {name: cookies_of(browser, portal.address(), each) for name, each in who.items()}


def staff_pages(rows: Rows) -> dict[str, list[str]]:
    """Which pages are looked at as whom."""
    return {
        "analyst": [
            "/staff/",
            "/staff/?q=kind:phishing+channel:web",
            "/staff/?q=owner:me",
            "/staff/queue/team",
            "/staff/queue/waiting",
            "/staff/cases?q=kind:phishing",
            "/staff/cases?q=kind:nonsense",
            "/staff/search?q=parcel-fee.example",
            "/staff/search",
            "/staff/search?q=foo:bar",
            f"/staff/reports/{rows.waiting}",
            f"/staff/reports/{rows.planned.partition('/')[0]}",
            f"/staff/reports/{rows.planned}",
            f"/staff/reports/{rows.attached}",
            f"/staff/reports/{rows.refused}",
            f"/staff/cases/{rows.case}",
            f"/staff/cases/{rows.hidden}",
            f"/staff/cases/{rows.case}/refer",
            f"/staff/cases/{rows.case}/merge?others={rows.hidden}",
            f"/staff/cases/{rows.case}/split",
            f"/staff/cases/{rows.case}/take-out",
            f"/staff/cases/{rows.case}/access",
            f"/staff/cases/{rows.case}/observables",
            f"/staff/cases/{rows.case}/export",
            f"/staff/cases/{rows.case}?lines=letters",
            "/staff/values/ignored",
            f"/staff/cases/{rows.merged}/original",
            f"/staff/reports/{rows.waiting}/not-for-us",
            "/staff/referrals",
            "/staff/referrals?view=over",
            f"/staff/referrals/{rows.referral}",
            f"/staff/referrals/{rows.held}",
            "/staff/directory/",
            "/staff/directory/look-up?for=203.0.113.7",
            f"/staff/reports/{rows.waiting}/refer?body=pcpd",
            "/staff/reports/new?channel=telephone",
            "/staff/reports/new?channel=letter&language=en",
            f"/staff/reports/{rows.waiting}/read-back",
            f"/staff/reports/{rows.agency[2]}",
            "/staff/calls",
            "/staff/queue/quarantined",
            f"/staff/reports/{rows.fax}",
            "/staff/findings",
            "/staff/findings?state=in_case",
            "/staff/findings?state=set_aside",
            f"/staff/findings/{rows.seen}",
            f"/staff/findings/selected?finding={rows.seen}&finding={rows.seen - 1}&feed=a+feed",
            "/staff/people",
            "/staff/team",
            "/staff/team/handovers",
            "/staff/notices",
            "/staff/account",
        ],
        "editor": [
            "/staff/advisories",
            f"/staff/advisories/{rows.draft}",
            f"/staff/advisories/{rows.draft}/edit",
            "/staff/watch",
            "/staff/subscribers",
        ],
        "approver": [f"/staff/advisories/{rows.in_review}"],
        "liaison": [
            "/staff/figures",
            "/staff/figures?from=2026-05-02&to=2026-05-01",
            "/staff/figures/rows/cases.opened",
            "/staff/figures/definitions",
            "/staff/figures/annual",
            "/staff/figures/annual/2025",
        ],
        "supervisor": [
            "/staff/team",
            "/staff/team/workload",
            "/staff/exercises",
            "/staff/figures/annual/2026/words/foreword",
            "/staff/figures/annual/2026/publish",
            "/staff/letters",
            "/staff/mail",
            "/staff/texts",
            "/staff/letters?trouble=1",
            "/staff/settings/clocks",
            f"/staff/directory/organisations/{rows.organisation}",
            f"/staff/directory/organisations/{rows.organisation}/edit",
            f"/staff/directory/organisations/{rows.organisation}/contacts/add",
        ],
        "admin": [
            "/staff/people",
            "/staff/people/tokens",
            "/staff/people/1",
            "/staff/settings",
            "/staff/settings/words/kinds",
            "/staff/settings/words/tags",
            "/staff/settings/views",
            "/staff/settings/exchange",
            "/staff/settings/changes",
            "/staff/settings/templates",
            "/staff/settings/templates/1",
            "/staff/settings/templates/new",
            "/staff/settings/exercise-addresses",
            "/staff/settings/holidays",
            "/staff/settings/clocks",
        ],
        "new": ["/staff/account"],
    }


def agency_pages(rows: Rows) -> list[str]:
    """The pages of an organisation, with answers and without."""
    begun, told, _number = rows.agency
    asked = [f"/org/reports/{begun}/form/{step.slug}" for step in AGENCY_STEPS]
    after = [f"/org/reports/{told}", f"/org/reports/{told}/update", f"/org/reports/{told}/release"]
    return ["/org/", *asked, f"/org/reports/{begun}/check", *after]


def speak(portal: Portal, language: Language) -> None:
    """From now on everybody's pages are in this language."""
    start_writing()
    with portal.app.app_context():
        for user in accounts.everybody():
            accounts.set_language(user, language)
        session.commit()


@pytest.mark.parametrize("language", Language)
def test_pages_of_member_organisations(
    portal: Portal, browser: Browser, rows: Rows, people: dict[str, StorageState], language: Language
) -> None:
    speak(portal, language)
    context = browser.new_context(storage_state=people["member"], base_url=portal.address())
    checker = Checker(portal, context, PUBLIC_LOOKS)
    for path in agency_pages(rows):
        checker.open(path, language.tag)
        checker.weigh()
    for path in (f"/org/reports/{rows.agency[0]}/check", f"/org/reports/{rows.agency[1]}/release"):
        checker.open(path, language.tag)
        checker.submit(language.tag)
    context.close()
    assert not checker.wrong, "\n".join(checker.wrong)


@pytest.mark.parametrize("language", Language)
def test_staff_pages(
    portal: Portal, browser: Browser, rows: Rows, people: dict[str, StorageState], language: Language
) -> None:
    speak(portal, language)
    wrong: list[str] = []
    for who, paths in staff_pages(rows).items():
        context = browser.new_context(storage_state=people[who], base_url=portal.address())
        checker = Checker(portal, context, STAFF_LOOKS)
        for path in paths:
            checker.open(path, language.tag)
        if who == "admin":
            checker.open("/staff/people/add", language.tag)
            checker.submit(language.tag)
        context.close()
        wrong += checker.wrong
    context = browser.new_context(base_url=portal.address(), locale="zh-HK" if language.value != "en" else "en-GB")
    checker = Checker(portal, context, STAFF_LOOKS)
    checker.open("/staff/sign-in", language.tag)
    checker.submit(language.tag)
    context.close()
    wrong += checker.wrong
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", Language)
def test_what_is_shown_before_something_is_done(
    portal: Portal, browser: Browser, rows: Rows, people: dict[str, StorageState], language: Language
) -> None:
    """Pages that only a form leads to: acts on many, letters before they leave, what was pasted."""
    speak(portal, language)
    context = browser.new_context(storage_state=people["analyst"], base_url=portal.address())
    checker = Checker(portal, context, STAFF_LOOKS)
    report, many = {"numbers": rows.waiting}, {"numbers": rows.case, "seen": "0"}
    letter = {"subject": "Hello", "letter": "Dear [[name]]", "do": "look"}
    checker.open("/staff/", language.tag)
    for path, told in (
        ("reports/bulk", {"act": "open", **report}),
        ("reports/bulk", {"act": "attach", **report}),
        ("reports/bulk/do", {"act": "attach", "case": rows.case, **report}),
        ("reports/bulk", {"act": "refuse", "numbers": rows.refused}),
        ("reports/bulk/do", {"act": "refuse", "reason": "outside_remit", "tell": "y", **report}),
        ("cases/bulk", {"act": "close", **many}),
        ("cases/bulk", {"act": "close", "value": "solved", "letter": "It is done.", **many}),
        ("cases/bulk", {"act": "tag", "value": "wave", **many}),
        ("cases/bulk", {"act": "tag", "value": "wave"}),
        (f"cases/{rows.case}/observables/paste", {"lines": "198.51.100.9 bad.example\nnothing here"}),
        (f"cases/{rows.case}/write", {"to": rows.attached, **letter}),
        (f"reports/{rows.waiting}/write", letter),
    ):
        checker.press(f"/staff/{path}", told, language.tag)
    context.close()
    assert not checker.wrong, "\n".join(checker.wrong)


IS_MARKED = """() => {
    const here = document.activeElement;
    const inside = here.querySelector(".govuk-details__summary-text");
    const parts = [[here, null], [here.nextElementSibling, "::before"], [inside, null]];
    const look = () => parts.filter(([part]) => part).map(([part, which]) => {
        const style = getComputedStyle(part, which);
        return [style.outline, style.boxShadow, style.backgroundColor, style.borderColor].join();
    }).join();
    const focused = look();
    here.blur();
    const plain = look();
    here.focus();
    return focused !== plain;
}"""
"""Whether the focus can be seen: the element, or what stands for it, looks different without it."""
IS_ON_SCREEN = (
    "() => { const box = document.activeElement.getBoundingClientRect(); return box.width > 1 && box.bottom > 0; }"
)
NAME = """() => { const here = document.activeElement;
    return [here.tagName, here.id, here.name, here.value, here.innerText].filter(Boolean).join(" ").slice(0, 60); }"""
STOPS = """() => {
    const group = each => [...document.querySelectorAll(`input[name="${each.name}"]`)];
    const stands = each => each.checked || !group(each).some(other => other.checked) && each === group(each)[0];
    const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
    const stops = [...all].filter(each => each.tabIndex >= 0 && each.type !== "hidden" && !each.disabled
        && each.checkVisibility() && (each.type !== "radio" || stands(each)));
    for (const each of stops) each.dataset.stop = "1";
    return stops.length;
}"""
"""Marks everything that Tab must stop at; of a group of radios it is the chosen one or the first."""


class Keys:
    """Somebody who uses the keyboard alone and sees where the focus is."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tab_to(self, selector: str) -> None:
        """Press Tab until this is reached; every stop on the way shows that it has the focus."""
        seen = []
        for _ in range(80):
            self.page.keyboard.press("Tab")
            seen.append(self.page.evaluate(NAME))
            if self.page.evaluate("document.activeElement !== document.body"):
                assert self.page.evaluate(IS_MARKED), f"no visible focus: {seen[-1]}"
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
        raise AssertionError(f"{selector} is not reached by Tab: {seen}")

    def type(self, selector: str, words: str) -> None:
        """Go to a box and write."""
        self.tab_to(selector)
        self.page.keyboard.insert_text(words)

    def choose(self, name: str, value: str) -> None:
        """Go to a group of radios and take one with Space and the arrows."""
        self.tab_to(f"input[name={name}]")
        self.page.keyboard.press("Space")
        for _ in range(30):
            if self.page.is_checked(f"input[name={name}][value={value}]"):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{name}: {value} is not reached by the arrows")

    def go_on(self) -> None:
        """The main button, by Enter."""
        self.tab_to("main .portal-actions button.govuk-button:not([name]), main .portal-actions a.govuk-button")
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


def test_the_report_by_keyboard_alone(portal: Portal, browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 390, "height": HEIGHT}, base_url=portal.address()).new_page()
    page.goto("/zh-hant/report/")
    keys = Keys(page)
    keys.go_on()
    keys.go_on()
    keys.choose("reporter_kind", "sme")
    keys.go_on()
    keys.type("textarea[name=description]", "收到短訊要補運費，已輸入信用卡資料")
    keys.choose("kind", "phishing")
    keys.go_on()
    keys.go_on()
    keys.type("input[name=occurred-day]", "4")
    keys.type("input[name=occurred-month]", "5")
    keys.type("input[name=occurred-year]", "2026")
    keys.choose("occurred-precision", "approximate")
    keys.go_on()
    keys.tab_to("input[name=hardware]")
    page.keyboard.press("Space")
    keys.go_on()
    keys.choose("personal_data", "yes")
    keys.type("[name=personal_data_what]", "姓名及電話")
    keys.go_on()
    for _ in ("evidence", "actions"):
        keys.go_on()
    keys.choose("reach", "contact")
    keys.go_on()
    assert page.evaluate("document.activeElement.matches('.govuk-error-summary')")
    keys.type("input[name=telephone]", "2345 6789")
    keys.go_on()
    text = page.inner_text("main")
    assert "姓名及電話" in text
    assert "2026年5月4日" in text
    keys.go_on()
    assert page.url.endswith("/zh-hant/report/sent")
    page.context.close()


def test_a_call_by_keyboard_alone(
    portal: Portal, browser: Browser, rows: Rows, people: dict[str, StorageState]
) -> None:
    """From the first word to the number read out, in under two minutes; a broken server loses nothing typed."""
    page = browser.new_context(storage_state=people["analyst"], base_url=portal.address()).new_page()
    page.goto("/staff/reports/new?channel=telephone")
    assert page.is_visible("text=現在有沒有人身危險")
    began, keys = time.monotonic(), Keys(page)
    keys.tab_to("#language-2")
    page.keyboard.press("ArrowUp")
    assert page.is_visible("text=Is anybody in danger right now?")
    assert not page.is_visible("text=現在有沒有人身危險")
    keys.type("#telephone", "2345 6789")
    keys.tab_to("#kind")
    page.keyboard.press("p")
    page.keyboard.press("Tab")
    page.keyboard.type("A message from the bank: https://parcel-fee.example/pay")
    page.wait_for_selector("#alike button[name=join]")
    assert "parcel-fee[.]example" in page.inner_text("#alike")
    if page.input_value("#kind") == "phishing":
        keys.choose("ask-phishing_entered", "card")
    page.route("**/staff/reports/new", lambda route: route.fulfill(status=503, body="away"))
    keys.tab_to("#taking button.govuk-button:not([name])")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.unroute("**/staff/reports/new")
    page.goto("/staff/reports/new?channel=telephone")
    assert page.input_value("#telephone") == "2345 6789"
    assert page.is_checked("#language")
    assert page.is_visible("text=Is anybody in danger right now?")
    keys.tab_to("#taking button.govuk-button:not([name])")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/read-back")
    assert "check digit" in page.inner_text("main")
    assert time.monotonic() - began < 120
    page.goto("/staff/reports/new?channel=telephone")
    assert page.input_value("#telephone") == "", "after saving nothing is kept"
    page.context.close()


def test_shortcuts_of_the_desk_and_a_draft_that_keeps_itself(
    portal: Portal, browser: Browser, rows: Rows, people: dict[str, StorageState]
) -> None:
    """j and k walk, x ticks, o opens, / searches, ? tells; what is typed is kept, Ctrl-Enter keeps the note."""
    page = browser.new_context(storage_state=people["analyst"], base_url=portal.address()).new_page()
    page.goto("/staff/")
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
    assert page.evaluate("[...document.querySelectorAll('[data-row]')].findIndex(e => e.matches('.staff-here'))") == 0
    number = page.text_content(".staff-here .staff-number")
    page.keyboard.press("x")
    assert page.is_checked(".staff-here input[type=checkbox]")
    page.keyboard.press("?")
    assert page.is_visible("#shortcuts")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.goto("/staff/")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(f"**/staff/reports/{number}")
    page.goto(f"/staff/cases/{rows.case}")
    page.focus("#note")
    with page.expect_response(f"**/staff/cases/{rows.case}/unsent/note") as kept:
        page.keyboard.type("The bank calls back at noon")
    assert kept.value.status == 204
    page.reload()
    assert page.input_value("#note") == "The bank calls back at noon"
    page.focus("#note")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".staff-said")
    assert "The bank calls back at noon" in page.inner_text(".staff-line")
    assert page.input_value("#note") == ""
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_opens_by_a_key_can_be_read(
    portal: Portal, browser: Browser, rows: Rows, people: dict[str, StorageState], scheme: Literal["light", "dark"]
) -> None:
    """The list of keys is in front of everything, says what it is, and gives the focus back."""
    context = browser.new_context(storage_state=people["analyst"], base_url=portal.address(), color_scheme=scheme)
    page = context.new_page()
    page.goto("/staff/queue/team")
    page.evaluate(AXE)
    page.keyboard.press("j")
    before = page.evaluate(NAME)
    page.keyboard.press("?")
    assert page.evaluate(RUN_AXE) == []
    page.keyboard.press("Escape")
    assert page.evaluate(NAME) == before
    context.close()


@pytest.mark.parametrize(("scheme", "red"), [("light", "rgb(179, 38, 30)"), ("dark", "rgb(255, 143, 133)")])
def test_an_alarm_is_red_and_can_be_read(
    portal: Portal,
    browser: Browser,
    rows: Rows,
    people: dict[str, StorageState],
    scheme: Literal["light", "dark"],
    red: str,
) -> None:
    context = browser.new_context(storage_state=people["analyst"], base_url=portal.address(), color_scheme=scheme)
    page = context.new_page()
    page.goto("/staff/queue/team")
    alarm = '<p class="govuk-inset-text staff-alarm" role="alert">Nobody owns <a class="govuk-link" href="/">it</a></p>'
    page.evaluate("(alarm) => document.getElementById('strip').insertAdjacentHTML('afterbegin', alarm)", alarm)
    page.evaluate(AXE)
    assert page.evaluate(RUN_AXE) == []
    colour = "getComputedStyle(document.querySelector('.staff-alarm')).borderLeftColor"
    assert page.evaluate(colour) == red
    context.close()


def test_a_link_is_a_link() -> None:
    """Space presses a button and scrolls past a link: what looks like a button and leads somewhere stays a link."""
    pages = {each: each.read_text("utf-8") for each in (WEB / "templates").rglob("*.html")}
    assert [each.name for each, text in pages.items() if re.search(r"<a\b[^>]* role=", text)] == []


def test_a_draft_that_the_server_does_not_take_stays_in_the_window(
    portal: Portal, browser: Browser, rows: Rows, people: dict[str, StorageState]
) -> None:
    """The network goes while somebody writes: the page says so, and after a reload the words are there and are kept."""
    page = browser.new_context(storage_state=people["analyst"], base_url=portal.address()).new_page()
    page.goto(f"/staff/cases/{rows.case}")
    page.context.set_offline(True)
    page.focus("#note")
    page.keyboard.type("They pay the ransom tonight")
    said = page.locator("form:has(#note) [data-unsent-said]")
    said.filter(has_text=said.get_attribute("data-unsent-here") or "nothing to say").wait_for()
    page.context.set_offline(False)
    with page.expect_response(f"**/staff/cases/{rows.case}/unsent/note") as kept:
        page.reload()
        assert page.input_value("#note") == "They pay the ransom tonight"
    assert kept.value.status == 204
    said.filter(has_text=said.get_attribute("data-unsent-said") or "nothing to say").wait_for()
    page.focus("#note")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".staff-said")
    assert page.input_value("#note") == ""
    page.context.close()


def test_a_letter_on_a_report_is_kept_and_offered_again(
    portal: Portal, browser: Browser, rows: Rows, people: dict[str, StorageState]
) -> None:
    """What is typed goes to the server, and after a reload the letter is open with it; so it is without a network."""
    page = browser.new_context(storage_state=people["analyst"], base_url=portal.address()).new_page()
    path = f"/staff/reports/{rows.attached}"
    page.goto(path)
    page.keyboard.press("r")
    page.focus("#letter")
    with page.expect_response(f"**{path}/unsent/letter") as kept:
        page.keyboard.type("Please call your bank")
    assert kept.value.status == 204
    page.reload()
    assert page.is_visible("#letter")
    assert page.input_value("#letter") == "Please call your bank"
    page.click(".staff-draft button")
    page.wait_for_selector(".staff-said")
    assert not page.is_visible("#letter")
    page.click("#writing > summary")
    page.context.set_offline(True)
    page.fill("#letter", "They pay tonight")
    page.locator("form:has(#letter) [data-unsent-said]:not(:empty)").wait_for()
    page.context.set_offline(False)
    with page.expect_response(f"**{path}/unsent/letter") as kept:
        page.reload()
        assert page.is_visible("#letter")
    assert kept.value.status == 204
    page.context.close()


@pytest.mark.parametrize("path", ["/staff/", "/staff/queue/team"])
def test_counts_of_kept_searches_come_after_the_page_without_a_jump(
    portal: Portal, browser: Browser, rows: Rows, people: dict[str, StorageState], path: str
) -> None:
    """One request; the list stays where it stands. Without scripts there is no number and no gap."""
    page = browser.new_context(storage_state=people["analyst"], base_url=portal.address()).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "counts" in request.url else None)
    page.route("**/staff/searches/counts", lambda route: None)
    page.goto(path)
    where = "document.querySelector('.list-filter').getBoundingClientRect().top"
    widths = "[...document.querySelectorAll('.staff-saved li')].map(each => each.offsetWidth)"
    before = page.evaluate(f"[{where}, {widths}]")
    assert page.inner_text(".staff-found >> nth=0").strip() == ""
    page.unroute("**/staff/searches/counts")
    page.reload()
    page.locator(".staff-found .staff-count:not(:empty)").nth(1).wait_for()
    assert page.evaluate(f"[{where}, {widths}]") == before
    assert len(asked) == 2, "one for each time that the page was opened"
    page.context.close()
    context = browser.new_context(storage_state=people["analyst"], base_url=portal.address(), java_script_enabled=False)
    page = context.new_page()
    page.goto(path)
    assert page.is_visible(".staff-saved a >> nth=0")
    assert not page.is_visible(".staff-found >> nth=0")
    context.close()


@pytest.mark.parametrize("path", ["/staff/", "/staff/queue/team"])
def test_a_list_refreshes_itself_where_it_stands(
    portal: Portal, browser: Browser, rows: Rows, people: dict[str, StorageState], path: str
) -> None:
    """After a minute the rows are asked for again; the page stays, and so does the box that ticks all of them."""
    page = browser.new_context(storage_state=people["analyst"], base_url=portal.address()).new_page()
    page.clock.install()
    page.goto(path)
    page.evaluate("window.stayed = document.getElementById('rows').dataset.before = true")
    boxes = page.locator("#rows input[type=checkbox]").count()
    with page.expect_response(lambda answer: answer.url.endswith(path)):
        page.clock.fast_forward(61_000)
    page.wait_for_selector("#rows:not([data-before]) #select-all input", state="attached")
    assert page.evaluate("window.stayed")
    assert page.locator("#rows input[type=checkbox]").count() == boxes
    page.focus("#select-all input")
    page.keyboard.press("Space")
    assert page.locator("#rows td :checked").count() == boxes - 1 > 0
    page.context.close()


def sheets(page: Page, folder: Path) -> list[str]:
    """The words on each sheet of paper."""
    page.pdf(path=str(folder / "it.pdf"))
    told = subprocess.run(
        ["pdftotext", "-layout", "it.pdf", "-"], cwd=folder, capture_output=True, text=True, check=True
    )
    return told.stdout.split("\f")[:-1]


def test_every_sheet_of_paper_says_what_it_is(
    portal: Portal, browser: Browser, rows: Rows, people: dict[str, StorageState], tmp_path: Path
) -> None:
    """Label, number, who printed it, when, which sheet of how many; no navigation, no button; lists stay tables."""
    speak(portal, Language.ZH_HANT)
    page = browser.new_context(storage_state=people["analyst"], base_url=portal.address()).new_page()
    page.clock.set_fixed_time(datetime(2031, 3, 4, 16, 5, tzinfo=UTC))
    for path, number in (
        (f"/staff/cases/{rows.case}", rows.case),
        (f"/staff/reports/{rows.waiting}", rows.waiting),
        (f"/staff/referrals/{rows.referral}", rows.referral),
        ("/staff/queue/team", "所有未結個案"),
    ):
        page.goto(path)
        label = page.text_content(".staff-paper strong") or "no label"
        told = sheets(page, tmp_path)
        for at, sheet in enumerate(told, 1):
            assert re.search(rf"{number} · 列印：Ann Lam，2031年3月5日 00:05（HKT） +{re.escape(label)}\n", sheet), (
                path,
                sheet,
            )
            assert sheet.rstrip().endswith(f" {at}/{len(told)}"), (path, sheet)
        text = "".join(told)
        assert not [
            word for word in ("下載此清單", "鍵盤快捷鍵", "接聽來電", "儲存備註", "預覽結果") if word in text
        ], path
        assert "/p/[…]" in text or "referrals" not in path
        assert not re.search(r"/p/(?!\[…\])", text), "the page of a party can be opened from the paper"
    assert re.search(r"個案 +內容 +狀態", told[0])
    page.context.close()


def test_the_desk_by_keyboard_alone(
    portal: Portal, browser: Browser, rows: Rows, people: dict[str, StorageState]
) -> None:
    """The skip link works, and Tab stops at everything once, in the order of the page."""
    page = browser.new_context(storage_state=people["analyst"], base_url=portal.address()).new_page()
    for path in (
        *("/staff/", f"/staff/reports/{rows.waiting}", f"/staff/cases/{rows.case}"),
        *("/staff/findings", f"/staff/findings/{rows.seen}", f"/staff/reports/{rows.fax}", "/staff/calls"),
    ):
        page.goto(path)
        keys = Keys(page)
        keys.tab_to(".govuk-skip-link")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main-content", path
        page.goto(path)
        parts = 8 * page.locator("input[type=datetime-local]:visible, input[type=date]:visible").count()
        for _ in range(page.evaluate(STOPS) + parts):  # a box for a time has a stop for each part of it
            if not page.evaluate("document.querySelectorAll('[data-stop]').length"):
                break
            page.keyboard.press("Tab")
            if page.evaluate("/date/.test(document.activeElement.type) && !document.activeElement.dataset.stop"):
                continue  # looking at the mark would lead back to the first part
            assert page.evaluate(IS_MARKED), f"{path}: no visible focus: {page.evaluate(NAME)}"
            assert page.evaluate(IS_ON_SCREEN), f"{path}: out of sight: {page.evaluate(NAME)}"
            page.evaluate("delete document.activeElement.dataset.stop")
        left = page.evaluate("[...document.querySelectorAll('[data-stop]')].map(each => each.outerHTML.slice(0, 90))")
        assert left == [], path
    page.context.close()
