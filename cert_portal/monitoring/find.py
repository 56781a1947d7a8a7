"""Findings by what they name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select

from cert_portal.core.pages import Page, newest
from cert_portal.monitoring.models import Finding

MOST = 50


def naming(values: Sequence[tuple[str, str]], shown: ColumnElement[bool], after: str = "") -> Page[Finding]:
    """The newest findings of one of these addresses: pairs of a kind (ip, domain, asn) and a value, as reports have.

    `shown` is the condition for those that the reader may see.
    """
    ips = [value for kind, value in values if kind == "ip"]
    domains = [value for kind, value in values if kind == "domain"]
    systems = [int(value.upper().removeprefix("AS")) for kind, value in values if kind == "asn"]
    if not ips and not domains and not systems:
        return Page()
    named = or_(Finding.ip.in_(ips), Finding.domain.in_(domains), Finding.asn.in_(systems))
    return newest(select(Finding).where(named, shown), Finding.id.expression, after, MOST)
