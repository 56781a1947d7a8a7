"""A search by words finds every case whose reports hold them, however a report came into it."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from cert_portal.cases import holding, merging, queue, reviewing, service, splitting, taking_out, triage
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import Case
from cert_portal.cases.query import parse
from cert_portal.cases.visible import reports_of
from cert_portal.cases.workflow import State, Verb
from cert_portal.core import clock, search
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from tests.cases.desk import a_report

WORDS = ("ochre", "teal", "plum")


class Desk:
    """Some reports and cases, and what colleagues do with them by chance."""

    def __init__(self, ann: User, seed: int) -> None:
        self.ann, self.chance, self.merged = ann, random.Random(seed), list[Case]()
        self.reports = [a_report(" ".join(self.chance.sample(WORDS, 2))) for _ in range(6)]
        titles = ("ochre", "sand", "plum", "ochre plum") * 2
        self.cases = [triage.open_case([], ann, title=each, kind="phishing") for each in titles]

    def act(self) -> None:
        """Do one thing; what the desk refuses stays as it was."""
        acts: list[Callable[[], object]] = [self.attach, self.attach, self.merge, self.unmerge, self.split]
        with suppress(HandlingRefused):
            self.chance.choice([*acts, self.take_out, self.call])()

    def a_case(self) -> Case:
        return self.chance.choice([case for case in self.cases if case.state != State.MERGED])

    def held(self, case: Case) -> list[Report]:
        held = reports_of(case, self.ann)
        return self.chance.sample(held, 1) if held else []

    def attach(self) -> None:
        triage.attach(self.a_case(), [self.chance.choice(self.reports)], self.ann)

    def merge(self) -> None:
        into, away = self.a_case(), self.a_case()
        if into is not away:
            merging.merge(into, [away.number], self.ann)
            self.merged.append(away)

    def unmerge(self) -> None:
        if self.merged and self.merged[-1].state == State.MERGED:
            merging.unmerge(self.merged.pop(), self.ann)

    def split(self) -> None:
        case = self.a_case()
        self.cases.append(splitting.split(case, self.held(case), self.ann, title="ochre", kind="phishing"))

    def take_out(self) -> None:
        case = self.a_case()
        taking_out.take_out(case, self.held(case), self.ann)

    def call(self) -> None:
        """What is noted of a call puts the words of the report anew."""
        triage.log_call(self.chance.choice(self.reports), self.chance.choice(WORDS), self.ann)


def pages(told: str, user: User, size: int) -> list[str]:
    """The numbers of all pages of a search."""
    found, after = list[str](), ""
    while True:
        page = queue.cases(parse(told), user, after, size=size)
        found += [case.number for case in page.rows]
        after = page.after
        if not after:
            return found


@pytest.mark.parametrize("seed", range(6))
def test_pages_of_the_newest_are_those_of_all(ann: User, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(search, "ERA", 1)
    monkeypatch.setattr(search, "AGE", 4)
    monkeypatch.setattr(search, "LADDER", ((1, 3), (4, 2), (4, 20)))
    monkeypatch.setattr(holding, "FEW", 0)
    desk = Desk(ann, seed)
    for act in [desk.attach] * 16 + [desk.act] * 25:
        act()
    for told in (*WORDS, "ochre plum", "teal plum ochre", "plum is:open"):
        everything = queue.numbers(parse(told), ann, 1000)
        for size in (1, 2):
            assert pages(told, ann, size) == everything, (told, size)
    assert queue.numbers(parse("teal"), ann, 1000)


def test_notes_of_a_merged_case_find_the_one_where_the_work_goes_on(ann: User) -> None:
    first, second, third = (triage.open_case([], ann, title=f"t{n}", kind="phishing") for n in range(3))
    service.note(first, "the xylophon bureau 獨角鯨", ann)
    merging.merge(second, [first.number], ann)
    merging.merge(third, [second.number], ann)
    for told in ("xylophon", "獨角鯨", "title:t2 xylophon"):
        assert queue.numbers(parse(f"is:open {told}"), ann, 9) == [third.number], told
    merging.unmerge(second, ann)
    assert queue.numbers(parse("is:open xylophon"), ann, 9) == [second.number]


def test_each_added_value_is_found_by_itself(ann: User) -> None:
    case = triage.open_case([], ann, title="t", kind="phishing")
    reviewing.paste(case, "\n".join(f"h{n}.many.example" for n in range(600)), ann)
    triage.open_case([], ann, title="other", kind="phishing")
    for told in ("h3.many.example", "h599.many.example", "hxxp://h77[.]many[.]example", "t h599.many.example"):
        wanted = [] if told.startswith("hxxp") else [case.number]
        assert queue.numbers(parse(told), ann, 9) == wanted, told


def test_why_a_case_waits_is_found(ann: User) -> None:
    case = triage.open_case([], ann, title="t", kind="phishing")
    service.take(case, ann)
    case.level_rule = "E1"
    service.move(case, Verb.TRIAGE, ann)
    service.move(case, Verb.START, ann)
    service.move(
        case, Verb.WAIT, ann, until=clock.now().date() + timedelta(days=2), reason="for the echidna laboratory"
    )
    assert queue.numbers(parse("echidna"), ann, 9) == [case.number]
