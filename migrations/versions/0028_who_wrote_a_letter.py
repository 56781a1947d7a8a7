"""A letter knows who wrote it and on whose page; what was read of a report is known for each case that holds it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

KINDS = ("case.letter_written", "report.letter_written")
AT_ONCE = 1000


def upgrade() -> None:
    """Make them, and fill in what the journal tells of the letters there are."""
    op.add_column("letters", sa.Column("writer", sa.String(80), nullable=False, server_default=""))
    op.add_column("letters", sa.Column("written_on", sa.String(40), nullable=False, server_default=""))
    op.add_column("case_reports", sa.Column("read_to", sa.BigInteger(), nullable=True))
    here = op.get_bind()
    events = sa.table("events", *map(sa.column, ("id", "kind", "subject", "actor")), sa.column("data", sa.JSON()))
    letters = sa.table("letters", *map(sa.column, ("id", "writer", "written_on")))
    change = sa.update(letters).where(letters.c.id == sa.bindparam("letter"))
    change = change.values(writer=sa.bindparam("told_by"), written_on=sa.bindparam("place"))
    rows = sa.select(events.c.id, events.c.subject, events.c.actor, events.c.data)
    rows = rows.where(events.c.kind.in_(KINDS)).order_by(events.c.id).limit(AT_ONCE)
    last = 0
    while found := here.execute(rows.where(events.c.id > last)).all():
        last = found[-1].id
        told = [{"letter": each.data.get("letter"), "told_by": each.actor, "place": each.subject} for each in found]
        here.execute(change, told)


def downgrade() -> None:
    """Undo it."""
    op.drop_column("case_reports", "read_to")
    op.drop_column("letters", "written_on")
    op.drop_column("letters", "writer")
