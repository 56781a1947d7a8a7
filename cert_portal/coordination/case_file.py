"""The referrals of a case as data: for the file that holds everything about the case."""

from __future__ import annotations

from typing import Any

from cert_portal.cases.export import as_entry, moment
from cert_portal.cases.models import Case
from cert_portal.coordination.lists import of_case
from cert_portal.coordination.timeline import entries
from cert_portal.directory.models import User


def referrals_of_case(case: Case, user: User) -> list[dict[str, Any]]:
    """Each referral that the person may see: to whom, about what, and all that was said."""
    return [
        {
            **{name: getattr(row.referral, name) for name in ("number", "state", "purpose", "language", "tlp", "note")},
            **{name: moment(getattr(row.referral, name)) for name in ("drafted_at", "sent_at", "answered_at")},
            "party": row.organisation.name_en or row.organisation.name_zh_hant,
            "recipient": row.referral.recipient,
            "their_reference": row.referral.their_reference,
            "observables": [{"kind": kind, "value": value} for kind, value in row.referral.observables],
            "files": [
                {"filename": each.filename, "size": each.size, "sha256": each.sha256} for each in row.referral.files
            ],
            "timeline": [as_entry(each) for each in entries([row.referral])],
        }
        for row in of_case(case, user)
    ]
