"""What a member organisation's systems are: core or not, critical infrastructure, and whose unit supervises them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "own_systems",
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("importance", sa.String(8), nullable=False),
        sa.Column("supervisor_id", BIG),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_own_systems_organisation_id_organisations"
        ),
        sa.ForeignKeyConstraint(
            ["supervisor_id"], ["organisations.id"], name="fk_own_systems_supervisor_id_organisations"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "code", name="pk_own_systems"),
    )
    op.create_index("ix_own_systems_supervisor_id", "own_systems", ["supervisor_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("own_systems")
