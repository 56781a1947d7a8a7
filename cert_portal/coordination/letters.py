"""The letters to a party: shown before they are sent exactly as they will leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select

from cert_portal.cases.clocks import ruler
from cert_portal.cases.kept_close import kept_from_some
from cert_portal.cases.models import CaseReport
from cert_portal.cases.wording import spelled
from cert_portal.config import current
from cert_portal.coordination.bound import label_of
from cert_portal.coordination.consent import consent_of
from cert_portal.coordination.link import address_of, case_at_work
from cert_portal.coordination.models import Referral
from cert_portal.coordination.sealing import Sealing
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.mail import exercise, letters, outbox
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.text import defang
from cert_portal.directory.parties import Contact, Organisation, OrganisationKind
from cert_portal.guidance.kinds import named
from cert_portal.intake.models import Report

ANSWER_CLOCK = "referral_answer"
REMINDER = "referral_reminder"


class Purpose(StrEnum):
    """What the party is asked; each has its letter."""

    TAKEDOWN = "takedown"
    INFORM = "inform"
    CERT = "cert"


INFORMED = frozenset(
    {
        *(OrganisationKind.POLICE, OrganisationKind.REGULATOR, OrganisationKind.GOVERNMENT, OrganisationKind.MEDIA),
        *(OrganisationKind.MEMBER, OrganisationKind.GROUP, OrganisationKind.BANK, OrganisationKind.ASSOCIATION),
    }
)


@dataclass(frozen=True)
class Written:
    """A letter in words."""

    subject: str
    text: str


def purpose_for(organisation: Organisation) -> Purpose:
    """What a party of this kind is usually asked."""
    if organisation.kind == OrganisationKind.CERT:
        return Purpose.CERT
    return Purpose.INFORM if OrganisationKind(organisation.kind) in INFORMED else Purpose.TAKEDOWN


def language_for(organisation: Organisation, contact: Contact | None) -> Language:
    """English abroad; at home the first language of the contact that we write, else English."""
    told = contact.languages if contact else []
    ours = [Language.ZH_HANT if each.startswith("zh") else Language.EN for each in told if each[:2] in ("zh", "en")]
    return ours[0] if ours and organisation.country in ("", "HK") else Language.EN


def written(referral: Referral, name: str = "") -> Written:
    """The letter as it will leave, with the marks of an exercise where it is one."""
    language = Language(referral.language)
    facts = _facts(referral, language)
    told = letters.render(name or f"referral_{referral.purpose}", language, facts)
    return Written(*(exercise.marked(*told) if facts["drill"] else told))


def post(referral: Referral, contact: Contact, sealing: Sealing, name: str = "") -> Letter:
    """Put the letter into the outbox; a further one joins the thread of the first."""
    told = written(referral, name)
    first = session.get(Letter, referral.letter_id) if referral.letter_id else None
    return outbox.post(
        outbox.Draft(
            name=name or f"referral_{referral.purpose}",
            about=referral.number,
            language=referral.language,
            recipient=contact.email,
            subject=told.subject,
            text=told.text,
            automatic="auto-generated" if name else "",
            encrypt_to=sealing.key or None,
            in_reply_to=first.message_id if first else "",
            drill=case_at_work(referral).drill,
            tlp=label_of(referral),
        )
    )


def _facts(referral: Referral, language: Language) -> dict[str, Any]:
    case = case_at_work(referral)
    organisation = session.get_one(Organisation, referral.organisation_id)
    joined = select(func.count(Report.id), func.min(Report.received_at)).join(
        CaseReport, CaseReport.report_id == Report.id
    )
    told = (CaseReport.case_id == case.id, Report.id.not_in(kept_from_some(case)))
    count, first = session.execute(joined.where(*told)).one()
    clock_rule, agreed = ruler(ANSWER_CLOCK), consent_of(referral)
    return {
        "number": referral.number,
        "case": case.number,
        "tlp": label_of(referral),
        "party": organisation.name(language),
        "kind": named(case.kind, language),
        "reports": count,
        "first_reported": _day(first, language) if first else "",
        "observables": [defang(value) for _kind, value in referral.observables],
        "note": referral.note,
        "deadline": spelled(referral.deadline_on, language) if referral.deadline_on else "",
        "answer_by": _day(clock_rule.due(clock.now()), language) if clock_rule else "",
        "link": address_of(referral),
        "their_reference": referral.their_reference,
        "reminder": referral.reminders + 1,
        "drill": case.drill,
        "consented": bool(agreed.asked) and agreed.given,
    }


def _day(at: datetime, language: Language) -> str:
    return spelled(at.astimezone(current().zone).date(), language)
