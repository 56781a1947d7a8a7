"""Annual reports and what is said about their drafts."""

from alembic import op
import sqlalchemy as sa

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTCDateTime = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "annual_reports",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("frozen", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("updated_at", UTCDateTime, nullable=False),
        sa.Column("published_at", UTCDateTime, nullable=True),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_annual_reports")),
    )
    op.create_table(
        "annual_comments",
        sa.Column("id", BigId, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("chapter", sa.String(length=20), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("at", UTCDateTime, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_annual_comments_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["year"], ["annual_reports.year"], name=op.f("fk_annual_comments_year_annual_reports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_comments")),
    )
    op.create_index(op.f("ix_annual_comments_year"), "annual_comments", ["year"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_annual_comments_year"), table_name="annual_comments")
    op.drop_table("annual_comments")
    op.drop_table("annual_reports")
