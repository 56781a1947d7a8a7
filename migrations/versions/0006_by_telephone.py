"""Calls to the hotline, text messages in and out, and the telephone number of a reporter in one spelling."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cert_portal.core.telephone import key

revision = "0006"
down_revision = "0005"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make it."""
    op.add_column("reports", sa.Column("telephone_key", sa.String(20), nullable=False, server_default=""))
    op.create_index("ix_reports_telephone_key", "reports", ["telephone_key"])
    _fill_keys()
    _calls()
    _texts()
    _pages()


def _fill_keys() -> None:
    reports = sa.table("reports", sa.column("id"), sa.column("reporter_telephone"), sa.column("telephone_key"))
    rows = sa.select(reports.c.id, reports.c.reporter_telephone).where(reports.c.reporter_telephone != "")
    for number, told in op.get_bind().execute(rows).all():
        op.execute(reports.update().where(reports.c.id == number).values(telephone_key=key(told)))


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("report_id", BIG, sa.ForeignKey("reports.id", name="fk_calls_report_id_reports")),
        sa.Column("handled_at", MOMENT),
        sa.Column("handled_by", BIG, sa.ForeignKey("users.id", name="fk_calls_handled_by_users")),
    )
    op.create_index("ix_calls_report_id", "calls", ["report_id"])
    op.create_index("ix_calls_handled_at_at", "calls", ["handled_at", "at"])


def _texts() -> None:
    op.create_table(
        "text_receipts",
        sa.Column("gateway_id", sa.String(80), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("telephone_key", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("told", sa.String(16), nullable=False),
    )
    op.create_index("ix_text_receipts_outcome_at", "text_receipts", ["outcome", "at"])
    op.create_index("ix_text_receipts_telephone_key_reference", "text_receipts", ["telephone_key", "reference"])
    op.create_table(
        "texts",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("about", sa.String(40), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", MOMENT),
        sa.Column("next_try_at", MOMENT, nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
    )
    op.create_index("ix_texts_about", "texts", ["about"])
    op.create_index("ix_texts_state_next_try_at", "texts", ["state", "next_try_at"])
    op.create_index("ix_texts_number_created_at", "texts", ["number", "created_at"])


def _pages() -> None:
    op.create_table(
        "fax_pages",
        sa.Column("file_id", BIG, sa.ForeignKey("report_files.id", name="fk_fax_pages_file_id_report_files")),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("blob_key", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", MOMENT),
        sa.Column("saved_by", BIG, sa.ForeignKey("users.id", name="fk_fax_pages_saved_by_users")),
        sa.PrimaryKeyConstraint("file_id", "page"),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("fax_pages")
    op.drop_table("texts")
    op.drop_table("text_receipts")
    op.drop_table("calls")
    op.drop_index("ix_reports_telephone_key", table_name="reports")
    op.drop_column("reports", "telephone_key")
