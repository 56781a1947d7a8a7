"""The staff face: queue, reports, cases, accounts and settings, each view behind its permission."""

from cert_portal.web.staff import account, annual, case, figures, lists, outbox, people, report, settings, sign_in
from cert_portal.web.staff.desk import blueprint

__all__ = [
    "account",
    "annual",
    "blueprint",
    "case",
    "figures",
    "lists",
    "outbox",
    "people",
    "report",
    "settings",
    "sign_in",
]
