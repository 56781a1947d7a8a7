"""Values of cases: what people say about them, which are ignored everywhere, and what registries said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _of(table: str, column: str, other: str = "users") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "case_values",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("judged_by", BIG),
        sa.Column("judged_at", sa.DateTime(timezone=True)),
        sa.Column("ignored", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date()),
        sa.Column("added_by", BIG),
        sa.Column("added_at", sa.DateTime(timezone=True)),
        _of("case_values", "case_id", "cases"),
        *(_of("case_values", column) for column in ("judged_by", "added_by")),
        sa.PrimaryKeyConstraint("case_id", "kind", "digest", name="pk_case_values"),
    )
    op.create_index("ix_case_values_kind_digest", "case_values", ["kind", "digest"])
    op.create_index("ix_case_values_judged_by", "case_values", ["judged_by"])
    op.create_index("ix_case_values_added_by", "case_values", ["added_by"])
    op.create_table(
        "ignored_values",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        _of("ignored_values", "user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ignored_values"),
    )
    op.create_index("ix_ignored_values_kind_digest", "ignored_values", ["kind", "digest"])
    op.create_index("ix_ignored_values_user_id", "ignored_values", ["user_id"])
    op.create_table(
        "registry_answers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("asked", sa.String(253), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("trouble", sa.String(40), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_registry_answers"),
        sa.UniqueConstraint("kind", "asked", name="uq_registry_answers_kind_asked"),
    )
    op.create_index("ix_registry_answers_state", "registry_answers", ["state"])
    op.create_table(
        "desk_words",
        sa.Column("shelf", sa.String(8), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name_en", sa.String(80), nullable=False),
        sa.Column("name_zh_hant", sa.String(80), nullable=False),
        sa.Column("position", sa.Integer()),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("shelf", "code", name="pk_desk_words"),
    )
    op.add_column("saved_searches", sa.Column("position", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("saved_searches", "position")
    for name in ("desk_words", "registry_answers", "ignored_values", "case_values"):
        op.drop_table(name)
