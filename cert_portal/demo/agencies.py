"""Two member organisations of the demonstration, their people, and what they report in the year."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cert_portal.cases import agency, agency_after, service
from cert_portal.cases.agency_after import Told
from cert_portal.cases.models import AgencyReport, Case
from cert_portal.cases.workflow import Verb
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.text import shortened
from cert_portal.demo.cast import staff, words
from cert_portal.demo.diary import Diary
from cert_portal.directory import accounts, members, organisations
from cert_portal.directory.models import User
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.directory.parties import Member
from cert_portal.directory.permissions import Role
from cert_portal.intake.models import Report
from cert_portal.intake.process import process

OFFICE = ("Harbourside District Office", "海旁區辦事處")
MUSEUMS = ("Peak Museums Trust", "山頂博物館信託")
PEOPLE = {
    "head": ("coordinator@member.example", OFFICE, ""),
    "survey": ("survey@member.example", OFFICE, "Survey Section 測繪組"),
    "museum": ("museum@member.example", MUSEUMS, ""),
}
"""The account of each, the organisation, and the unit ("" for a coordinator)."""
HEADS = {"survey": "head"}
AFFECTS = {"confidentiality": "leaked", "integrity": "tampered", "availability": "halted"}


def load_members() -> None:
    """Name the organisations that are missing, and for whom the accounts of the demonstration report."""
    for email, (english, chinese), unit in PEOPLE.values():
        told = OrganisationTold("member", english, chinese, sector="government", country="HK", fictional=True)
        body = organisations.by_name(english) or organisations.add(told, "system", how="demo")
        user = accounts.by_email(email)
        if user is not None:
            members.enrol(user, body, unit, "system")


def plan(diary: Diary, begin: datetime) -> None:
    """Let every report happen at its place between `begin` and the end, if there is anybody to tell it."""
    known = {user.email for user in accounts.everybody() if user.id in members.everybody()}
    if any(email not in known for email, _body, _unit in PEOPLE.values()):
        return
    for each in words("agencies")["report"]:
        at = diary.at_work(begin + (diary.end - begin) * each["when"])
        diary.on(at, _Told(diary, each).begin)


def _caller(who: str) -> tuple[User, Member]:
    user = session.scalars(select(User).where(User.email == PEOPLE[who][0])).one()
    return user, session.get_one(Member, user.id)


class _Told:
    """One report of an organisation, from its noticing on."""

    def __init__(self, diary: Diary, told: dict[str, Any]) -> None:
        self.diary, self.told = diary, told
        self.row: AgencyReport | None = None
        self.case: Case | None = None

    @property
    def author(self) -> tuple[User, Member]:
        """Who tells it."""
        return _caller(self.told["by"])

    @property
    def head(self) -> tuple[User, Member]:
        """Who may send it to the centre."""
        return _caller(HEADS.get(self.told["by"], self.told["by"]))

    def begin(self) -> None:
        """Notice it, and write it down some minutes later."""
        noticed = clock.now()
        self.diary.on(noticed + timedelta(minutes=self.told["minutes"]), lambda: self._hand_in(noticed))

    def _hand_in(self, noticed: datetime) -> None:
        user, member = self.author
        row = self.row = agency.begin(user, member)
        draft = agency.draft_of(row)
        if draft is not None:
            draft.answers = {**draft.answers, **self._answers(noticed)}
        agency.hand_in(row, user, member, self._say("late"))
        hold = self.told["hold"]
        if hold > 0:
            self.diary.on(clock.now() + timedelta(minutes=hold), self._pass_up)
        elif hold == 0:
            self._arrive(row)

    def _answers(self, noticed: datetime) -> dict[str, Any]:
        told, impact = self.told, self.told["impact"]
        losses = {f"loss_{name}": words for name, words in told.get("losses", {}).items()}
        return {
            "description": self._say("text"),
            "discovered_at": noticed.isoformat(),
            "discovered_precision": "exact",
            "danger": "no",
            **{name: told[name] for name in ("kind", "system", "origin", "support")},
            **impact,
            "affects": [
                name
                for name, answer in (
                    ("confidentiality", "leaked"),
                    ("integrity", "tampered"),
                    ("availability", "halted"),
                )
                if impact[answer] != "none"
            ],
            "support_what": self._say("support_what"),
            "damage": "yes" if losses else "no",
            "telephone": "+852 5550 0177",
            **losses,
        }

    def _say(self, name: str) -> str:
        said: str = self.told.get(name, "")
        return said

    def _pass_up(self) -> None:
        if self.row is not None:
            agency.pass_up(self.row, *self.head, self._say("late"))
            self._arrive(self.row)

    def _arrive(self, row: AgencyReport) -> None:
        report = session.get_one(Report, row.report_id)
        process(report.id)
        self.diary.later(0.3, lambda: self._open(row, report))

    def _open(self, row: AgencyReport, report: Report) -> None:
        ann = staff(Role.ANALYST)
        case = self.case = service.open_case([report], ann, title=shortened(report.title, 80), kind=report.kind)
        service.take(case, ann)
        service.move(case, Verb.TRIAGE, ann)
        service.set_level(case, agency.impact_of(row.facts), ann)
        service.move(case, Verb.START, ann)
        service.log_call(report, "Called back: we are on it.", ann)
        if "update" in self.told:
            self.diary.later(5, self._update)
        if "solution" in self.told:
            self.diary.later(30, self._release)

    def _update(self) -> None:
        if self.row is not None:
            agency_after.update(self.row, Told(self._say("update")), *self.head)

    def _release(self) -> None:
        if self.row is None:
            return
        facts = {"solution": self._say("solution"), "contact": self.author[0].name}
        agency_after.ask_release(self.row, facts, *self.head)
        if not self.told["until"]:
            self.diary.later(4, self._end)

    def _end(self) -> None:
        if self.row is None or self.case is None:
            return
        ann = staff(Role.ANALYST)
        agency_after.confirm(self.row, ann)
        service.move(self.case, Verb.RESOLVE, ann)
        service.close(self.case, Verb.CLOSE, ann, outcome="fixed", reason="The organisation was told.")
