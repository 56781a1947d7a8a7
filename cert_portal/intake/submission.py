"""What a report says, whatever channel it came by (fields 000-49 to 000-59 of the requirements catalogue)."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from cert_portal.core.i18n import Language


class Channel(StrEnum):
    """How a report reached the centre (001-20, 004-09)."""

    WEB = "web"
    EMAIL = "email"
    TELEPHONE = "telephone"
    MOBILE = "mobile"
    SATELLITE = "satellite"
    FAX = "fax"
    SMS = "sms"
    LETTER = "letter"
    API = "api"


SPOKEN = (Channel.TELEPHONE, Channel.MOBILE, Channel.SATELLITE)
"""The kinds of telephone; the first stands for one that nobody asked about."""


class Origin(StrEnum):
    """Whose report it is: counted apart (001-20 to 001-22)."""

    LOCAL = "local"
    OVERSEAS = "overseas"
    PROACTIVE = "proactive"


class ReporterKind(StrEnum):
    """Who reports; decides nothing but wording and origin."""

    MYSELF = "myself"
    SME = "sme"
    LARGE = "large"
    SPECIALIST = "specialist"
    OVERSEAS_CERT = "overseas_cert"
    NOT_SURE = "not_sure"


@dataclass(frozen=True)
class Submission:
    """The answers of one report. Every field may be missing: "not sure" and silence are both allowed.

    Times are aware UTC datetimes; `*_precision` is exact, approximate or unknown. `severity_told` is the reporter's own
    0-5 scale (000-52): 0 is an answer, None is none. `tolerable_hours` is the longest tolerable outage (000-58).
    """

    language: Language
    description: str = ""  # 000-49
    kind: str = "not_sure"  # 000-50, a code of guidance.kinds
    kind_other: str = ""
    reporter_kind: str = ReporterKind.NOT_SURE
    hardware: list[str] = field(default_factory=list)  # 000-51
    software: list[str] = field(default_factory=list)  # 000-51
    severity_told: int | None = None  # 000-52
    affects: list[str] = field(default_factory=list)  # 000-53: confidentiality, integrity, availability
    business_effect: str = ""  # 000-54
    people_affected: int | None = None
    occurred_at: datetime | None = None  # 000-55
    occurred_precision: str = "unknown"
    discovered_at: datetime | None = None  # 000-55
    discovered_precision: str = "unknown"
    still_going: str = ""  # yes, no, not_sure
    found_how: str = ""  # 000-56
    found_why: str = ""  # 000-56
    weaknesses: str = ""  # 000-56
    personal_data: str = ""  # 000-57: yes, no, not_sure
    personal_data_what: str = ""
    pcpd_told: str = ""  # yes, no, not_sure
    tolerable_hours: float | None = None  # 000-58
    action_preparation: str = ""  # 000-59, one per phase of the life cycle
    action_detection: str = ""
    action_containment: str = ""
    action_post: str = ""
    others_told: str = ""
    anonymous: bool = False
    name: str = ""
    organisation: str = ""
    email: str = ""
    telephone: str = ""
    contact_time: str = ""
    consents: list[str] = field(default_factory=list)  # police, pcpd, isp, statistics: each given on its own
    answers: dict[str, str] = field(default_factory=dict)  # what is asked of this kind, by code of guidance.questions
    indicators: str = ""  # logs and indicators as pasted
    for_whom: str = ""  # who is affected when somebody else reports
    for_whom_relation: str = ""
    for_whom_contact: str = ""  # may we contact them: yes, no, not_sure
    reference: str = ""  # what the sender calls it
    restriction: str = ""  # TLP label that the sender set
    together: list[str] = field(default_factory=list)  # other reports of the same document

    def as_json(self) -> dict[str, Any]:
        """All fields by name, times in ISO 8601: what is stored with the report and exported (000-60)."""
        out: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            out[each.name] = value.isoformat() if isinstance(value, datetime) else value
        return out
