"""Every address of the portal, opened and posted to by everybody: who gets what, and that nothing else happens."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from cert_portal.app import csrf
from cert_portal.cases import (
    agency,
    bulk,
    handover,
    ignored,
    later,
    letters,
    notices,
    roster,
    saved,
    service,
    templates,
)
from cert_portal.cases.models import Case
from cert_portal.cases.queue import Sort, View
from cert_portal.cases.workflow import today
from cert_portal.coordination import link
from cert_portal.coordination import service as referring
from cert_portal.coordination.answers import Told
from cert_portal.coordination.models import Referral
from cert_portal.coordination.workflow import Verb
from cert_portal.core import clock
from cert_portal.core.db import Base, session, start_writing
from cert_portal.core.feeds import Entry
from cert_portal.core.i18n import Language
from cert_portal.core.mail import outbox, spool
from cert_portal.directory import accounts, calendar, contacts, members, organisations
from cert_portal.directory.contacts import ContactTold
from cert_portal.directory.models import User
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.directory.parties import Member, Organisation
from cert_portal.directory.permissions import Permission, Role, permissions_of
from cert_portal.governance import annual
from cert_portal.intake import calls, drafts, exercises, files, observables, status
from cert_portal.intake.mail import take
from cert_portal.intake.models import CallKind, Report
from cert_portal.intake.process import process
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission
from cert_portal.monitoring import findings
from cert_portal.monitoring import service as watching
from cert_portal.monitoring.machine_mail import Seen
from cert_portal.monitoring.models import Finding
from cert_portal.publishing import service as publishing
from cert_portal.subscriptions import service as subscriptions
from cert_portal.subscriptions.models import Rhythm, Subscriber, SubscriberState
from cert_portal.subscriptions.service import Wishes
from cert_portal.web.partner.referral import VERBS
from cert_portal.web.public.steps import STEPS
from tests.publishing.press import FULL
from tests.web.staff.desk import PASSPHRASE, SECRET, code

NAME, EMAIL, TELEPHONE = "Rita Unmistakable", "rita@unmistakable.example", "+852 5550 7391"
MARKS = ("unmistakable", "5550 7391", "55507391")
EVIL = b"<html><script>alert('unmistakable evidence')</script></html>"
WITHOUT_PERMISSION = {"staff.sign_in", "staff.do_sign_in", "staff.sign_out", "staff.sign_out_everywhere"}
WITHOUT_TOKEN = {"machine.unsubscribe", "machine.take_text", "machine.api_report"}
OUR_FILES = {"staff.figures_file", "staff.annual_file", "staff.paper_letter", "staff.templates_file"}
"""Files that the portal itself makes, of its own words and numbers."""
ENDS_THE_SESSION = {"staff.sign_out", "staff.sign_out_everywhere"}


@dataclass(frozen=True)
class Place:
    """One address of one rule, ready to be asked for. `subject` is the number that stands in it, if one does."""

    endpoint: str
    method: str
    path: str
    subject: str

    def ask(self, client: FlaskClient) -> TestResponse:
        """Open it, or post an empty form to it."""
        answer = client.open(self.path, method=self.method)
        answer.get_data()
        answer.close()
        return answer


@dataclass(frozen=True)
class World:
    """Rows to fill addresses with: an open report by mail, one in a case, one in a restricted case."""

    app: Flask
    mailed: str
    report: str
    case: str
    hidden_report: str
    hidden_case: str
    referral: str
    hidden_referral: str
    hidden_finding: str
    fill: dict[str, list[str]]

    def places(self) -> Iterator[Place]:
        """Every address of every rule; an argument that nothing fills is an error here: give it a real value."""
        for rule in self.app.url_map.iter_rules():
            for values in self._values(rule):
                for method in {"GET", "POST"} & (rule.methods or set()):
                    with self.app.test_request_context():
                        path = url_for(rule.endpoint, **values)
                    yield Place(rule.endpoint, method, path, values.get("number") or self._finding(values))

    def _values(self, rule: Rule) -> Iterator[dict[str, Any]]:
        names = sorted(rule.arguments)
        options = [self._numbers(rule) if name == "number" else self.fill[name] for name in names]
        for values in itertools.product(*options):
            yield dict(zip(names, values, strict=True))

    def _numbers(self, rule: Rule) -> list[str]:
        if "/cases/" in rule.rule:
            return [self.case, self.hidden_case]
        if "/referrals/" in rule.rule:
            return [self.referral, self.hidden_referral]
        return [self.report] if rule.endpoint.startswith("public.") else [self.mailed, self.report, self.hidden_report]

    def _finding(self, values: dict[str, Any]) -> str:
        return f"finding {values['finding_id']}" if "finding_id" in values else ""

    def permission(self, place: Place) -> Permission | None:
        """What the view of an address asks for."""
        found: Permission | None = getattr(self.app.view_functions[place.endpoint], "permission", None)
        return found

    def is_hidden(self, place: Place) -> bool:
        """Whether the address is of the restricted case or its report."""
        hidden = (self.hidden_case, self.hidden_report, self.hidden_referral, self.hidden_finding)
        return place.subject in hidden

    def staff_places(self) -> list[Place]:
        """Every address behind a permission."""
        return [each for each in self.places() if self.permission(each)]


@pytest.fixture
def world(app: Flask) -> World:
    """A desk in use. Every word by or about the reporter carries a mark."""
    start_writing()
    with app.app_context():
        calendar.seed()
        templates.seed()
        ann = accounts.add_user("ann@portal.example", "Ann", PASSPHRASE, ["analyst"])
        bystander = accounts.add_user("bob@portal.example", "Bob", PASSPHRASE, ["analyst"])
        mailed, shown, hidden = _by_mail(), _report(), _report()
        case, secret_case = (
            service.open_case([each], ann, title=f"Case of {NAME}", kind="phishing", restricted=each is hidden)
            for each in (shown, hidden)
        )
        for about, report in ((case, shown), (secret_case, hidden)):
            service.write_to_reporter(about, report, f"Dear {NAME}", f"We call {TELEPHONE}", ann)
        for each in (mailed, shown, hidden):
            letters.write_on_paper(each, f"Dear {NAME}, we call {TELEPHONE}", ann)
        party = _party()
        referral, secret_referral = (_referral(each, party, ann) for each in (case, secret_case))
        draft = drafts.start(Language.EN)
        version = publishing.draft(ann, FULL)
        begun = agency.begin(*_member())
        source = watching.add("A vendor", "https://vendor.example/feed", ann)
        entry = Entry("g" * 64, "A flaw", "https://vendor.example/1", "Update", None)
        watching.store(source.id, [entry], "", "")
        findings.keep([Seen("a feed", "phishing", url=f"https://bad.example/{n}", raw={"n": n}) for n in (1, 2)], None)
        session.flush()
        service.attach_findings(secret_case, session.query(Finding).filter_by(id=2).all(), ann)
        subscriptions.request("sub@shop.example", Wishes(Language.EN, 2, Rhythm.BOTH))
        subscriber = session.query(Subscriber).one()
        subscriber.state = SubscriberState.ACTIVE
        annual.publish(2025, ann)
        annual.comment(2026, "foreword", "Shorter", bystander)
        run = bulk.do(bulk.plan([case.number], bulk.Wish(bulk.Act.TAG, "wave"), ann), ann)
        kept = saved.save("Waves", "tag:wave", Sort.NEWEST, ann, shared=True)
        quiet = ignored.ignore("cdn.example", "everybody's", None, ann)[0]
        shift, away, note, notice = _team(ann, bystander, case)
        tomorrow = clock.now() + timedelta(days=1)
        planned = [
            str(later.plan(about, each, f"Dear {NAME}", f"We call {TELEPHONE}", tomorrow, ann).id)
            for about, each in ((case, shown), (secret_case, hidden), (None, mailed), (None, hidden))
        ]
        exercise, left = str(exercises.begin("Exercise", "system").id), _left(shown)
        session.commit()
        fill: dict[str, list[str]] = {
            "shift_id": [shift],
            "absence_id": [away],
            "handover_id": [note],
            "notice_id": [notice],
            "lang": list(Language),
            "slug": [step.slug for step in STEPS],
            "agency_id": [str(begun.id)],
            "note_id": ["1"],
            "step": ["danger", "evidence"],
            "token": [drafts.token_of(draft), subscriptions.token_of(subscriber), link.token_of(referral)],
            "public_id": [version.advisory.public_id],
            "version_id": [str(version.id)],
            "run_id": [str(run.id)],
            "draft": ["letter"],
            "search_id": [str(kept.id)],
            "template_id": ["1"],
            "exercise_id": [exercise],
            "planned_id": planned,
            "letter_id": left,
            "shelf": ["kinds", "refusals", "tags"],
            "ignored_id": [str(quiet.id)],
            "key": [f"url.{observables.digest('https://bad.example/')}"],
            "source_id": [str(source.id)],
            "item_id": ["1"],
            "finding_id": ["1", "2"],
            "token_id": ["1"],
            "call_id": [str(calls.note(CallKind.MISSED, TELEPHONE, NAME, ann).id)],
            "kind": ["phishing"],
            "shape": ["atom", "rss", "json"],
            "domain": ["portal.example"],
            "act": list(VERBS),
            "organisation_id": [str(party.id)],
            "contact_id": [str(each.id) for each in contacts.of(party)],
            "secret": [status.secret_of(shown.number)],
            "file_id": sorted({str(each.files[0].id) for each in (mailed, shown, hidden, referral, secret_referral)}),
            "view": list(View),
            "user_id": [str(bystander.id)],
            "code": ["first_response"],
            "page": ["1"],
            "name": ["00000001"],
            "filename": ["portal.css"],
            "metric": ["cases.opened", "reports.received", "response.first_day"],
            "form": ["csv", "json"],
            "ending": ["html", "json"],  # the PDF is made from the HTML and takes long
            "year": ["2025", "2026"],
            "chapter": ["foreword"],
        }
        return World(
            app=app,
            mailed=mailed.number,
            report=shown.number,
            case=case.number,
            hidden_report=hidden.number,
            hidden_case=secret_case.number,
            referral=referral.number,
            hidden_referral=secret_referral.number,
            hidden_finding="finding 2",
            fill=fill,
        )


def _member() -> tuple[User, Member]:
    """A person who reports for an organisation."""
    user = accounts.add_user("hana@portal.example", "Hana", PASSPHRASE, ["member"])
    board = organisations.add(OrganisationTold("member", "Harbour Board"), "system")
    return user, members.enrol(user, board, "", "system")


def _team(ann: User, bystander: User, case: Case) -> tuple[str, str, str, str]:
    """A shift, an absence, a handover that lists the restricted case as well, and a notice."""
    shift = roster.plan(ann, today(), time(9), time(8), 1, ann)[0]
    away = roster.add_absence(ann, today(), today(), ann)
    note = handover.write("Look at the bank", None, ann)
    notices.tell_of_case(notices.Kind.GIVEN, bystander, case, "1")
    return str(shift.id), str(away.id), str(note.id), "1"


def _party() -> Organisation:
    told = OrganisationTold("hosting", "Harbour Hosting", domains=["bad.example"])
    party = organisations.add(told, "system")
    contacts.add(party, ContactTold(email="abuse@harbour.example"), "system")
    return party


def _left(*about: Report) -> list[str]:
    """A letter about each of these that left."""
    letters = [outbox.about([each.number])[0] for each in about]
    for each in letters:
        if envelope := outbox.claim(each.id):
            outbox.keep(envelope)
    return [str(each.id) for each in letters]


def _referral(case: Case, party: Organisation, ann: User) -> Referral:
    """A referral that left and was answered with a file."""
    made = referring.prepare(case, party, ann, observables=[("url", "https://bad.example/")])
    referring.record_consent(made, "The manager", None, ann)
    case.restricted, was = False, case.restricted
    referring.send(made, ann)
    case.restricted = was
    referring.by_page(made, Verb.ANSWER, Told(f"We know {NAME}", "", [("evidence.html", EVIL)]))
    session.refresh(made)
    return made


def _report() -> Report:
    told = Submission(
        language=Language.EN,
        description=f"{NAME} typed a card number at https://bad.example/",
        name=NAME,
        organisation=f"{NAME} Ltd",
        email=EMAIL,
        telephone=TELEPHONE,
        kind="phishing",
    )
    report = receive(told, Channel.WEB)
    files.keep("evidence.html", EVIL, report_id=report.id)
    session.flush()
    process(report.id)
    return report


def _by_mail() -> Report:
    session.commit()
    head = f"From: {NAME} <{EMAIL}>\r\nSubject: Help {NAME}\r\nMessage-ID: <1@unmistakable.example>\r\n".encode()
    receipt = spool.store(head + b"\r\nPlease call " + TELEPHONE.encode())
    report = session.query(Report).filter_by(number=take(receipt).told).one()
    files.keep("evidence.html", EVIL, report_id=report.id)
    session.flush()
    process(report.id)
    return report


def browser(app: Flask, address: str) -> FlaskClient:
    """A browser at an address of its own, so that limits of others do not count here."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def signed_in(app: Flask, *roles: str, authenticator: bool = True, email: str = "") -> FlaskClient:
    """A new person's browser, or that of somebody who is there."""
    start_writing()
    if not email:
        email = f"{'-'.join(roles)[:40]}-{authenticator}@portal.example".lower()
        with app.app_context():
            user = accounts.add_user(email, "Walker", PASSPHRASE, roles)
            accounts.keep_secret(user, SECRET, "system") if authenticator else None
            session.commit()
    client = browser(app, "192.0.2.7")
    told = {"email": email, "passphrase": PASSPHRASE, "code": code() if authenticator else ""}
    assert client.post("/staff/sign-in", data=told).status_code == 302
    return client


