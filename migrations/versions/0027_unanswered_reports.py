"""Reports that nobody answered yet are few among very many: lists and counts of what is overdue begin from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

NAME, WHICH = "ix_reports_unanswered", sa.text("first_response_at IS NULL")


def upgrade() -> None:
    """Make it."""
    op.create_index(NAME, "reports", ["state", "received_at"], postgresql_where=WHICH, sqlite_where=WHICH)


def downgrade() -> None:
    """Undo it."""
    op.drop_index(NAME, "reports")
