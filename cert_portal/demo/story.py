"""One incident of the demonstration from its first report to its end, by the real verbs of the stages."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from cert_portal.cases import service, workflow
from cert_portal.cases.models import Case
from cert_portal.cases.severity import Halt, Impact, Leak, Tampering
from cert_portal.cases.workflow import State, Verb
from cert_portal.core.i18n import Language
from cert_portal.demo.cast import staff, words
from cert_portal.demo.diary import Diary
from cert_portal.demo.passing_on import pass_on
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Role
from cert_portal.intake.models import Report
from cert_portal.intake.process import process
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Origin, ReporterKind, Submission

KINDS = {
    "phishing": 40,
    "botnet": 15,
    "malware": 9,
    "intrusion": 7,
    "defacement": 5,
    "ddos": 4,
    "ransomware": 5,
    "data_leak": 4,
    "ceo_fraud": 5,
    "account_takeover": 4,
    "spam": 2,
}
"""Shares in a hundred, as the published years have them (domain.md 2.6)."""
CHANNELS = (Channel.WEB,) * 5 + (Channel.EMAIL,) * 3 + (Channel.TELEPHONE,) * 3 + (Channel.FAX,)
IMPACTS = {
    "phishing": (Impact(), Impact(leaked=Leak.NON_CORE), Impact(leaked=Leak.PERSONAL)),
    "botnet": (Impact(halted=Halt.NON_CORE), Impact(tampered=Tampering.NON_CORE)),
    "malware": (Impact(tampered=Tampering.NON_CORE), Impact(tampered=Tampering.CORE_SLIGHT)),
    "intrusion": (Impact(tampered=Tampering.CORE_SLIGHT), Impact(tampered=Tampering.CORE_SERIOUS)),
    "defacement": (Impact(tampered=Tampering.NON_CORE), Impact(tampered=Tampering.CORE_SLIGHT)),
    "ddos": (Impact(halted=Halt.CORE, tolerable_hours=8, expected_hours=3), Impact(halted=Halt.CII)),
    "ransomware": (
        Impact(halted=Halt.CORE, tolerable_hours=4, expected_hours=30),
        Impact(halted=Halt.CORE, tolerable_hours=48, expected_hours=20),
    ),
    "data_leak": (Impact(leaked=Leak.PERSONAL), Impact(leaked=Leak.SENSITIVE)),
    "account_takeover": (Impact(leaked=Leak.NON_CORE), Impact(tampered=Tampering.NON_CORE)),
}
OUTCOMES = {"phishing": "taken_down", "malware": "taken_down", "botnet": "contained", "spam": "handed_over"}
UNREAD = "unread"
"""Where a report stays that nobody has looked at yet."""
EXERCISE_DOMAIN = "exercise.example"
CONSENTS = ("police", "pcpd", "isp", "statistics")


class Story:
    """An incident; `serial` makes it what it is, so that the same year is told the same way again.

    It ends as it may, or stays where it is told to: in a state of the case, or at UNREAD.
    """

    def __init__(self, diary: Diary, seed: int, serial: int, at: datetime, stays: str = "") -> None:
        self.stays = stays
        self.diary, self.serial, self.dice = diary, serial, Random(f"{seed} {serial}")  # noqa: S311  # no secret
        self.kind = self.dice.choices(list(KINDS), list(KINDS.values()))[0]
        self.case: Case | None = None
        self.reports: list[Report] = []
        self.is_drill, self.is_restricted = serial % 50 == 9, serial % 40 == 7
        self._setting()
        for number in range(1 if stays else self.dice.choices((1, 2, 3), (76, 17, 7))[0]):
            diary.on(at + timedelta(hours=number * self.dice.uniform(0.4, 30)), self._report)

    @property
    def told(self) -> dict[str, str]:
        """Host, address and the like, for texts and titles in the language that is asked."""
        return {"url": f"https://{self.host}/{self.path}", "host": self.host, "ip": self.ip}

    def _setting(self) -> None:
        found, dice = words("reports"), self.dice
        if self.kind == "phishing" and dice.random() < 0.75:
            wave = dice.choice(found["wave"])
            self.host, self.ip = wave["host"], wave["ip"]
            self.path = dice.choice(("pay", "login", "verify"))
            return
        block = dice.choice(("192.0.2", "198.51.100", "203.0.113"))
        self.ip = f"{block}.{dice.randrange(1, 250)}"
        house = dice.choice(("harbour-hosting", "hkbn", "hgc", "smartone", "examplia", "atlantis"))
        self.host = f"{dice.choice(('www', 'shop', 'files', 'mail'))}{dice.randrange(1, 60)}.{house}.example"
        self.path = dice.choice(("invoice", "index", "news", "list"))

    def _report(self) -> None:
        dice, found = self.dice, words("reports")
        language = dice.choice((Language.EN, Language.ZH_HANT, Language.ZH_HANT))
        which = dice.randrange(len(found["reporters"]["houses"]))
        who = found["reporters"]["who_zh" if language is Language.ZH_HANT else "who"][which]
        overseas, proactive = dice.random() < 0.12, dice.random() < 0.06
        channel = Channel.EMAIL if overseas else dice.choice(CHANNELS)
        has_mail = channel in (Channel.WEB, Channel.EMAIL) or dice.random() < 0.5
        submission = Submission(
            language=Language.EN if overseas else language,
            kind=self.kind if dice.random() < 0.9 else "not_sure",
            reporter_kind=ReporterKind.OVERSEAS_CERT if overseas else dice.choice(tuple(ReporterKind)[:4]),
            description=self._text(Language.EN if overseas else language, who),
            name="CERT Examplia" if overseas else dice.choice(found["reporters"]["persons"]),
            organisation="" if overseas else who,
            email=self._address(which, overseas) if has_mail else "",
            telephone=f"+852 5550 01{dice.randrange(100):02d}",
            tolerable_hours=dice.choice((None, 4, 24, 72)),
            consents=[each for each in CONSENTS if dice.random() < 0.75],
        )
        origin = Origin.PROACTIVE if proactive and not overseas else None
        report = receive(submission, channel, drill=self.is_drill, origin=origin)
        process(report.id)
        self.reports.append(report)
        if self.stays != UNREAD:
            self.diary.later(dice.choice((0.3, 0.8, 1.5, 3, 6)), lambda: self._triage(report))

    def _address(self, which: int, overseas: bool) -> str:
        if self.is_drill:
            return f"player{self.serial}@{EXERCISE_DOMAIN}"
        if overseas:
            return "cert@examplia.example"
        return f"{self.dice.choice(('office', 'it', 'owner'))}@{words('reports')['reporters']['houses'][which]}.example"

    def _text(self, language: Language, who: str) -> str:
        text: str = self.dice.choice(words("reports")[self.kind][language.value])
        return text.format(**self.told, who=who)

    def _triage(self, report: Report) -> None:
        if self.case and self.case.state in workflow.OPEN:
            service.attach(self.case, [report], staff(Role.ANALYST, self.serial))
            return
        roll, ann = 1.0 if self.stays else self.dice.random(), staff(Role.ANALYST, self.serial)
        if roll < 0.07:
            service.refuse(report, self.dice.choice(("not_enough", "spam", "not_an_incident")), ann)
        elif roll < 0.11:
            service.log_call(report, "", ann)
            service.refer_elsewhere(report, self.dice.choice(("police", "bank", "ofca")), ann)
        else:
            self._open(report)

    def _open(self, report: Report) -> None:
        ann, language = staff(Role.ANALYST, self.serial), Language(report.language)
        who = report.details["organisation"] or report.reporter_name
        title = words("reports")[self.kind]["title"][language.value].format(**self.told, who=who)
        self.case = service.open_case([report], ann, title=title, kind=self.kind, restricted=self.is_restricted)
        if self.stays == State.NEW:
            return
        if not self.stays and self.dice.random() < 0.05:
            reason = "A test of our own." if self.is_drill else "Already gone when we looked."
            service.close(self.case, Verb.DISMISS, ann, outcome="no_incident", reason=reason)
            return
        self.diary.later(self.dice.choice((0.2, 0.5, 2, 5, 26)), lambda: self._handle(report))

    def _handle(self, report: Report) -> None:
        case, ann, dice = self._open_case(), staff(Role.ANALYST, self.serial), self.dice
        if case is None:
            return
        service.take(case, ann)
        service.move(case, Verb.TRIAGE, ann)
        if self.stays == State.TRIAGED:
            return
        if report.reporter_email:
            answer = words("reports")["words"]["answer"][report.language]
            service.write_to_reporter(case, report, case.title, answer, ann)
        else:
            service.log_call(report, "Told what happens next.", ann)
        service.set_level(case, dice.choice(IMPACTS.get(self.kind, (Impact(),))), ann)
        service.move(case, Verb.START, ann)
        if dice.random() < 0.4:
            service.note(case, dice.choice(words("reports")["words"]["notes"]), ann)
        if dice.random() < 0.7:
            self.diary.later(dice.choice((0.5, 1, 2, 4, 30)), lambda: pass_on(self.diary, case, dice))
        if self.stays:
            self._stay(case, ann)
        else:
            self.diary.later(24 * dice.expovariate(1 / 12) + 3, self._go_on)

    def _stay(self, case: Case, ann: User) -> None:
        if self.stays == State.WAITING:
            service.move(case, Verb.WAIT, ann, until=workflow.today() + timedelta(days=self.dice.randrange(9, 20)))
        elif self.stays == State.MONITORING:
            service.move(case, Verb.WATCH, ann)

    def _go_on(self) -> None:
        case, ann = self._open_case(), staff(Role.ANALYST, self.serial)
        if case is None:
            return
        roll = self.dice.random()
        if roll < 0.25 and case.state == State.IN_HANDLING:
            days = self.dice.randrange(3, 15)
            service.move(case, Verb.WAIT, ann, until=workflow.today() + timedelta(days=days))
            self.diary.later(24 * (days - 1), self._go_on)
        elif roll < 0.45 and case.state in (State.IN_HANDLING, State.WAITING):
            service.move(case, Verb.WATCH, ann)
            self.diary.later(24 * self.dice.uniform(2, 12), self._go_on)
        else:
            service.move(case, Verb.RESOLVE, ann)
            self.diary.later(self.dice.uniform(0.5, 40), self._close)

    def _close(self) -> None:
        case, ann = self._open_case(), staff(Role.ANALYST, self.serial)
        if case is None:
            return
        report = self.reports[0]
        letter = words("reports")["words"]["closed"][report.language]
        outcome = self.dice.choice((OUTCOMES.get(self.kind, "fixed"), OUTCOMES.get(self.kind, "fixed"), "no_answer"))
        reached = [each for each in self.reports if each.reporter_email]
        reason = "" if reached else "Told on the telephone."
        service.close(case, Verb.CLOSE, ann, outcome=outcome, letter=letter, reports=reached, reason=reason)
        if self.dice.random() < 0.06:
            self.diary.later(24 * self.dice.uniform(1, 20), self._reopen)

    def _reopen(self) -> None:
        reason = self.dice.choice(words("reports")["words"]["reopened"])
        case, ann = self.case, staff(Role.ANALYST, self.serial)
        if case is not None and case.state == State.CLOSED:
            service.move(case, Verb.REOPEN, ann, reason=reason)
            service.move(case, Verb.START, ann)
            self.diary.later(24 * self.dice.uniform(1, 20), self._go_on)

    def _open_case(self) -> Case | None:
        return self.case if self.case is not None and self.case.state in workflow.OPEN else None
