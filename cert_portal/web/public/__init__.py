"""The public face: reports, advisories, guides, subscriptions, in two languages, without an account."""

from cert_portal.web.public import (
    advisories,
    check,
    evidence,
    figures,
    fyi,
    guides,
    home,
    lost,
    paper,
    report,
    sent,
    specialist,
    status,
    subscribe,
    verify,
)
from cert_portal.web.public.blueprint import public

__all__ = [
    "advisories",
    "check",
    "evidence",
    "figures",
    "fyi",
    "guides",
    "home",
    "lost",
    "paper",
    "public",
    "report",
    "sent",
    "specialist",
    "status",
    "subscribe",
    "verify",
]
