"""Cases that went into others, and cases that have to do with each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "case_merges",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("into_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was", sa.String(12), nullable=False),
        sa.Column("waiting_until", sa.Date()),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_merges_case_id_cases"),
        sa.ForeignKeyConstraint(["into_id"], ["cases.id"], name="fk_case_merges_into_id_cases"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_case_merges_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_case_merges"),
    )
    op.create_index("ix_case_merges_case_id", "case_merges", ["case_id"])
    op.create_index("ix_case_merges_user_id", "case_merges", ["user_id"])
    op.create_index("ix_case_merges_into_id_undone_at", "case_merges", ["into_id", "undone_at"])
    op.create_table(
        "case_links",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("other_id", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_links_case_id_cases"),
        sa.ForeignKeyConstraint(["other_id"], ["cases.id"], name="fk_case_links_other_id_cases"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_case_links_user_id_users"),
        sa.PrimaryKeyConstraint("case_id", "other_id", name="pk_case_links"),
    )
    op.create_index("ix_case_links_other_id", "case_links", ["other_id"])
    op.create_index("ix_case_links_user_id", "case_links", ["user_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("case_links")
    op.drop_table("case_merges")
