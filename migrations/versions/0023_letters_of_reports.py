"""Letters for later and drafts of reports, and kept searches for lists of reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make it."""
    with op.batch_alter_table("planned_letters") as batch:
        batch.alter_column("case_id", existing_type=BIG, nullable=True)
    with op.batch_alter_table("saved_searches") as batch:
        batch.add_column(sa.Column("view", sa.String(12), server_default="", nullable=False))
    kept = _drafts("SELECT u.user_id, c.number AS place, u.form, u.fields, u.updated_at")
    _unsent("about", sa.String(16), kept)


def downgrade() -> None:
    """Undo it: what belongs to a report without a case has no place any more."""
    kept = _drafts("SELECT u.user_id, c.id AS place, u.form, u.fields, u.updated_at")
    _unsent("case_id", BIG, kept, sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_unsent_case_id_cases"))
    op.execute("DELETE FROM saved_searches WHERE view <> ''")
    with op.batch_alter_table("saved_searches") as batch:
        batch.drop_column("view")
    op.execute("DELETE FROM planned_letters WHERE case_id IS NULL")
    with op.batch_alter_table("planned_letters") as batch:
        batch.alter_column("case_id", existing_type=BIG, nullable=False)


def _drafts(what: str) -> list[dict[str, object]]:
    has_case = "case_id" in {each["name"] for each in sa.inspect(op.get_bind()).get_columns("unsent")}
    joined = "u.case_id = c.id" if has_case else "u.about = c.number"
    rows = sa.text(f"{what} FROM unsent u JOIN cases c ON {joined}")  # noqa: S608  # our own words
    typed = rows.columns(fields=sa.JSON(), updated_at=sa.DateTime(timezone=True))
    return [dict(each) for each in op.get_bind().execute(typed).mappings()]


def _unsent(place: str, kind: sa.types.TypeEngine[object], kept: list[dict[str, object]], *more: sa.Constraint) -> None:
    """The table anew, because its primary key changes."""
    op.drop_table("unsent")
    table = op.create_table(
        "unsent",
        sa.Column("user_id", BIG, nullable=False),
        sa.Column(place, kind, nullable=False),
        sa.Column("form", sa.String(12), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_unsent_user_id_users"),
        *more,
        sa.PrimaryKeyConstraint("user_id", place, "form", name="pk_unsent"),
    )
    op.create_index(op.f(f"ix_unsent_{place}"), "unsent", [place])
    rows = [{place: each.pop("place"), **each} for each in kept]
    if rows and table is not None:
        op.bulk_insert(table, rows)
