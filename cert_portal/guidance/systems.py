"""The kinds of system that a member organisation names (004-02), read from ``advisories/guides/systems.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from cert_portal.core.i18n import Language
from cert_portal.guidance.kinds import GUIDES

OTHER = "other"
"""The one that needs words of its own."""


@cache
def load(folder: Path = GUIDES) -> Mapping[str, Mapping[Language, str]]:
    """Names by code, in the order asked. A name that is missing in a language is an error."""
    rows = tomllib.loads((folder / "systems.toml").read_text(encoding="utf-8"))["system"]
    return {row["code"]: {language: row["name"][language] for language in Language} for row in rows}
