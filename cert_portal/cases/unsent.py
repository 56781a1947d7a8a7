"""What people have begun to write about a case or a report and not sent yet: kept on the server, for the writer alone.

That somebody is writing is told to the others; what is written is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlalchemy import delete, select

from cert_portal.cases.models import Case
from cert_portal.cases.team import Unsent
from cert_portal.core import clock
from cert_portal.core.db import insert_unless_there, session
from cert_portal.directory.models import User
from cert_portal.intake.models import Report

FORMS_OF_CASE = ("letter", "note")
FORMS_OF_REPORT = ("letter",)
AT_WORK = timedelta(minutes=2)
"""For so long after the last key somebody counts as writing."""
KEPT = timedelta(days=30)
LONGEST = 60_000
"""Characters, of all fields together."""


class TooLong(Exception):
    """A draft has more than LONGEST characters."""


def keep(about: Case | Report, form: str, fields: Mapping[str, list[str]], user: User) -> None:
    """Keep what a form holds in place of what was kept before; nothing at all is no draft. Raises TooLong."""
    if sum(len(value) for values in fields.values() for value in values) > LONGEST:
        raise TooLong
    if not any(value.strip() for values in fields.values() for value in values):
        forget(about, form, user)
        return
    key = {"user_id": user.id, "about": about.number, "form": form}
    insert_unless_there(Unsent, **key, fields={}, updated_at=clock.now())
    row = session.get_one(Unsent, key, with_for_update=True, populate_existing=True)
    row.fields, row.updated_at = dict(fields), clock.now()


def of_user(about: Case | Report, user: User) -> dict[str, Unsent]:
    """By form, what this person has not sent yet."""
    rows = select(Unsent).where(Unsent.user_id == user.id, Unsent.about == about.number)
    return {row.form: row for row in session.scalars(rows)}


def forget(about: Case | Report, form: str, user: User) -> None:
    """It was sent, or is wanted no more."""
    mine = (Unsent.user_id == user.id, Unsent.about == about.number, Unsent.form == form)
    session.execute(delete(Unsent).where(*mine))


def others_writing(about: Iterable[Case | Report], user: User) -> list[User]:
    """Who else is writing a letter about one of these at the moment.

    A case is asked for with its reports and a report with its cases: a reporter may be answered from both pages.
    """
    theirs = select(Unsent.user_id).where(
        Unsent.about.in_([each.number for each in about]),
        Unsent.form == "letter",
        Unsent.user_id != user.id,
        Unsent.updated_at > clock.now() - AT_WORK,
    )
    return list(session.scalars(select(User).where(User.id.in_(theirs)).order_by(User.name)))


def follow(case: Case, into: Case) -> list[list[str]]:
    """A case went into another one: what was begun there can be sent from here. Where something was begun here too, its
    subject and words stand behind those, under the number of the case that they were written about, and the draft is
    kept for when the case comes out again. Answers what `give_back` needs.
    """
    moved = []
    for row in session.scalars(select(Unsent).where(Unsent.about == case.number)).all():
        here = session.get(Unsent, (row.user_id, into.number, row.form))
        if here is None:
            told = {"user_id": row.user_id, "form": row.form, "fields": row.fields, "updated_at": row.updated_at}
            session.add(Unsent(about=into.number, **told))
            moved.append([str(row.user_id), row.form, row.updated_at.isoformat()])
            session.delete(row)
        else:
            words = [*here.fields.get(row.form, []), _words(row)]
            here.fields = here.fields | {row.form: ["\n\n".join(words)]}
    return moved


def _words(row: Unsent) -> str:
    head = " ".join((f"[{row.about}]", *row.fields.get("subject", []))).strip()
    return "\n\n".join((head, *row.fields.get(row.form, [])))


def give_back(case: Case, into: Case, moved: Iterable[list[str]]) -> None:
    """The case came out again, and with it what was begun about it and not touched since."""
    for kept in session.scalars(select(Unsent).where(Unsent.about == case.number)):
        here = session.get(Unsent, (kept.user_id, into.number, kept.form))
        if here:
            words = [each.removesuffix(_words(kept)).rstrip() for each in here.fields.get(kept.form, [])]
            here.fields = here.fields | {kept.form: words}
    for user_id, form, updated_at in moved:
        row = session.get(Unsent, (int(user_id), into.number, form))
        if row and row.updated_at.isoformat() == updated_at:
            row.about = case.number


def expire() -> None:
    """Remove what nobody has touched for KEPT."""
    session.execute(delete(Unsent).where(Unsent.updated_at < clock.now() - KEPT))
