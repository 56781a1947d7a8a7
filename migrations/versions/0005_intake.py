"""Letters to one address are found whatever its case; what a look inside a file told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make it."""
    op.drop_index("ix_letters_recipient_created_at", table_name="letters")
    op.create_index("ix_letters_recipient_lower", "letters", [sa.text("lower(recipient)"), "created_at"])


    with op.batch_alter_table("report_files") as table:
        table.add_column(sa.Column("words", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("mail_receipts") as table:
        for name, size in (("sealing", 12), ("signature", 12), ("signer", 320)):
            table.add_column(sa.Column(name, sa.String(size), nullable=False, server_default=""))
    op.create_index("ix_mail_receipts_signature", "mail_receipts", ["signature"])
    with op.batch_alter_table("observables") as table:
        table.add_column(sa.Column("known", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailbox", sa.String(40), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reconciliations"),
    )
    op.create_index("ix_reconciliations_at", "reconciliations", ["at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("reconciliations")
    with op.batch_alter_table("observables") as table:
        table.drop_column("known")
    op.drop_index("ix_mail_receipts_signature", table_name="mail_receipts")
    with op.batch_alter_table("mail_receipts") as table:
        for name in ("signer", "signature", "sealing"):
            table.drop_column(name)
    with op.batch_alter_table("report_files") as table:
        table.drop_column("facts")
        table.drop_column("words")
    op.drop_index("ix_letters_recipient_lower", table_name="letters")
    op.create_index("ix_letters_recipient_created_at", "letters", ["recipient", "created_at"], unique=False)
