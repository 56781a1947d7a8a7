"""Is it alive, is it ready, how much waits."""

from __future__ import annotations

import hmac
import ipaddress

from flask import Response, abort, request
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from cert_portal.config import current
from cert_portal.core import queue
from cert_portal.core.db import session
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.schedule import Schedule
from cert_portal.intake.models import Report
from cert_portal.web.limits import limiter
from cert_portal.web.machine.blueprint import machine


@machine.get("/healthz")
@limiter.exempt
def alive() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@machine.get("/readyz")
@limiter.exempt
def ready() -> Response:
    """The database answers: reports can be taken. Redis may be away; then acknowledgements follow later."""
    try:
        session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        session.remove()
        return Response("database away\n", 503, mimetype="text/plain")
    return Response("ready\n" if queue.is_up() else "ready, queue away\n", mimetype="text/plain")


@machine.get("/metrics")
@limiter.exempt
def metrics() -> Response:
    """Counts in the Prometheus text format; only for this machine or with the token."""
    if not _may_measure():
        abort(404)
    lines: list[str] = []
    for name, column in (("reports", Report.state), ("letters", Letter.state)):
        lines.append(f"# TYPE cert_portal_{name} gauge")
        for state, count in session.execute(select(column, func.count()).group_by(column).order_by(column)):
            lines.append(f'cert_portal_{name}{{state="{state}"}} {count}')
    lines.append("# TYPE cert_portal_schedule_due_timestamp_seconds gauge")
    for row in session.scalars(select(Schedule).order_by(Schedule.name)):
        lines.append(f'cert_portal_schedule_due_timestamp_seconds{{plan="{row.name}"}} {row.due_at.timestamp():.0f}')
    lines.append("# TYPE cert_portal_queue_up gauge")
    lines.append(f"cert_portal_queue_up {int(queue.is_up())}")
    return Response("\n".join(lines) + "\n", mimetype="text/plain; version=0.0.4")


def _may_measure() -> bool:
    token = current().metrics_token
    told = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(token.encode(), told.encode()):
        return True
    address = request.remote_addr or ""
    local = ipaddress.ip_address(address).is_loopback if address else False
    return local and "X-Forwarded-For" not in request.headers
