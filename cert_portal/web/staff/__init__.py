"""The staff face: queue, reports, cases, advisories, accounts and settings, each view behind its permission."""

from cert_portal.web.staff import (
    account,
    advisories,
    case,
    directory,
    lists,
    outbox,
    people,
    referrals,
    report,
    settings,
    sign_in,
    subscribers,
    watch,
)
from cert_portal.web.staff.desk import blueprint

__all__ = [
    "account",
    "advisories",
    "blueprint",
    "case",
    "directory",
    "lists",
    "outbox",
    "people",
    "referrals",
    "report",
    "settings",
    "sign_in",
    "subscribers",
    "watch",
]
