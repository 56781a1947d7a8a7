"""The staff face: queue, reports, cases, advisories, accounts and settings, each view behind its permission."""

from cert_portal.web.staff import (
    account,
    advisories,
    annual,
    case,
    directory,
    figures,
    findings,
    lists,
    mail,
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
    "annual",
    "blueprint",
    "case",
    "directory",
    "figures",
    "findings",
    "lists",
    "mail",
    "outbox",
    "people",
    "referrals",
    "report",
    "settings",
    "sign_in",
    "subscribers",
    "watch",
]