def fresh(app: Flask, client: FlaskClient, places: list[Place]) -> Iterator[tuple[Place, TestResponse]]:
    """Ask for all, with a new network address each time so that no limit is reached."""
    for number, place in enumerate(places):
        client.environ_base["REMOTE_ADDR"] = f"198.51.{number // 250}.{number % 250 + 1}"
        yield place, place.ask(client)


def dump(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table."""
    with app.app_context():
        tables = Base.metadata.sorted_tables
        return {each.name: sorted(map(repr, session.execute(select(each)))) for each in tables}


def test_nobody_is_asked_to_sign_in(world: World) -> None:
    client = browser(world.app, "192.0.2.1")
    for place, answer in fresh(world.app, client, world.staff_places()):
        assert (answer.status_code, "/staff/sign-in" in answer.location) == (302, True), place


def test_every_address_answers_everybody_without_an_error(world: World) -> None:
    places = [each for each in world.places() if not world.permission(each) and each.endpoint not in ENDS_THE_SESSION]
    expected = {200, 302, 400, 403, 404, 410, 415, 422}
    for client in (browser(world.app, "192.0.2.1"), signed_in(world.app, "analyst"), signed_in(world.app, *Role)):
        for place, answer in fresh(world.app, client, places):
            assert answer.status_code in expected, (place, answer.status_code)


def test_a_method_that_no_rule_names_is_refused(world: World) -> None:
    known = {(place.path, place.method) for place in world.places()}
    client = signed_in(world.app, *Role)
    for path in sorted({path for path, _ in known}):
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
            if (path, method) not in known:
                client.environ_base["REMOTE_ADDR"] = "192.0.2.9"
                assert client.open(path, method=method).status_code in (405, 404), (method, path)


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_what_its_permissions_say(world: World, role: Role) -> None:
    client, allowed = signed_in(world.app, role), permissions_of([role])
    for place, answer in fresh(world.app, client, world.staff_places()):
        if world.permission(place) not in allowed:
            assert answer.status_code == 403, place
        elif world.is_hidden(place):
            assert answer.status_code == 404, place
        else:
            assert answer.status_code in (200, 302, 400, 404, 422), (place, answer.status_code)
            assert "sign-in" not in (answer.location or ""), place
            is_there = place.endpoint not in (
                "staff.report_file",
                "staff.report_original",
                *("staff.report_mail", "staff.report_source", "staff.referral_mail", "staff.referral_source"),
                "staff.fax_page",
                "staff.transcribe",
                "staff.list_of",
                "staff.referral_file",
                "staff.confirm_release",
                "staff.return_release",
                "staff.original_case",
                "staff.unmerge_case",
                "staff.bulk_run",
                "staff.undo_bulk",
                "staff.reports_run",  # it was an act on cases
                "staff.undo_reports",
                "staff.remove_search",  # the search of somebody else
                "staff.export_reports",  # of the lists of cases
                "staff.open_notice",  # the notice of somebody else
                *("staff.planned_letter", "staff.change_planned", "staff.cancel_planned"),  # of the other case
                *(f"staff.{each}_of_report" for each in ("planned_letter", "change_planned", "cancel_planned")),
            )
            assert answer.status_code != 404 or not is_there, place


@pytest.mark.parametrize("role", Role)
def test_without_an_authenticator_only_the_own_account_opens(world: World, role: Role) -> None:
    client, allowed = signed_in(world.app, role, authenticator=False), permissions_of([role])
    for place, answer in fresh(world.app, client, world.staff_places()):
        permission = world.permission(place)
        if permission not in allowed:
            assert answer.status_code == 403, place
        elif permission is not Permission.ACCOUNT:
            assert (answer.status_code, answer.location) == (302, "/staff/account"), place
        else:
            assert answer.status_code in (200, 302, 400, 422), place


def test_a_restricted_case_is_there_for_who_is_named_and_nobody_else(world: World) -> None:
    hidden = [each for each in world.staff_places() if world.is_hidden(each) and each.method == "GET"]
    assert len(hidden) >= 4
    with world.app.app_context():
        ann = accounts.by_email("ann@portal.example")
        assert ann is not None
        accounts.keep_secret(ann, SECRET, "system")
        session.commit()
    named, other = signed_in(world.app, email="ann@portal.example"), signed_in(world.app, *Role)
    seen = {place.endpoint for place, answer in fresh(world.app, named, hidden) if answer.status_code == 200}
    assert seen == {
        *("staff.case", "staff.report", "staff.report_file", "staff.read_back", "staff.paper_letter"),
        *("staff.case_observables", "staff.refer_case", "staff.referral", "staff.referral_file", "staff.finding"),
        *(
            "staff.merge_cases",
            "staff.split_case",
            "staff.look_to_take_out",
            "staff.not_for_us",
            "staff.case_access",
            "staff.writers",
        ),
        *("staff.planned_letter", "staff.one_observable", "staff.case_file", "staff.look_to_take_out"),
        *("staff.planned_letter_of_report", "staff.writers_of_report"),
    }
    assert {answer.status_code for _, answer in fresh(world.app, other, hidden)} == {404}
    for query in (
        "",
        world.hidden_case,
        world.hidden_report,
        world.hidden_referral,
        "unmistakable",
        "bad.example",
        EMAIL,
    ):
        page = other.get("/staff/search", query_string={"q": query})
        told = re.sub(r"“.*?”|value=\"[^\"]*\"", "", page.text)
        assert page.status_code in (200, 302)
        assert world.hidden_case not in told, query
        assert world.hidden_report not in told, query
        assert world.hidden_referral not in told, query
    lists = [each for each in world.places() if each.method == "GET" and not world.is_hidden(each)]
    for place, answer in fresh(world.app, other, lists):
        for number in (world.hidden_case, world.hidden_report, world.hidden_referral):
            assert number.encode() not in answer.data, place


@pytest.mark.parametrize(
    "roles",
    [
        (Role.LIAISON,),
        (Role.AUDITOR,),
        (Role.LIAISON, Role.AUDITOR),
        (Role.EDITOR,),
        (Role.APPROVER,),
        (Role.MEMBER,),
        (),
    ],
    ids=str,
)
def test_a_reporters_name_reaches_nobody_without_the_permission(world: World, roles: tuple[Role, ...]) -> None:
    client = signed_in(world.app, *roles) if roles else browser(world.app, "192.0.2.1")
    places = [each for each in world.places() if each.endpoint not in ENDS_THE_SESSION]
    asked = [f"/staff/search?q={word}" for word in ("Rita", "rita@", "5550", "bad.example")]
    asked += ["/staff/queue/team?after=99", "/staff/letters?trouble=1", "/metrics", "/dev/mail"]
    for place, answer in fresh(world.app, client, places):
        _is_clean(answer, str(place))
    for path in asked:
        _is_clean(client.get(path), path)


def _is_clean(answer: TestResponse, where: str) -> None:
    told = answer.get_data().decode("utf-8", "replace").lower() + str(answer.headers).lower()
    assert not [mark for mark in MARKS if mark in told], where


def test_letters_are_listed_without_their_addresses(world: World) -> None:
    page = signed_in(world.app, "admin").get("/staff/letters").text
    assert world.report in page
    assert EMAIL not in page
    assert NAME not in page


def test_every_post_without_our_token_is_refused(world: World) -> None:
    assert csrf._exempt_views == {
        "cert_portal.web.machine.unsubscribe.unsubscribe",
        "cert_portal.web.machine.reports.api_report",
        "cert_portal.web.machine.sms.take_text",
    }
    assert not csrf._exempt_blueprints
    client, before = signed_in(world.app, *Role), dump(world.app)
    places = [each for each in world.places() if each.method == "POST" and each.endpoint not in WITHOUT_TOKEN]
    world.app.config["WTF_CSRF_ENABLED"] = True
    try:
        for place, answer in fresh(world.app, client, places):
            assert answer.status_code == 400, place
            assert "open for too long" in answer.text or "開啟" in answer.text, place
    finally:
        world.app.config["WTF_CSRF_ENABLED"] = False
    assert dump(world.app) == before


def test_opening_a_page_writes_nothing(world: World) -> None:
    clients = [browser(world.app, "192.0.2.1"), signed_in(world.app, *Role)]
    before = dump(world.app)
    for client in clients:
        for place, answer in fresh(world.app, client, [each for each in world.places() if each.method == "GET"]):
            assert answer.status_code < 500, place
    assert dump(world.app) == before


def test_what_strangers_sent_is_only_ever_a_download(world: World) -> None:
    client, downloads = signed_in(world.app, "analyst"), set()
    for place, answer in fresh(world.app, client, [each for each in world.staff_places() if each.method == "GET"]):
        if place.endpoint in OUR_FILES:
            assert EVIL not in answer.data, place
        elif EVIL in answer.data or answer.headers.get("Content-Disposition"):
            downloads.add(place.endpoint)
            assert answer.headers["Content-Disposition"].startswith("attachment;"), place
            assert answer.content_type in ("application/octet-stream", "application/zip"), place
            assert answer.headers["X-Content-Type-Options"] == "nosniff", place
    assert downloads == {"staff.report_file", "staff.report_original", "staff.referral_file"}


def test_no_page_shows_the_file_of_a_draft(world: World) -> None:
    client = browser(world.app, "192.0.2.1")
    client.post("/en/report/who", data={})
    sent = client.post("/en/report/evidence", data={"files": (BytesIO(EVIL), "evil.html")})
    assert sent.status_code == 302
    for place, answer in fresh(world.app, client, [each for each in world.places() if each.method == "GET"]):
        if "/resume/" not in place.path:
            assert EVIL not in answer.data, place


def test_every_staff_view_names_its_permission(app: Flask) -> None:
    views = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("staff.")}
    bare = {name for name in views if not hasattr(app.view_functions[name], "permission")}
    assert bare == WITHOUT_PERMISSION
    assert all(app.view_functions[name].__dict__["permission"] in Permission for name in views - bare)


def test_the_rows_are_what_they_should_be(world: World) -> None:
    with world.app.app_context():
        assert session.query(Case).filter_by(restricted=True).one().number == world.hidden_case
        assert session.query(User).count() == 3
