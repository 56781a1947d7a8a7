"""Which tags somebody means: by their one spelling, by their words in either language, or by a word of these."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import func, select

from cert_portal.cases.models import CaseTag
from cert_portal.core.db import forget, once, session
from cert_portal.core.text import same_name, tokens
from cert_portal.guidance import wordbook
from cert_portal.guidance.wordbook import Shelf

LONGEST = 40


def plain_tag(told: str) -> str:
    """A tag in its one spelling: full-width signs as plain ones, and none that nobody sees."""
    return same_name(told)


def tag_codes(told: str) -> list[str]:
    """A tag in its one spelling, those that hang somewhere in another, and those whose words in either language it is.

    What is too long for a tag is taken for what fits of it: it was cut to that once.
    """
    name = plain_tag(told)
    words = wordbook.entries(Shelf.TAG).items()
    named = [code for code, word in words if name in (plain_tag(word.name_en), plain_tag(word.name_zh_hant))]
    return [*spellings(name[:LONGEST]), *named]


def spellings(name: str) -> list[str]:
    """A tag in its one spelling, and in each other in which it hangs somewhere."""
    return [name, *(code for code in hung() if code != name and plain_tag(code) == plain_tag(name))]


def tags_that_say(told: str) -> list[str]:
    """The tags that these words name, and those that hang somewhere and hold all of them, in their words too."""
    wanted = set(tokens(told))
    return [*tag_codes(told), *(code for code in hung() if wanted and wanted <= _tokens(_words(code)))]


def hung() -> list[str]:
    """Every tag that hangs on some case, hidden ones too; whoever hangs a tag forgets what was read."""
    return once("tags_hung", _read)


def forget_hung() -> None:
    """Read anew which tags hang somewhere."""
    forget("tags_hung")


def _read() -> list[str]:
    """From each tag a step to the next one in the index: they are few, and their rows are many."""
    found = select(func.min(CaseTag.tag).label("tag")).cte("hung", recursive=True)
    after = select(func.min(CaseTag.tag)).where(CaseTag.tag > found.c.tag).scalar_subquery()
    found = found.union_all(select(after).where(found.c.tag.is_not(None)))
    return list(session.scalars(select(found.c.tag).where(found.c.tag.is_not(None))))


def _words(code: str) -> str:
    word = wordbook.of(Shelf.TAG, code)
    return f"{code} {word.name_en} {word.name_zh_hant}"


@lru_cache(4096)
def _tokens(words: str) -> frozenset[str]:
    """Kept, as each word of a search asks all tags."""
    return frozenset(tokens(words))
