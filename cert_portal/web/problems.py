"""What a program is told when something is wrong: `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, make_response

from cert_portal.web import frame


def problem(
    status: int,
    title: str,
    detail: str = "",
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer, in the language that the program asked for. `errors`: each wrong field with its pointer."""
    told: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        told["detail"] = detail
    if errors:
        told["errors"] = list(errors)
        if "parameter" in errors[0]:
            told["field"] = errors[0]["parameter"]
    given = {"Content-Type": "application/problem+json", "Content-Language": frame.language().tag}
    return make_response(told, status, given | dict(headers or {}))
