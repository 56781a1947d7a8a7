"""Everything is found by a coarse age beside the fine one, reports by those of the cases that hold them.

The index is made anew: where vacuum has emptied the first page of a word of very many rows, PostgreSQL takes it for a
rare one and reads all of it for each search.
"""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"

INDEX = "ix_search_entries_words"
ERA, AGE = 4096, 32768
MARK = f"""
WITH held AS (
    SELECT report_id, array_agg(DISTINCT mark) AS marks FROM (
        SELECT report_id, 'held_era_c_' || case_id / {ERA} AS mark FROM case_reports
        UNION SELECT report_id, 'held_age_c_' || case_id / {AGE} FROM case_reports
    ) AS each GROUP BY report_id
), told AS (
    SELECT id, array_to_tsvector(ARRAY['age_' || lower(kind) || '_' || target_id / {AGE}] || marks) AS marks
    FROM search_entries LEFT JOIN held ON kind = 'R' AND report_id = target_id
)
UPDATE search_entries AS entry SET words = coalesce(entry.words, '') || told.marks FROM told WHERE told.id = entry.id
"""
CLEAR = """
UPDATE search_entries SET words = ts_delete(words, ARRAY(
    SELECT word FROM unnest(tsvector_to_array(words)) AS word WHERE starts_with(word, 'held_')
    OR starts_with(word, 'age_')
))
"""


def upgrade() -> None:
    """Make it."""
    _rewrite(MARK)


def downgrade() -> None:
    """Undo it."""
    _rewrite(CLEAR)


def _rewrite(statement: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(INDEX, "search_entries")
        op.execute(statement)
        op.create_index(INDEX, "search_entries", ["words"], postgresql_using="gin")
