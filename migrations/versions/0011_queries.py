"""Tags, saved searches and columns of the desk; what lists are ordered and filtered by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IN_REPORT = (
    *("report.letter_written", "report.answered_by_post", "report.called"),
    *("report.noted", "report.refused", "report.referred_elsewhere"),
)
IN_CASE = (
    *("case.opened", "case.report_attached", "case.letter_written"),
    *("case.noted", "case.closed", "case.dismissed"),
)
OF_FINDINGS = ("ip", "domain", "asn")
INDEXES = (("updated_at", "id"), ("kind", "id"), ("opened_at",))


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "case_tags",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("tag", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_tags_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", "tag", name="pk_case_tags"),
    )
    op.create_index("ix_case_tags_tag_case_id", "case_tags", ["tag", "case_id"])
    op.create_table(
        "saved_searches",
        sa.Column("id", BIG, nullable=False),
        sa.Column("owner_id", BIG, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("sort", sa.String(12), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_saved_searches_owner_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_searches"),
    )
    op.create_index("ix_saved_searches_owner_id", "saved_searches", ["owner_id"])
    op.create_table(
        "desk_choices",
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_desk_choices_user_id_users"),
        sa.PrimaryKeyConstraint("user_id", name="pk_desk_choices"),
    )
    op.create_table(
        "bulk_runs",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(12), nullable=False),
        sa.Column("value", sa.String(60), nullable=False),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_bulk_runs_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_runs"),
    )
    op.create_index("ix_bulk_runs_user_id", "bulk_runs", ["user_id"])
    _what_was_read()
    is_open = sa.text("closed_at IS NULL")
    op.create_index("ix_cases_open", "cases", ["id"], postgresql_where=is_open, sqlite_where=is_open)
    for column in OF_FINDINGS:
        op.create_index(f"ix_findings_{column}", "findings", [column])
    for columns in INDEXES:
        op.create_index(f"ix_cases_{'_'.join(columns)}", "cases", list(columns))


def _what_was_read() -> None:
    """Until now the events alone told whether an addition had been read."""
    op.add_column("report_additions", sa.Column("read_at", sa.DateTime(timezone=True)))
    later = "SELECT 1 FROM events e WHERE e.at > report_additions.at AND e.kind IN ({kinds}) AND e.subject IN ({subjects})"
    report = "SELECT number FROM reports WHERE id = report_additions.report_id"
    case = (
        "SELECT c.number FROM cases c JOIN case_reports j ON j.case_id = c.id WHERE j.report_id = report_additions.report_id"
    )
    for kinds, subjects in ((IN_REPORT, report), (IN_CASE, case)):
        told = ", ".join(f"'{kind}'" for kind in kinds)
        op.execute(f"UPDATE report_additions SET read_at = at WHERE EXISTS ({later.format(kinds=told, subjects=subjects)})")
    op.create_index(
        "ix_report_additions_unread",
        "report_additions",
        ["report_id"],
        postgresql_where=sa.text("read_at IS NULL"),
        sqlite_where=sa.text("read_at IS NULL"),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_report_additions_unread", table_name="report_additions")
    op.drop_column("report_additions", "read_at")
    op.drop_index("ix_cases_open", table_name="cases")
    for column in OF_FINDINGS:
        op.drop_index(f"ix_findings_{column}", table_name="findings")
    for columns in INDEXES:
        op.drop_index(f"ix_cases_{'_'.join(columns)}", table_name="cases")
    for name in ("bulk_runs", "desk_choices", "saved_searches", "case_tags"):
        op.drop_table(name)
