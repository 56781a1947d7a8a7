"""Referrals that a person dated for later, and when a party last answered on a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "planned_referrals",
        sa.Column("referral_id", BIG, nullable=False),
        sa.Column("author_id", BIG, nullable=False),
        sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name="fk_planned_referrals_referral_id_referrals", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_planned_referrals_author_id_users"),
        sa.PrimaryKeyConstraint("referral_id", name="pk_planned_referrals"),
    )
    op.add_column("cases", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_planned_referrals_author_id"), "planned_referrals", ["author_id"])


def downgrade() -> None:
    """Undo it."""
    op.drop_column("cases", "answered_at")
    op.drop_table("planned_referrals")
