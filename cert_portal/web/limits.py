"""How often one visitor may do a thing. Redis counts; when it is away, each process counts for itself."""

from __future__ import annotations

import ipaddress
import time

from flask import Flask, request
from flask import session as cookie
from flask_limiter import Limiter
from limits import RateLimitItemPerDay, RateLimitItemPerHour
from limits.errors import StorageError

from cert_portal.config import Settings, current


def visitor() -> str:
    """Who counts as one visitor: the address together with the report in progress, as many phones share an address."""
    return f"{source()}/{cookie.get('draft', '')}"


def source() -> str:
    """The network address alone; of IPv6 its /64, within which one house has as many addresses as it likes."""
    told = request.remote_addr or ""
    try:
        address = ipaddress.IPv6Address(told)
    except ValueError:  # IPv4, or a socket
        return told
    return str(address.ipv4_mapped or ipaddress.ip_network((int(address), 64), strict=False))


limiter = Limiter(
    key_func=visitor,
    default_limits=["3000 per hour"],
    headers_enabled=False,
    in_memory_fallback_enabled=True,
    swallow_errors=True,  # of two threads that find Redis gone at once the second is let through, and it is logged
    strategy="fixed-window",
)


guessing = limiter.limit("30 per minute", key_func=source)
"""For pages where a wrong secret could be tried again and again."""

signing_in = limiter.limit("30 per minute", key_func=source)
"""For pass-phrases, before any of them is hashed; the directory counts failures on top."""

reporting = limiter.limit(lambda: f"{current().reports_per_hour} per hour", key_func=source)
"""For sending a report."""

asking_for_mail = limiter.limit("20 per hour", key_func=source)
"""For forms that make us write to an address; the address itself is protected by the stage."""

counting = limiter.limit("20 per minute", key_func=source)
"""For pages and files that count a whole year or set a report."""

uploading = limiter.limit("100 per hour", key_func=visitor)
"""For files."""


def more_than(count: int, what: str) -> bool:
    """Whether this network address did it more often than that within the hour, this time included.

    Nobody is held to have done so while Redis is away.
    """
    try:
        return not limiter.limiter.hit(RateLimitItemPerHour(count), what, source())
    except StorageError:
        return False


def is_first(what: str, mark: str) -> bool:
    """Whether this mark is shown for the first time within a day. While Redis is away everything is new."""
    try:
        return bool(limiter.limiter.hit(RateLimitItemPerDay(1), what, mark))
    except StorageError:
        return True


def seconds_to_wait() -> int:
    """When the visitor who came too often may come again."""
    hit = limiter.current_limit
    return max(1, int(hit.reset_at - time.time()) + 1) if hit else 60


def start(app: Flask, settings: Settings) -> None:
    """Hook the limits to the application."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", settings.redis.replace("unix://", "redis+unix://"))
    app.config.setdefault(
        "RATELIMIT_STORAGE_OPTIONS", {"socket_connect_timeout": 1, "socket_timeout": 1, "wrap_exceptions": True}
    )
    limiter.init_app(app)
