"""Acts on many that were undone in part."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Make it."""
    with op.batch_alter_table("bulk_runs") as table:
        table.add_column(sa.Column("settled", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("bulk_runs") as table:
        table.drop_column("settled")
