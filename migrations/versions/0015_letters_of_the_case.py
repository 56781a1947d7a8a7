"""Letters of a case: templates with versions, letters for later, what came back, labels of cases, exercises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("exercises", "exercise_addresses", "planned_letters", "letter_template_versions", "letter_templates")
OF_LETTERS = ("server_reply", "came_back", "came_back_at", "came_back_reason")


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def upgrade() -> None:
    """Make it."""
    _templates()
    _planned()
    op.create_table(
        "exercise_addresses",
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", name="pk_exercise_addresses"),
    )
    op.create_table(
        "exercises",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_exercises"),
    )
    op.create_index("ix_exercises_ended_at", "exercises", ["ended_at"])
    op.add_column("cases", sa.Column("tlp", sa.String(20), nullable=False, server_default="TLP:AMBER"))
    op.add_column("letters", sa.Column("server_reply", sa.String(300), nullable=False, server_default=""))
    op.add_column("letters", sa.Column("came_back", sa.String(10), nullable=False, server_default=""))
    op.add_column("letters", sa.Column("came_back_at", sa.DateTime(timezone=True)))
    op.add_column("letters", sa.Column("came_back_reason", sa.String(500), nullable=False, server_default=""))


def _templates() -> None:
    op.create_table(
        "letter_templates",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_letter_templates"),
        sa.UniqueConstraint("code", name="uq_letter_templates_code"),
    )
    op.create_table(
        "letter_template_versions",
        sa.Column("template_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("user_id", BIG),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _to("letter_template_versions", "template_id", "letter_templates"),
        _to("letter_template_versions", "user_id", "users"),
        sa.PrimaryKeyConstraint("template_id", "version", name="pk_letter_template_versions"),
    )
    op.create_index("ix_letter_template_versions_user_id", "letter_template_versions", ["user_id"])


def _planned() -> None:
    op.create_table(
        "planned_letters",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("report_id", BIG, nullable=False),
        sa.Column("author_id", BIG, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("wants_answer", sa.Boolean(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.Column("letter_id", BIG),
        _to("planned_letters", "case_id", "cases"),
        _to("planned_letters", "report_id", "reports"),
        _to("planned_letters", "author_id", "users"),
        _to("planned_letters", "letter_id", "letters"),
        sa.PrimaryKeyConstraint("id", name="pk_planned_letters"),
    )
    for columns in (("case_id",), ("report_id",), ("author_id",), ("letter_id",), ("state", "leaves_at")):
        op.create_index(f"ix_planned_letters_{'_'.join(columns)}", "planned_letters", list(columns))


def downgrade() -> None:
    """Take it away."""
    for name in OF_LETTERS:
        op.drop_column("letters", name)
    op.drop_column("cases", "tlp")
    for name in TABLES:
        op.drop_table(name)
