"""The copy to the unit that supervises a central, common system, and the request for its support (004-12)."""

from __future__ import annotations

from datetime import datetime

from cert_portal.cases import events
from cert_portal.cases.labels import of_letter
from cert_portal.cases.models import AgencyReport
from cert_portal.config import current
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.mail import letters, outbox
from cert_portal.core.mail.exercise import is_registered
from cert_portal.core.tlp import TLP
from cert_portal.directory import keys, systems
from cert_portal.directory.parties import Contact
from cert_portal.guidance.systems import load
from cert_portal.intake.models import Report

_IN_CLEAR = frozenset({TLP.AMBER, TLP.AMBER_STRICT, TLP.RED})
"""A contact with one of these as its most may get a letter of TLP:AMBER that is not encrypted."""


def send_copy(row: AgencyReport, report: Report) -> None:
    """Post the copy of a report that was just sent; nothing where no unit supervises the system.

    Where the letter would have to be encrypted and no key is usable nothing leaves, and the record says so; nor does
    what is TLP:RED, or an exercise to an address that is not registered for it.
    """
    found = systems.in_copy(row.organisation_id, row.facts.get("system") or "")
    if found is None:
        return
    unit, contact = found
    trouble = keys.trouble(contact.key_fingerprint)
    in_clear = not (contact.must_encrypt or contact.tlp not in _IN_CLEAR)
    outside = report.drill and not is_registered(contact.email)
    if (trouble and not in_clear) or outside or of_letter(None, report) == TLP.RED:
        record(events.AGENCY_COPIED, report.number, "system", organisation=unit.id, letter=None)
        return
    language = _language(contact)
    subject, text = letters.render("agency_copy", language, _facts(row, report, language))
    letter = outbox.post(
        outbox.Draft(
            name="agency_copy",
            about=report.number,
            language=language,
            recipient=contact.email,
            subject=subject,
            text=text,
            encrypt_to=None if trouble else contact.key_fingerprint,
            drill=report.drill,
        )
    )
    record(events.AGENCY_COPIED, report.number, "system", organisation=unit.id, letter=letter.id)


def _language(contact: Contact) -> Language:
    return Language.ZH_HANT if any(each.startswith("zh") for each in contact.languages[:1]) else Language.EN


def _facts(row: AgencyReport, report: Report, language: Language) -> dict[str, object]:
    told, noticed = report.details, report.details.get("discovered_at")
    system = load()[row.facts["system"]][language]
    contact = [told.get(each) for each in ("name", "telephone", "email")]
    return {
        "number": report.number,
        "tlp": TLP.AMBER,
        "organisation": told.get("organisation") or "",
        "system": " · ".join(filter(None, (system, row.facts.get("system_other")))),
        "level": row.level,
        "noticed": f"{datetime.fromisoformat(noticed).astimezone(current().zone):%Y-%m-%d %H:%M}" if noticed else "",
        "support": row.facts.get("support") or "",
        "support_what": row.facts.get("support_what") or "",
        "contact": ", ".join(filter(None, contact)),
    }
