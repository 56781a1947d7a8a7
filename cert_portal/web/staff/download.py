"""How a stranger's file leaves: as a download, in a zip whose pass-word is "infected", never shown."""

from __future__ import annotations

import io

from flask import abort, send_file
from werkzeug.wrappers import Response

from cert_portal.core import blobs
from cert_portal.core.blobs import BlobDamaged
from cert_portal.intake.files import locked


def download(key: str, filename: str) -> Response:
    """The stored bytes of a key; 404 when they are gone or damaged."""
    try:
        data = blobs.get(key)
    except (FileNotFoundError, BlobDamaged):
        abort(404)
    return send_file(io.BytesIO(locked(filename, data)), "application/zip", True, f"{filename}.zip")
