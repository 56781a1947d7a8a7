"""Findings that machines reported: by feed and by who answers for them."""

from __future__ import annotations

from flask import request

from cert_portal.directory.permissions import Permission
from cert_portal.monitoring import findings as seen
from cert_portal.web.staff.desk import Answer, desk, show


@desk.get("/findings", Permission.READ_CASES)
def findings() -> Answer:
    """The list, newest first."""
    feed, organisation = request.args.get("feed", "")[:60], _number("organisation")
    rows, before = seen.page(feed=feed, organisation=organisation, before=_number("before"))
    return show(
        "findings",
        rows=rows,
        before=before,
        feed=feed,
        organisation=organisation,
        feeds=seen.feeds(),
        organisations=seen.organisations(),
    )


def _number(name: str) -> int:
    told = request.args.get(name, "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else 0
