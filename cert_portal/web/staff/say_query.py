"""How the staff pages say what a query asks for, what is wrong with it and why it found nothing."""

from __future__ import annotations

import re
from dataclasses import replace

from flask_babel import gettext as _

from cert_portal.cases.conditions import choices, kind_code
from cert_portal.cases.holding import plain_words
from cert_portal.cases.query import ALIASES, NAMES, Query, QueryRefused, Term, lone
from cert_portal.cases.query_words import WORDS
from cert_portal.core.i18n import Language
from cert_portal.core.numbers import mistyped
from cert_portal.core.text import tokens
from cert_portal.web.staff import list_words, say

_CONDITION = re.compile(r'(-?)(\w+)([:<>=]+)"?([^"]+)"?')


def query_refused(error: QueryRefused) -> str:
    """What is wrong with a query, and where."""
    piece = say.typed(_piece(error.piece))
    if error.reason in ("value", "level"):
        name = re.split("[:<=>]", error.piece.lstrip("-"))[0]
        values = _(", ").join(_valued(name, each) for each in choices(name))
        return _("%(piece)s: choose one of %(values)s", piece=piece, values=values)
    if error.reason == "unknown":
        return _(
            "%(piece)s is no condition. Those are: %(names)s. In quotes it is looked for as words.",
            piece=piece,
            names=_(", ").join(condition_names()),
        )
    return str(list_words.QUERY[error.reason]) % {"piece": piece}


def not_looked_for(query: Query) -> str:
    """Why nothing was found, where no index holds what was typed: a number with a wrong digit, signs alone, or a
    Chinese character alone (it holds pairs of neighbours).
    """
    if number := next(filter(None, map(mistyped, [" ".join(query.words), *query.words])), ""):
        return _(
            "One digit of this number is wrong: the last one does not fit the others. Without the last digit you look"
            " for %(number)s.",
            number=number,
        )
    typed = plain_words(query)
    found = tokens(typed)
    if typed and not found:
        return _("There is nothing to look for: signs alone are no words.")
    word = lone(found)
    if not word:
        return ""
    return _(
        "Nothing was found with “%(word)s” alone: Chinese words are looked for by two characters or more.", word=word
    )


def _valued(name: str, code: str) -> str:
    """A value of a condition with its word."""
    word = value_word(name, code)
    if word == code:
        return code
    return f"{code}（{word}）" if say.language() is Language.ZH_HANT else f"{code} ({word})"


def value_word(name: str, code: str) -> str:
    """The word for a value of a condition; the value itself where it has none."""
    if name == "kind":
        return say.kind(kind_code(code)) if kind_code(code) else code
    words = WORDS.get(name, {}).get(code)
    return words[say.language() is Language.ZH_HANT] if words else code


def condition(term: Term) -> str:
    """A condition as one may type it in the language of the page."""
    if say.language() is not Language.ZH_HANT or term.name not in NAMES:
        return str(term)
    name = next(word for word, name in ALIASES.items() if name == term.name)
    return str(replace(term, name=name, value=value_word(term.name, term.value)))


def _piece(told: str) -> str:
    match = _CONDITION.fullmatch(told)
    if match is None or match[2] not in NAMES:
        return told
    return condition(Term(match[2], match[3], match[4], bool(match[1])))


def condition_names() -> list[str]:
    """The names of all conditions of a query, in Chinese with the words that stand for them."""
    if say.language() is not Language.ZH_HANT:
        return sorted(NAMES)
    words_of = {name: [word.upper() for word, other in ALIASES.items() if other == name] for name in sorted(NAMES)}
    return [f"{name}（{'、'.join(words)}）" if words else name for name, words in words_of.items()]
