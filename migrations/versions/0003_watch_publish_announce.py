"""Watching, publishing, subscriptions."""

from alembic import op
import sqlalchemy as sa

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTCDateTime = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "advisories",
        sa.Column("id", BigId, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("first_published_at", UTCDateTime, nullable=True),
        sa.Column("withdrawn_at", UTCDateTime, nullable=True),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advisories")),
        sa.UniqueConstraint("public_id", name=op.f("uq_advisories_public_id")),
    )
    op.create_table(
        "digests",
        sa.Column("id", BigId, nullable=False),
        sa.Column("since", UTCDateTime, nullable=False),
        sa.Column("until", UTCDateTime, nullable=False),
        sa.Column("mailed_at", UTCDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("until", name=op.f("uq_digests_until")),
    )
    op.create_table(
        "sources",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("modified", sa.String(length=80), nullable=False),
        sa.Column("next_at", UTCDateTime, nullable=False),
        sa.Column("read_at", UTCDateTime, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("address", name=op.f("uq_sources_address")),
    )
    op.create_index(op.f("ix_sources_next_at"), "sources", ["next_at"], unique=False)
    op.create_table(
        "subscribers",
        sa.Column("id", BigId, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("least_level", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(length=8), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("soft_bounces", sa.Integer(), nullable=False),
        sa.Column("told_at", UTCDateTime, nullable=True),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("confirmed_at", UTCDateTime, nullable=True),
        sa.Column("ended_at", UTCDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("address", name=op.f("uq_subscribers_address")),
    )
    op.create_index(op.f("ix_subscribers_state_language_id"), "subscribers", ["state", "language", "id"], unique=False)
    op.create_table(
        "advisory_versions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("advisory_id", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("withdrawal", sa.Boolean(), nullable=False),
        sa.Column("editors", sa.JSON(), nullable=False),
        sa.Column("approver_id", BigId, nullable=True),
        sa.Column("approved_digest", sa.String(length=64), nullable=False),
        sa.Column("embargo_until", UTCDateTime, nullable=True),
        sa.Column("lease_until", UTCDateTime, nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("issued_at", UTCDateTime, nullable=True),
        sa.Column("published_at", UTCDateTime, nullable=True),
        sa.Column("bodies", sa.JSON(), nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("updated_at", UTCDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["advisory_id"], ["advisories.id"], name=op.f("fk_advisory_versions_advisory_id_advisories")
        ),
        sa.ForeignKeyConstraint(["approver_id"], ["users.id"], name=op.f("fk_advisory_versions_approver_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advisory_versions")),
        sa.UniqueConstraint("advisory_id", "version", name=op.f("uq_advisory_versions_advisory_id_version")),
    )
    op.create_index(op.f("ix_advisory_versions_published_at"), "advisory_versions", ["published_at"], unique=False)
    op.create_index(
        op.f("ix_advisory_versions_state_issued_at"), "advisory_versions", ["state", "issued_at"], unique=False
    )
    op.create_table(
        "mailings",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("advisories", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("reached", BigId, nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("lease_until", UTCDateTime, nullable=True),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("finished_at", UTCDateTime, nullable=True),
        sa.ForeignKeyConstraint(["body"], ["letter_bodies.digest"], name=op.f("fk_mailings_body_letter_bodies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailings")),
        sa.UniqueConstraint("about", "version", "language", name=op.f("uq_mailings_about_version_language")),
    )
    op.create_index(op.f("ix_mailings_finished_at"), "mailings", ["finished_at"], unique=False)
    op.create_table(
        "source_items",
        sa.Column("id", BigId, nullable=False),
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("guid", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("published_at", UTCDateTime, nullable=True),
        sa.Column("found_at", UTCDateTime, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("taken_for", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_source_items_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_items")),
        sa.UniqueConstraint("source_id", "guid", name=op.f("uq_source_items_source_id_guid")),
    )
    op.create_index(op.f("ix_source_items_state_id"), "source_items", ["state", "id"], unique=False)
    op.create_table(
        "advisory_cases",
        sa.Column("advisory_id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["advisory_id"], ["advisories.id"], name=op.f("fk_advisory_cases_advisory_id_advisories")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_advisory_cases_case_id_cases")),
        sa.PrimaryKeyConstraint("advisory_id", "case_id", name=op.f("pk_advisory_cases")),
    )
    op.create_index(op.f("ix_advisory_cases_case_id"), "advisory_cases", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_advisory_cases_case_id"), table_name="advisory_cases")
    op.drop_table("advisory_cases")
    op.drop_index(op.f("ix_source_items_state_id"), table_name="source_items")
    op.drop_table("source_items")
    op.drop_index(op.f("ix_mailings_finished_at"), table_name="mailings")
    op.drop_table("mailings")
    op.drop_index(op.f("ix_advisory_versions_state_issued_at"), table_name="advisory_versions")
    op.drop_index(op.f("ix_advisory_versions_published_at"), table_name="advisory_versions")
    op.drop_table("advisory_versions")
    op.drop_index(op.f("ix_subscribers_state_language_id"), table_name="subscribers")
    op.drop_table("subscribers")
    op.drop_index(op.f("ix_sources_next_at"), table_name="sources")
    op.drop_table("sources")
    op.drop_table("digests")
    op.drop_table("advisories")
