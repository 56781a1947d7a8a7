"""Lines about a case that were written down after the time that they tell of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

WHERE = sa.text("at <> recorded_at AND kind LIKE 'case.%'")


def upgrade() -> None:
    """Make it."""
    name = op.f("ix_events_told_later")
    op.create_index(name, "events", ["recorded_at"], postgresql_where=WHERE, sqlite_where=WHERE)


def downgrade() -> None:
    """Undo it."""
    op.drop_index(op.f("ix_events_told_later"), table_name="events")
