"""The team: duty roster, absences, handovers, and notices to a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("notice_marks", "notice_choices", "notices", "handovers", "absences", "shifts")


def _of(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["users.id"], name=f"fk_{table}_{column}_users")


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "shifts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        _of("shifts", "user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_shifts"),
        sa.UniqueConstraint("user_id", "begins_at", name="uq_shifts_user_id_begins_at"),
    )
    op.create_index("ix_shifts_ends_at", "shifts", ["ends_at"])
    op.create_table(
        "absences",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        _of("absences", "user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_absences"),
    )
    op.create_index("ix_absences_last", "absences", ["last"])
    op.create_index("ix_absences_user_id", "absences", ["user_id"])
    op.create_table(
        "handovers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("author_id", BIG, nullable=False),
        sa.Column("to_id", BIG),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.Column("read_by_id", BIG),
        *(_of("handovers", column) for column in ("author_id", "to_id", "read_by_id")),
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
    )
    op.create_index("ix_handovers_read_at", "handovers", ["read_at"])
    _notices()


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_portal", sa.Boolean(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.Column("mailed_at", sa.DateTime(timezone=True)),
        _of("notices", "user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("user_id", "key", name="uq_notices_user_id_key"),
    )
    op.create_index("ix_notices_user_id_read_at", "notices", ["user_id", "read_at"])
    op.create_index("ix_notices_mailed_at", "notices", ["mailed_at"])
    op.create_table(
        "notice_choices",
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("in_portal", sa.JSON(), nullable=False),
        sa.Column("by_mail", sa.JSON(), nullable=False),
        _of("notice_choices", "user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_notice_choices"),
    )
    op.create_table(
        "notice_marks",
        sa.Column("id", BIG, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice_marks"),
    )


def downgrade() -> None:
    """Take it away."""
    for name in TABLES:
        op.drop_table(name)
