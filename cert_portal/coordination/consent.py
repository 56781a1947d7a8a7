"""Whether a case may be passed to a party: the reporters' own ticks, or a consent that somebody recorded (000-63)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cert_portal.cases.kept_close import kept_from_some
from cert_portal.cases.models import Case, CaseReport
from cert_portal.coordination import events
from cert_portal.coordination.link import case_at_work
from cert_portal.coordination.models import Referral
from cert_portal.coordination.workflow import SENDABLE, ReferralRefused
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.text import clean
from cert_portal.directory.models import User
from cert_portal.directory.parties import Organisation, OrganisationKind
from cert_portal.intake import consents
from cert_portal.intake.models import Observable, Report
from cert_portal.intake.observables import digest

RECORDED_ONLY = "recorded"
_TICKS = {
    OrganisationKind.POLICE: "police",
    OrganisationKind.REGULATOR: RECORDED_ONLY,
    OrganisationKind.MEDIA: RECORDED_ONLY,
    OrganisationKind.ISP: "isp",
    OrganisationKind.HOSTING: "isp",
    OrganisationKind.REGISTRY: "isp",
    OrganisationKind.REGISTRAR: "isp",
}


@dataclass(frozen=True)
class Consent:
    """What is asked (a tick of the report, or `recorded`; "" for nothing) and whether it is there.

    `withdrawn` is when a reporter of the case last took consents back: what was recorded before no longer counts.
    """

    asked: str
    ticked: bool
    recorded: bool
    withdrawn: datetime | None = None

    @property
    def given(self) -> bool:
        """Whether the referral may leave as far as consent goes."""
        return not self.asked or self.ticked or self.recorded


def consent_of(referral: Referral) -> Consent:
    """How consent stands. A tick counts only when every report has it that the referral speaks of."""
    asked = asked_by(session.get_one(Organisation, referral.organisation_id))
    reports = _reports(case_at_work(referral), referral.observables)
    ticked = bool(asked and reports) and all(asked in consents.given(each) for each in reports)
    withdrawn = consents.last_withdrawn(reports)
    recorded = referral.consent_at is not None and (withdrawn is None or referral.consent_at >= withdrawn)
    return Consent(asked, ticked and asked != RECORDED_ONLY, recorded, withdrawn)


def asked_by(organisation: Organisation) -> str:
    """Which tick this sort of party asks for; `recorded` where no tick of a report is enough."""
    if organisation.body == "pcpd":
        return "pcpd"
    return _TICKS.get(OrganisationKind(organisation.kind), "")


def record_consent(referral: Referral, who: str, at: datetime | None, actor: User) -> None:
    """Note who agreed that the case is passed on, and when. Raises ReferralRefused: state, who_missing, future."""
    name, when = " ".join(clean(who).split())[:200], at or clock.now()
    if referral.state not in SENDABLE:
        raise ReferralRefused("state")
    if not name:
        raise ReferralRefused("who_missing")
    if when > clock.now():
        raise ReferralRefused("future")
    referral.consent_who, referral.consent_at, referral.updated_at = name, when, clock.now()
    record(events.CONSENTED, referral.number, actor.actor, text=name, who=actor.actor, given=when.isoformat())


def _reports(case: Case, named: Sequence[Sequence[str]]) -> list[Report]:
    """Those of the case; of reports kept to some of its people those that alone tell a value which is passed on."""
    rows = select(Report).join(CaseReport, CaseReport.report_id == Report.id).where(CaseReport.case_id == case.id)
    kept = Report.id.in_(kept_from_some(case))
    found = list(session.scalars(rows.where(~kept)))
    wanted = {(kind, digest(value)) for kind, value in named} - _told([each.id for each in found])
    return [*found, *(each for each in session.scalars(rows.where(kept)) if wanted & _told([each.id]))]


def _told(report_ids: Sequence[int]) -> set[tuple[str, str]]:
    rows = select(Observable.kind, Observable.digest).where(Observable.report_id.in_(report_ids))
    return {(kind, told) for kind, told in session.execute(rows)}
