"""Tags: words that the desk hangs on cases to find them again together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from cert_portal.cases import saved
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import IS_OPEN, Case, CaseTag
from cert_portal.cases.tag_words import LONGEST, forget_hung, plain_tag
from cert_portal.cases.visible import visible_to
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event, declare, record
from cert_portal.core.text import clean
from cert_portal.directory.models import User
from cert_portal.guidance import wordbook
from cert_portal.guidance.wordbook import Shelf

TAGGED = declare("case.tagged", "A tag was hung on a case", "tag")
UNTAGGED = declare("case.untagged", "A tag was taken off a case", "tag")
RENAMED = declare("desk.tag_renamed", "A tag was spelled anew, or merged into another", "before", "after")


def tag(case: Case, told: str, actor: User) -> str:
    """Hang a tag on a case and answer its one spelling; twice is harmless.

    Raises HandlingRefused: empty, tag_long, tag_retired.
    """
    name = offered(told)
    session.flush()
    session.refresh(case, with_for_update=True)
    hang(case, name, actor)
    return name


def offered(told: str) -> str:
    """The one spelling of a tag that may be hung on cases. Raises HandlingRefused: empty, tag_long, tag_retired."""
    name = spelled(meant(told))
    if wordbook.of(Shelf.TAG, name).retired:
        raise HandlingRefused("tag_retired")
    return name


def hang(case: Case, name: str, actor: User) -> bool:
    """Hang a tag in its one spelling on a case, a retired one too; answers whether it was not there before."""
    if _hung(case, name):
        return False
    session.add(CaseTag(case_id=case.id, tag=name))
    forget_hung()
    case.updated_at = clock.now()
    record(TAGGED, case.number, actor.actor, tag=name)
    session.flush()
    return True


def untag(case: Case, told: str, actor: User) -> bool:
    """Take a tag off a case; answers whether it was there. Twice is harmless."""
    rows = _hung(case, meant(told))
    for row in rows:
        session.delete(row)
        case.updated_at = clock.now()
        record(UNTAGGED, case.number, actor.actor, tag=row.tag)
    session.flush()
    return bool(rows)


def _hung(case: Case, name: str) -> Sequence[CaseTag]:
    """A tag of a case, in each spelling in which it hangs on it."""
    rows = session.scalars(select(CaseTag).where(CaseTag.case_id == case.id))
    return [row for row in rows if plain_tag(row.tag) == plain_tag(name)]


def meant(told: str) -> str:
    """The tag that somebody names by its word in either language, else what was typed."""
    name = _plain(told)
    for code, word in wordbook.entries(Shelf.TAG).items():
        if name and name in (_plain(word.name_en), _plain(word.name_zh_hant)):
            return code
    return told


def spelled(told: str) -> str:
    """The one spelling of a tag. Raises HandlingRefused: empty, tag_long."""
    name = _plain(told)
    if not name:
        raise HandlingRefused("empty")
    if len(name) > LONGEST:
        raise HandlingRefused("tag_long")
    return name


def _plain(told: str) -> str:
    return plain_tag(clean(told).replace(",", " ").replace('"', " "))


def of_cases(cases: Sequence[Case]) -> dict[int, list[str]]:
    """The tags of each of these cases, in order."""
    rows = select(CaseTag.case_id, CaseTag.tag).where(CaseTag.case_id.in_([case.id for case in cases]))
    found: dict[int, list[str]] = {}
    for case_id, name in session.execute(rows.order_by(CaseTag.tag)):
        found.setdefault(case_id, []).append(name)
    return found


def in_use(user: User, most: int = 100) -> list[str]:
    """The tags of open cases that the person may see, the most used first."""
    rows = select(CaseTag.tag).join(Case, Case.id == CaseTag.case_id).where(IS_OPEN, visible_to(user))
    rows = rows.group_by(CaseTag.tag).order_by(func.count().desc(), CaseTag.tag).limit(most)
    return [name for name in session.scalars(rows) if not wordbook.of(Shelf.TAG, name).retired]


def counted(user: User) -> dict[str, int]:
    """Every tag with the number of cases that the person may see: tags that only hidden cases bear are not met."""
    rows = select(CaseTag.tag, func.count()).join(Case, Case.id == CaseTag.case_id).where(visible_to(user))
    return dict(iter(session.execute(rows.group_by(CaseTag.tag).order_by(CaseTag.tag))))


def called_now(since: datetime) -> dict[str, str]:
    """What the tags are called now that were renamed since, by what they were called then."""
    found: dict[str, str] = {}
    rows = select(Event.data).where(Event.kind == RENAMED.name, Event.at > since).order_by(Event.id)
    for told in session.scalars(rows):
        found |= {name: told["after"] for name, now in found.items() if now == told["before"]}
        found[told["before"]] = told["after"]
    return found


def rename(told: str, new: str, actor: User) -> str:
    """Spell a tag anew on every case that bears it, hidden ones too, and in every search that is kept; into one that
    exists it is merged. Answers the new spelling. Raises HandlingRefused: empty, tag_long, same_tag.
    """
    before, after = told, spelled(new)
    if before == after:
        raise HandlingRefused("same_tag")
    both = select(CaseTag.case_id).where(CaseTag.tag == after)
    session.execute(delete(CaseTag).where(CaseTag.tag == before, CaseTag.case_id.in_(both)))
    session.execute(update(CaseTag).where(CaseTag.tag == before).values(tag=after))
    forget_hung()
    word = wordbook.of(Shelf.TAG, before)
    if before in wordbook.entries(Shelf.TAG):
        if after not in wordbook.entries(Shelf.TAG):
            wordbook.put(Shelf.TAG, after, word, actor.actor)
        wordbook.take_away(Shelf.TAG, before, actor.actor)
    saved.follow_tag((before, word.name_en, word.name_zh_hant), after, actor)
    record(RENAMED, actor.actor, actor.actor, before=before, after=after)
    session.expire_all()
    return after
