"""Cases of exercises, restricted ones and those without a level are found among a million without a walk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_RARE = {
    "ix_cases_drill": "drill IS {true}",
    "ix_cases_restricted": "restricted IS {true}",
    "ix_cases_without_level": "level IS NULL",
}


def upgrade() -> None:
    """Make it."""
    true = "true" if op.get_bind().dialect.name == "postgresql" else "1"
    for name, which in _RARE.items():
        where = sa.text(which.format(true=true))
        op.create_index(name, "cases", ["id"], postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    """Undo it."""
    for name in reversed(_RARE):
        op.drop_index(name, "cases")
