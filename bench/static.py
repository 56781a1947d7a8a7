"""The floor of a page: a file, as Flask sends it."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask


def create_app() -> Flask:
    """An application that only has files."""
    folder = Path(os.environ["CERT_PORTAL_INSTANCE_DIR"]) / "floor"
    return Flask("floor", static_folder=str(folder), static_url_path="/static")
