"""What people have begun to write about a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "unsent",
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("form", sa.String(12), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_unsent_user_id_users"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_unsent_case_id_cases"),
        sa.PrimaryKeyConstraint("user_id", "case_id", "form", name="pk_unsent"),
    )
    op.create_index(op.f("ix_unsent_case_id"), "unsent", ["case_id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_table("unsent")
