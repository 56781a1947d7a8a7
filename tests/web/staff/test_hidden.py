"""Whatever is done in whatever order: no page tells a word of what the person who opens it may not see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from cert_portal.cases import (
    access,
    bulk,
    family,
    handover,
    labels,
    later,
    links,
    merging,
    noted,
    reviewing,
    service,
    splitting,
    tags,
    taking_out,
    unsent,
    values,
)
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.ignored import ValueRefused
from cert_portal.cases.labels import LabelRefused
from cert_portal.cases.models import Case, Verdict
from cert_portal.cases.queue import View
from cert_portal.cases.severity import Impact
from cert_portal.cases.visible import may_see, reports_of
from cert_portal.cases.workflow import Verb
from cert_portal.coordination import service as referring
from cert_portal.coordination.workflow import ReferralRefused
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.tlp import TLP
from cert_portal.directory import accounts, contacts, organisations
from cert_portal.directory.contacts import ContactTold
from cert_portal.directory.models import User
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.directory.parties import Organisation
from cert_portal.intake.models import Report
from cert_portal.intake.status import add as add_to
from cert_portal.intake.submission import Channel
from tests.cases.desk import a_report
from tests.web.staff.desk import PASSPHRASE, sign_in

STEPS = 60
REFUSED = (ValueRefused, HandlingRefused, LabelRefused, ReferralRefused, service.LetterRefused, service.MoveRefused)
PAGES = ("", "/access", "/observables", "/original", "/split", "/take-out", "/merge", "/export", "/refer", "/writers")
PAGES_OF_REPORTS = ("", "/source", "/mail", "/read-back", "/not-for-us", "/refer?body=police", "/writers")


class Desk:
    """Ann works on cases and reports. `words` are what she and reporters wrote, each of its own, and about what."""

    def __init__(self, random: Random, ann: User, bob: User, party: Organisation) -> None:
        self.random, self.ann, self.bob, self.party = random, ann, bob, party
        self.words: dict[str, tuple[Case | Report, ...]] = {}
        self.carried: set[str] = set()

    def word(self, *about: Case | Report) -> str:
        """A word that nobody else wrote."""
        word = f"zq{len(self.words):03d}x"
        self.words[word] = about
        return word

    def case(self) -> Case:
        return family.standing(self.random.choice(session.scalars(select(Case).order_by(Case.id)).all()))

    def report(self) -> Report:
        return self.random.choice(session.scalars(select(Report).order_by(Report.id)).all())

    def pair(self) -> tuple[Case, Report]:
        case = self.case()
        return case, self.random.choice(reports_of(case, self.ann) or [self.report()])

    def open(self) -> None:
        told, name, mail, host = (self.word() for _ in range(4))
        text = f"A page {told} at https://{host}.example/login and https://shared.example/x"
        report = a_report(text, name=name, email=f"{mail}@victim.example")
        self.words |= dict.fromkeys((told, name, mail, host), (report,))
        title = self.word()
        is_restricted = self.random.random() < 0.3
        case = service.open_case([report], self.ann, title=title, kind="phishing", restricted=is_restricted)
        self.words[title] = (case,)

    def attach(self) -> None:
        service.attach(self.case(), [self.report()], self.ann)

    def take_out(self) -> None:
        case, report = self.pair()
        taking_out.take_out(case, [report], self.ann, self.word(case, report))

    def split(self) -> None:
        case, report = self.pair()
        title = self.word()
        made = splitting.split(case, [report], self.ann, title=title, kind="phishing")
        self.words[title] = (made,)

    def merge(self) -> None:
        into, case = self.case(), self.case()
        merging.merge(into, [case.number], self.ann, self.word(into, case))

    def unmerge(self) -> None:
        case = self.random.choice(session.scalars(select(Case).order_by(Case.id)).all())
        merging.unmerge(case, self.ann, self.word(case))

    def of_all_in(self, case: Case) -> str:
        """A word about a case that holds for what comes out of it, too."""
        word = self.word(case)
        if family.merged_into(case):
            self.carried.add(word)
        return word

    def restrict(self) -> None:
        case = self.case()
        access.restrict(case, self.of_all_in(case), self.ann)

    def open_up(self) -> None:
        case = self.case()
        if self.random.random() < 0.4:
            access.unrestrict(case, self.of_all_in(case), self.ann)

    def name_and_strike(self) -> None:
        case = self.case()
        if case.restricted:
            access.grant(case, self.bob, self.of_all_in(case), self.ann)
            access.revoke(case, self.bob, self.ann)

    def note(self) -> None:
        case = self.case()
        service.note(case, f"{self.word(case)} http://{self.word(case)}.example/", self.ann)

    def letter(self) -> None:
        case, report = self.pair()
        service.write_to_reporter(case, report, self.word(case, report), self.word(case, report), self.ann)

    def letter_for_later(self) -> None:
        case, report = self.pair()
        tomorrow = clock.now() + timedelta(days=1)
        later.plan(case, report, self.word(case, report), self.word(case, report), tomorrow, self.ann)

    def draft(self) -> None:
        unsent.keep(self.case(), "letter", {"letter": [self.word(self.case())]}, self.ann)

    def tag(self) -> None:
        case = self.case()
        self.carried.add(tags.tag(case, self.word(case), self.ann))

    def tag_many(self) -> None:
        one, two = self.case(), self.case()
        name = self.word(one, two)
        self.carried.add(name)
        bulk.do(bulk.plan([one.number, two.number], bulk.Wish(bulk.Act.TAG, name), self.ann), self.ann)

    def rename(self) -> None:
        one, two = (self.random.choice([*tags.in_use(self.ann), "wave"]) for _ in range(2))
        tags.rename(one, two, self.ann)

    def link(self) -> None:
        one, two = self.case(), self.case()
        links.link(one, two, self.word(one, two), self.ann)

    def unlink(self) -> None:
        links.unlink(self.case(), self.case(), self.ann)

    def describe(self) -> None:
        case = self.case()
        service.describe(case, self.word(case), "malware", self.ann)

    def paste(self) -> None:
        case = self.case()
        name = self.word(case)
        self.carried.add(name)
        reviewing.paste(case, f"https://{name}.example/a", self.ann)

    def review(self) -> None:
        case = self.case()
        every = values.of_case(case, self.ann)
        reviewing.judge(case, every[:1], Verdict.CONFIRMED, self.ann)
        noted.review(case, [each.key for each in noted.of_case(case, self.ann, every)], Verdict.CONFIRMED, self.ann)

    def level(self) -> None:
        case = self.case()
        service.set_level(case, Impact(), self.ann, 3, self.word(case))

    def label(self) -> None:
        case = self.case()
        labels.set_label(case, self.random.choice([TLP.GREEN, TLP.AMBER, TLP.CLEAR]), self.word(case), self.ann)

    def addition(self) -> None:
        report = self.report()
        add_to(report, Channel.EMAIL, self.word(report), [])

    def call(self) -> None:
        report = self.report()
        service.log_call(report, self.word(report), self.ann)

    def wait(self) -> None:
        case = self.case()
        until = (clock.now() + timedelta(days=3)).date()
        service.move(case, Verb.WAIT, self.ann, until=until, reason=self.word(case))

    def refer(self) -> None:
        case = self.case()
        made = referring.prepare(case, self.party, self.ann, observables=[("url", "https://shared.example/x")])
        self.words[made.number] = (case,)

    def hand_over(self) -> None:
        service.take(self.case(), self.ann)
        handover.write("Look at the rest", None, self.ann)

    ACTS = (
        *(open, attach, take_out, split, merge, unmerge, restrict, open_up, name_and_strike, note, letter),
        *(letter_for_later, draft, tag, tag_many, rename, link, unlink, describe, paste, review, level, label),
        *(addition, call, wait, refer, hand_over),
    )

    def work(self) -> None:
        """Do this and that; what is refused is left."""
        for _ in range(3):
            self.open()
        session.commit()
        begin = clock.now()
        for step in range(STEPS):
            with clock.turned_to(begin + timedelta(minutes=step)):
                try:
                    self.random.choice(self.ACTS)(self)
                    session.commit()
                except REFUSED:
                    session.rollback()

    def hidden(self) -> set[str]:
        """The words and numbers that Bob may not meet; tags and values go along with a case that takes in another."""
        rows = [*session.scalars(select(Case)), *session.scalars(select(Report))]
        seen = {row.number for row in rows if may_see(row, self.bob)}
        told = {word: {session.merge(row).number for row in about} for word, about in self.words.items()}
        words = {word for word, about in told.items() if not about <= seen and word not in self.carried}
        return words | {row.number for row in rows} - seen


def opened(app: Flask, client: FlaskClient, numbers: list[str], words: set[str]) -> Iterator[tuple[str, str]]:
    """Every address of the desk and what it answers, without what was asked for."""
    rules = [each for each in app.url_map.iter_rules() if each.endpoint.startswith("staff.")]
    paths = [each.rule for each in rules if not each.arguments and "GET" in (each.methods or ())]
    paths += [f"/staff/queue/{view}" for view in View]
    paths += ["/staff/settings/words/tags", "/staff/directory/organisations/1", "/staff/figures/rows/cases.opened"]
    paths += [f"/staff/cases?q={told}" for told in ("is:restricted", "is:closed", "shared.example", "level:3")]
    paths += [f"/staff/{rows}/{n}" for n in range(1, 9) for rows in ("cases/bulk", "reports/bulk", "team/handovers")]
    paths += [f"/staff/letters/{n}/source" for n in range(1, 30)]
    for number in numbers:
        if number.startswith("C"):
            paths += [f"/staff/cases/{number}{more}" for more in PAGES]
            for act, told in (
                ("export.json", {"notes": "y"}),
                *(("observables", {"form": f}) for f in ("csv", "stix")),
            ):
                path = f"/staff/cases/{number}/{act}"
                yield path, client.post(path, data={"tlp": "TLP:AMBER", "everything": "y", **told}).text
        else:
            paths += [f"/staff/reports/{number}{more}" for more in PAGES_OF_REPORTS]
    paths += [f"/staff/search?q={word}" for word in words]
    for path in paths:
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code < 500, path
        yield path, re.sub(r"“.*?”|value=\"[^\"]*\"", "", answer.text)


@pytest.mark.parametrize("seed", range(3))
def test_nobody_meets_a_word_of_what_is_hidden(app: Flask, seed: int) -> None:
    client = sign_in(app, "Bob", "analyst", "supervisor", "admin", "auditor", "liaison")
    start_writing()
    with app.app_context():
        bob = accounts.by_email("bob@portal.example")
        assert bob is not None
        ann = accounts.add_user("ann@portal.example", "Ann", PASSPHRASE, ["analyst"])
        party = organisations.add(OrganisationTold("hosting", "Harbour Hosting", domains=["shared.example"]), "system")
        contacts.add(party, ContactTold(email="abuse@harbour.example"), "system")
        desk = Desk(Random(seed), ann, bob, party)
        desk.work()
        hidden = desk.hidden()
        numbers = [*session.scalars(select(Case.number)), *session.scalars(select(Report.number))]
        shown = set(desk.words) - hidden
    met: set[str] = set()
    for path, told in opened(app, client, numbers, hidden):
        found = {word for word in hidden if word in told and word not in path}
        assert not found, path
        assert "search?q=" not in path or not re.search(r"[CR]\d\d-\d{6}-\d", told), path
        met |= {word for word in shown if word in told}
    assert met, "pages show what they may"
