"""What reports of a surge have in common, kept for the first of each group alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "group_marks",
        sa.Column("mark", sa.String(24), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_group_marks_report_id_reports"),
        sa.PrimaryKeyConstraint("mark", "report_id", name="pk_group_marks"),
    )
    op.create_index("ix_group_marks_report_id", "group_marks", ["report_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("group_marks")
