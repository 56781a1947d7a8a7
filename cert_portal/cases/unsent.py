"""What people have begun to write about a case and not sent yet: kept on the server, for the writer alone.

That somebody is writing is told to the others; what is written is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, select

from cert_portal.cases.models import Case
from cert_portal.cases.team import Unsent
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.directory.models import User

FORMS = ("letter", "note")
AT_WORK = timedelta(minutes=2)
"""For so long after the last key somebody counts as writing."""
KEPT = timedelta(days=30)
LONGEST = 60_000
"""Characters, of all fields together."""


class TooLong(Exception):
    """A draft has more than LONGEST characters."""


def keep(case: Case, form: str, fields: Mapping[str, list[str]], user: User) -> None:
    """Keep what a form holds in place of what was kept before; nothing at all is no draft. Raises TooLong."""
    if sum(len(value) for values in fields.values() for value in values) > LONGEST:
        raise TooLong
    if not any(value.strip() for values in fields.values() for value in values):
        forget(case, form, user)
        return
    row = session.get(Unsent, (user.id, case.id, form), with_for_update=True)
    if row is None:
        row = Unsent(user_id=user.id, case_id=case.id, form=form)
        session.add(row)
    row.fields, row.updated_at = dict(fields), clock.now()


def of_user(case: Case, user: User) -> dict[str, Unsent]:
    """By form, what this person has not sent yet."""
    rows = select(Unsent).where(Unsent.user_id == user.id, Unsent.case_id == case.id)
    return {row.form: row for row in session.scalars(rows)}


def forget(case: Case, form: str, user: User) -> None:
    """It was sent, or is wanted no more."""
    session.execute(delete(Unsent).where(Unsent.user_id == user.id, Unsent.case_id == case.id, Unsent.form == form))


def others_writing(case: Case, user: User) -> list[User]:
    """Who else is writing a letter about this case at the moment."""
    rows = (
        select(User)
        .join(Unsent, Unsent.user_id == User.id)
        .where(
            Unsent.case_id == case.id,
            Unsent.form == "letter",
            Unsent.user_id != user.id,
            Unsent.updated_at > clock.now() - AT_WORK,
        )
    )
    return list(session.scalars(rows.order_by(User.name)))


def follow(case: Case, into: Case) -> None:
    """A case went into another one: what was begun there can be sent from here, unless something is begun here too."""
    for row in session.scalars(select(Unsent).where(Unsent.case_id == case.id)).all():
        if session.get(Unsent, (row.user_id, into.id, row.form)) is None:
            told = {"user_id": row.user_id, "form": row.form, "fields": row.fields, "updated_at": row.updated_at}
            session.add(Unsent(case_id=into.id, **told))
            session.delete(row)


def expire() -> None:
    """Remove what nobody has touched for KEPT."""
    session.execute(delete(Unsent).where(Unsent.updated_at < clock.now() - KEPT))
