"""Alembic environment: one transaction per migration, on the database of the settings in force."""

from __future__ import annotations

from alembic import context
from sqlalchemy.schema import SchemaItem

import cert_portal.app  # noqa: F401  # every model is known once the application is
from cert_portal.core.db import Base, db

WORDS = "search_words"


def run() -> None:
    """Run the migrations on the application's database."""
    with db.engine.connect() as connection:
        lite = connection.dialect.name == "sqlite"

        def is_compared(_item: SchemaItem, name: str | None, kind: str, *_rest: object) -> bool:
            if kind == "table":
                return not str(name).startswith(WORDS)  # the tables behind FTS5
            return not (lite and name == "ix_search_entries_words")  # an index of PostgreSQL only

        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            render_as_batch=lite,
            include_object=is_compared,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
