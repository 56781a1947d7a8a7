"""An observable knows when it was named last, if that was later than its report came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Add the moment; `cert-portal reread --all` fills it in for what was named before."""
    op.add_column("observables", sa.Column("named_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("observables", "named_at")
