"""The source of a letter that left: its bytes as they were sent, but for what opens a door without a sign-in."""

from __future__ import annotations

from typing import Any

from flask import abort, url_for

from cert_portal.cases import letterbook, withheld
from cert_portal.cases.visible import find_case
from cert_portal.coordination.visible import hidden_referrals
from cert_portal.core.mail import outbox
from cert_portal.core.numbers import NumberKind
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff.desk import Answer, desk, may, me, show
from cert_portal.web.staff.original import MOST_SHOWN

PAGES: dict[str, tuple[str, Permission]] = {
    NumberKind.REPORT: ("staff.report", Permission.READ_REPORTS),
    NumberKind.CASE: ("staff.case", Permission.READ_CASES),
    NumberKind.REFERRAL: ("staff.referral", Permission.READ_CASES),
}
"""The page that a letter is about, and who may read it; other letters (to people of the desk) are shown to nobody."""


@desk.get("/letters/<int:letter_id>/source", Permission.READ_REPORTS)
def letter_source(letter_id: int) -> Answer:
    """The letter with its head, line by line; a secret in it is left out as on every page."""
    letter = letterbook.find(letter_id, me(), (hidden_referrals(me()),)) or abort(404)
    page, needed = PAGES.get(letter.about[:1]) or abort(404)
    raw = outbox.source(letter)
    if raw is None or not may(needed):
        abort(404)
    text = withheld.source(raw, letter.about)
    facts: dict[str, Any] = {
        "text": text[:MOST_SHOWN],
        "size": len(raw),
        "most": MOST_SHOWN,
        "whole": "",
        "about": None,
    }
    written = letter.written_on if find_case(letter.written_on, me()) else letter.about
    page, _needed = PAGES.get(written[:1], PAGES[NumberKind.REPORT])
    return show("report_source", number=written, other=url_for(page, number=written), sent=True, **facts)
