"""What is asked of one kind of incident, beyond what every report is asked (000-50).

One table, ``advisories/guides/questions.toml``: the forms, the interface for programs and the desk read it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cert_portal.core.i18n import Language
from cert_portal.guidance.kinds import GUIDES, by_code


@dataclass(frozen=True)
class Question:
    """One question. Without `choices` (code to words) the answer is a line of text."""

    code: str
    kinds: tuple[str, ...]
    asks: Mapping[Language, str]
    hints: Mapping[Language, str]
    choices: Mapping[str, Mapping[Language, str]]

    def words(self, answer: str, language: Language) -> str:
        """An answer as people read it: a code by its words, anything else as it stands."""
        return self.choices[answer][language] if answer in self.choices else answer


@cache
def load(folder: Path = GUIDES) -> tuple[Question, ...]:
    """All questions in the order asked. A kind or a word that is missing is an error."""
    told = tomllib.loads((folder / "questions.toml").read_text(encoding="utf-8"))
    return tuple(_question(row, told["choice"]) for row in told["question"])


def of_kind(kind: str) -> tuple[Question, ...]:
    """What is asked of a kind of incident; nothing of most."""
    return tuple(each for each in load() if kind in each.kinds)


def answered(answers: Mapping[str, str], language: Language) -> list[tuple[str, str]]:
    """Question and answer in words, in the order asked; what was left open is left out."""
    return [
        (each.asks[language], each.words(answers[each.code], language)) for each in load() if answers.get(each.code)
    ]


def _question(row: dict[str, Any], choices: dict[str, Any]) -> Question:
    return Question(
        code=row["code"],
        kinds=tuple(by_code(code).code for code in row["kinds"]),
        asks=_both(row["ask"]),
        hints=_both(row["hint"]) if "hint" in row else {},
        choices={code: _both(words) for code, words in choices[row["choices"]].items()} if "choices" in row else {},
    )


def _both(words: dict[str, str]) -> dict[Language, str]:
    return {language: words[language] for language in Language}
