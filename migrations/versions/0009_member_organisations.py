"""Member organisations: their units, who reports for them, and their reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "units",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_units_organisation_id_organisations"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_units"),
        sa.UniqueConstraint("organisation_id", "name", name="uq_units_organisation_id_name"),
    )
    op.create_table(
        "members",
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("unit_id", BIG),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_members_user_id_users"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_members_organisation_id_organisations"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_members_unit_id_units"),
        sa.PrimaryKeyConstraint("user_id", name="pk_members"),
    )
    op.create_index("ix_members_organisation_id", "members", ["organisation_id"])
    op.create_index("ix_members_unit_id", "members", ["unit_id"])
    _reports()
    _notes()


def _reports() -> None:
    op.create_table(
        "agency_reports",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("unit_id", BIG),
        sa.Column("author_id", BIG, nullable=False),
        sa.Column("draft_id", BIG),
        sa.Column("report_id", BIG),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("level", sa.Integer()),
        sa.Column("level_rule", sa.String(40), nullable=False),
        sa.Column("minutes", sa.Integer()),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("late_reason", sa.Text(), nullable=False),
        sa.Column("returned_reason", sa.Text(), nullable=False),
        sa.Column("release", sa.JSON(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("handed_in_at", MOMENT),
        sa.Column("sent_at", MOMENT),
        sa.Column("released_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_agency_reports_organisation_id_organisations"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_agency_reports_unit_id_units"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_agency_reports_author_id_users"),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["report_drafts.id"], name="fk_agency_reports_draft_id_report_drafts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_agency_reports_report_id_reports"),
        sa.PrimaryKeyConstraint("id", name="pk_agency_reports"),
        sa.UniqueConstraint("report_id", name="uq_agency_reports_report_id"),
    )
    op.create_index("ix_agency_reports_organisation_id_state", "agency_reports", ["organisation_id", "state"])
    for name in ("unit_id", "author_id", "draft_id"):
        op.create_index(f"ix_agency_reports_{name}", "agency_reports", [name])


def _notes() -> None:
    op.create_table(
        "agency_notes",
        sa.Column("id", BIG, nullable=False),
        sa.Column("agency_report_id", BIG, nullable=False),
        sa.Column("author_id", BIG, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("returned_reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["agency_report_id"], ["agency_reports.id"], name="fk_agency_notes_agency_report_id_agency_reports"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_agency_notes_author_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_agency_notes"),
    )
    op.create_index("ix_agency_notes_agency_report_id", "agency_notes", ["agency_report_id"])
    op.create_index("ix_agency_notes_author_id", "agency_notes", ["author_id"])


def downgrade() -> None:
    """Take it away."""
    for name in ("agency_notes", "agency_reports", "members", "units"):
        op.drop_table(name)
