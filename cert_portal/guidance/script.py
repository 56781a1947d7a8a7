"""What the operator says and asks on the telephone, read from ``advisories/guides/telephone.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from cert_portal.core.i18n import Language
from cert_portal.guidance.kinds import GUIDES, by_code

Words = Mapping[Language, str]


@dataclass(frozen=True)
class Question:
    """A question that is asked about some kinds of incident."""

    code: str
    kinds: tuple[str, ...]
    words: Words


@dataclass(frozen=True)
class Script:
    """The lines by the place where they stand, and the questions in order."""

    lines: Mapping[str, Words]
    questions: tuple[Question, ...]

    def of(self, kind: str) -> tuple[Question, ...]:
        """The questions of a kind of incident."""
        return tuple(each for each in self.questions if kind in each.kinds)


@cache
def script() -> Script:
    """The whole script; a missing language or an unknown kind (`UnknownKind`) is an error."""
    told = tomllib.loads((GUIDES / "telephone.toml").read_text(encoding="utf-8"))
    lines = {row["place"]: {language: row[language] for language in Language} for row in told["line"]}
    questions = [
        Question(
            row["code"],
            tuple(by_code(code).code for code in row["kinds"]),
            {language: row[language] for language in Language},
        )
        for row in told["ask"]
    ]
    return Script(lines, tuple(questions))
