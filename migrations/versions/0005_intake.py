"""Letters to one address are found whatever its case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make it."""
    op.drop_index("ix_letters_recipient_created_at", table_name="letters")
    op.create_index("ix_letters_recipient_lower", "letters", [sa.text("lower(recipient)"), "created_at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_letters_recipient_lower", table_name="letters")
    op.create_index("ix_letters_recipient_created_at", "letters", ["recipient", "created_at"], unique=False)
