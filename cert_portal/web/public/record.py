"""Pages made of the public record alone: the same for everybody until the next publication, so made once."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, request

from cert_portal.config import current
from cert_portal.publishing import tree

MOST = 400
FRESH = "public, max-age=60"

_kept: OrderedDict[tuple[str, ...], tuple[bytes, str]] = OrderedDict()


def made_once(view: Callable[..., str]) -> Callable[..., Response]:
    """Keep what the view answers, for each address and state of the record; readers with the same copy get a 304."""

    @wraps(view)
    def answer(**values: Any) -> Response:
        here = current()
        key = (str(here.published), tree.stamp(), here.base_url, request.full_path)
        found = _kept.get(key)
        if found is None:
            body = view(**values).encode()
            found = _kept[key] = (body, hashlib.sha256(body).hexdigest()[:20])
            while len(_kept) > MOST:
                _kept.popitem(last=False)
        response = Response(found[0], mimetype="text/html")
        response.headers["Cache-Control"] = FRESH
        response.set_etag(found[1])
        return response.make_conditional(request)  # type: ignore[return-value]  # the same response

    return answer
