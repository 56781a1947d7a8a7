"""How reports are found that say the same, and the group in which they wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make it."""
    op.add_column("reports", sa.Column("likeness", sa.LargeBinary(), nullable=False, server_default=""))
    op.add_column("reports", sa.Column("first_alike_id", BigId, nullable=True))
    op.create_index(op.f("ix_reports_first_alike_id"), "reports", ["first_alike_id"], unique=False)


def downgrade() -> None:
    """Undo it."""
    op.drop_index(op.f("ix_reports_first_alike_id"), "reports")
    op.drop_column("reports", "first_alike_id")
    op.drop_column("reports", "likeness")
