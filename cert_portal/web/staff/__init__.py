"""The staff face: queue, reports, cases, accounts and settings, each view behind its permission."""

from cert_portal.web.staff import account, case, directory, lists, outbox, people, referrals, report, settings, sign_in
from cert_portal.web.staff.desk import blueprint

__all__ = [
    "account",
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
]
