"""Colleagues named in a note by `@`: the name, its first word, the address or its part before the @.

Blanks in a name may be left out. What is nobody's name stays what it is: text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cert_portal.cases.models import Case
from cert_portal.cases.visible import may_see
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of

_AT = re.compile(r"(?<![A-Za-z0-9._%+-])[@＠]")
_WORD = re.compile(r"[@＠]\w[\w.-]{0,38}\w")
_GOES_ON = re.compile(r"[a-z0-9_]|[.+@-][a-z0-9]")
Piece = tuple[str, bool]
"""A piece of a text, and whether it names somebody."""


class MentionRefused(Exception):
    """Somebody cannot be mentioned; `reason` is a code: many_called, nobody_called, mention_not_named.

    `name` is what was written, or who it is.
    """

    def __init__(self, reason: str, name: str) -> None:
        super().__init__(reason)
        self.reason, self.name = reason, name


def colleagues() -> list[User]:
    """Who can be mentioned: active people who may read cases."""
    return [
        user for user in accounts.everybody() if user.active and Permission.READ_CASES in permissions_of(user.roles)
    ]


def told(case: Case, text: str) -> list[User]:
    """Who is mentioned in a note about this case, each once.

    Raises MentionRefused: many_called, mention_not_named (whoever may not see a restricted case learns nothing of it).
    """
    found: dict[int, User] = {}
    for start, end, called in _named(text, colleagues()):
        if len(called) > 1:
            raise MentionRefused("many_called", text[start:end])
        if not may_see(case, called[0]):
            raise MentionRefused("mention_not_named", called[0].name)
        found[called[0].id] = called[0]
    return list(found.values())


def unknown(text: str) -> list[str]:
    """What was written as a mention and names nobody who could be told, as it stands there."""
    named = {start for start, _end, _called in _named(text, colleagues())}
    words = (_WORD.match(text, at.start()) for at in _AT.finditer(_small(text)) if at.start() not in named)
    return list(dict.fromkeys(word[0] for word in words if word))


def put_before(text: str, name: str) -> str:
    """The text with a mention of `name` before it. Raises MentionRefused("nobody_called")."""
    mention = f"@{name.lstrip('@＠').strip()}"
    spans = [(start, end) for start, end, _called in _named(mention, colleagues())]
    if spans != [(0, len(mention))]:
        raise MentionRefused("nobody_called", mention)
    return f"{mention} {text}"


def pieces(text: str, people: list[User]) -> list[Piece]:
    """The text in pieces, so that the names of these people can be marked."""
    found: list[Piece] = []
    done = 0
    for start, end, _called in _named(text, people):
        found += [(text[done:start], False), (text[start:end], True)]
        done = end
    return [piece for piece in [*found, (text[done:], False)] if piece[0]]


def _named(text: str, people: list[User]) -> Iterator[tuple[int, int, list[User]]]:
    """Where somebody is named, and who it may be."""
    known = _spellings(people)
    small = _small(text)
    for match in _AT.finditer(small):
        rest = small[match.end() :]
        fitting = [each for each in known if rest.startswith(each) and not _is_cut(each, rest)]
        if fitting:
            longest = max(fitting, key=len)
            yield match.start(), match.end() + len(longest), known[longest]


def _is_cut(name: str, rest: str) -> bool:
    """Whether a longer word begins like the name. Chinese has no blanks: there every name ends where it ends."""
    last = name[-1]
    return last.isascii() and last.isalnum() and bool(_GOES_ON.match(rest[len(name) :]))


def _spellings(people: list[User]) -> dict[str, list[User]]:
    """Who is called what, in small letters. A first word is a name only where nobody's whole name is the same.

    Accounts of old may have nothing before the @ of their address, or no name.
    """
    whole: dict[str, list[User]] = {}
    first: dict[str, list[User]] = {}
    for user in people:
        name = _small(user.name)
        for each in {name, name.replace(" ", ""), user.email, user.email.partition("@")[0]} - {""}:
            whole.setdefault(each, []).append(user)
        for each in name.split()[:1]:
            first.setdefault(each, []).append(user)
    return first | whole


def _small(text: str) -> str:
    """The text in small letters, as long as before: few letters become two."""
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
