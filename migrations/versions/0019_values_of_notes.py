"""Where a value that a person added to a case comes from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make it."""
    op.add_column("case_values", sa.Column("source", sa.String(12), nullable=False, server_default=""))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("case_values", "source")
