"""What was added to a report with which file: names of files that others mailed are not the reporter's to see."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Make it."""
    with op.batch_alter_table("report_files") as table:
        table.add_column(sa.Column("addition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        table.create_foreign_key(
            "fk_report_files_addition_id_report_additions", "report_additions", ["addition_id"], ["id"]
        )


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("report_files") as table:
        table.drop_constraint("fk_report_files_addition_id_report_additions", type_="foreignkey")
        table.drop_column("addition_id")
