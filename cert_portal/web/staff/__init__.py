"""The staff face: queue, reports, cases, advisories, accounts and settings, each view behind its permission."""

from cert_portal.web.staff import (
    account,
    advisories,
    annual,
    case,
    directory,
    fax,
    figures,
    lists,
    outbox,
    people,
    referrals,
    report,
    settings,
    sign_in,
    subscribers,
    taking,
    watch,
)
from cert_portal.web.staff.desk import blueprint

__all__ = [
    "account",
    "advisories",
    "annual",
    "blueprint",
    "case",
    "directory",
    "fax",
    "figures",
    "lists",
    "outbox",
    "people",
    "referrals",
    "report",
    "settings",
    "sign_in",
    "subscribers",
    "taking",
    "watch",
]
