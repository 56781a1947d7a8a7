"""What the operator says and asks on the telephone, read from ``advisories/guides/telephone.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cert_portal.core.i18n import Language
from cert_portal.guidance import questions
from cert_portal.guidance.kinds import GUIDES, by_code

Words = Mapping[Language, str]


@dataclass(frozen=True)
class Question:
    """A question that is asked about some kinds of incident, in the words in which it is spoken.

    One that is `stored` is a question of `guidance.questions`: its answer is kept by its code, as the forms keep it.
    """

    code: str
    kinds: tuple[str, ...]
    words: Words
    choices: Mapping[str, Words] = field(default_factory=dict)
    stored: bool = False


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
    """The whole script; a missing language, an unknown kind (`UnknownKind`) or question (KeyError) is an error."""
    told = tomllib.loads((GUIDES / "telephone.toml").read_text(encoding="utf-8"))
    lines = {row["place"]: _both(row) for row in told["line"]}
    known = {each.code: each for each in questions.load()}
    asked = [
        _stored(known.pop(row["question"]), _both(row)) if "question" in row else _spoken(row) for row in told["ask"]
    ]
    return Script(lines, (*asked, *(_stored(each, each.asks) for each in known.values())))


def _stored(question: questions.Question, words: Words) -> Question:
    return Question(question.code, question.kinds, words, question.choices, stored=True)


def _spoken(row: Mapping[str, Any]) -> Question:
    return Question(row["code"], tuple(by_code(code).code for code in row["kinds"]), _both(row))


def _both(row: Mapping[str, Any]) -> Words:
    return {language: row[language] for language in Language}
