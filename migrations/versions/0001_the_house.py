"""The house: events, mail, reports, staff, cases."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTCDateTime = sa.DateTime(timezone=True)
Words = TSVECTOR().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "clock_rules",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("warn_fraction", sa.Double(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_clock_rules")),
    )
    op.create_table(
        "event_heads",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", BigId, nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_event_heads")),
    )
    op.create_table(
        "events",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("at", UTCDateTime, nullable=False),
        sa.Column("recorded_at", UTCDateTime, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("text_digest", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_kind_at"), "events", ["kind", "at"], unique=False)
    op.create_index(op.f("ix_events_subject_at"), "events", ["subject", "at"], unique=False)
    op.create_table(
        "holidays",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("name_zh_hant", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holidays")),
    )
    op.create_table(
        "letter_bodies",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_letter_bodies")),
    )
    op.create_table(
        "mail_receipts",
        sa.Column("receipt", sa.String(length=40), nullable=False),
        sa.Column("mailbox", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("told", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("thread_id", sa.String(length=64), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_mail_receipts")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_mail_receipts_fingerprint")),
    )
    op.create_index(op.f("ix_mail_receipts_outcome"), "mail_receipts", ["outcome"], unique=False)
    op.create_index(op.f("ix_mail_receipts_thread_id"), "mail_receipts", ["thread_id"], unique=False)
    op.create_table(
        "numbers",
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("target_id", BigId, nullable=False),
        sa.Column("merged_into", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_numbers")),
    )
    op.create_table(
        "report_drafts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=True),
        sa.Column("report_number", sa.String(length=16), nullable=True),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("expires_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_drafts")),
        sa.UniqueConstraint("number", name=op.f("uq_report_drafts_number")),
    )
    op.create_index(op.f("ix_report_drafts_expires_at"), "report_drafts", ["expires_at"], unique=False)
    op.create_table(
        "reports",
        sa.Column("id", BigId, nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("reporter_name", sa.String(length=200), nullable=False),
        sa.Column("reporter_email", sa.String(length=320), nullable=False),
        sa.Column("reporter_telephone", sa.String(length=60), nullable=False),
        sa.Column("ack_address", sa.String(length=320), nullable=False),
        sa.Column("trouble", sa.JSON(), nullable=False),
        sa.Column("receipt", sa.String(length=40), nullable=True),
        sa.Column("received_at", UTCDateTime, nullable=False),
        sa.Column("updated_at", UTCDateTime, nullable=False),
        sa.Column("first_response_at", UTCDateTime, nullable=True),
        sa.Column("closed_reason", sa.String(length=40), nullable=False),
        sa.Column("public_state", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("number", name=op.f("uq_reports_number")),
    )
    op.create_index(op.f("ix_reports_reporter_email"), "reports", ["reporter_email"], unique=False)
    op.create_index(op.f("ix_reports_state_id"), "reports", ["state", "id"], unique=False)
    op.create_index(op.f("ix_reports_state_received_at"), "reports", ["state", "received_at"], unique=False)
    op.create_table(
        "schedules",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("due_at", UTCDateTime, nullable=False),
        sa.Column("last_at", UTCDateTime, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedules")),
    )
    op.create_table(
        "search_entries",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("target_id", BigId, nullable=False),
        sa.Column("words", Words, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entries")),
        sa.UniqueConstraint("kind", "target_id", name=op.f("uq_search_entries_kind_target_id")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_search_entries_words", "search_entries", ["words"], unique=False, postgresql_using="gin")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE search_words USING "
            "fts5(words, tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")"
        )
    op.create_table(
        "serials",
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("pk_serials")),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("known_device", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime, nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index(op.f("ix_sign_in_attempts_account_at"), "sign_in_attempts", ["account", "at"], unique=False)
    op.create_index(op.f("ix_sign_in_attempts_at"), "sign_in_attempts", ["at"], unique=False)
    op.create_index(op.f("ix_sign_in_attempts_source_at"), "sign_in_attempts", ["source", "at"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", BigId, nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("totp_secret", sa.String(length=200), nullable=True),
        sa.Column("totp_last_step", BigId, nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("last_sign_in_at", UTCDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "cases",
        sa.Column("id", BigId, nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("level_rule", sa.String(length=40), nullable=False),
        sa.Column("level_override_reason", sa.Text(), nullable=False),
        sa.Column("impact", sa.JSON(), nullable=False),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("waiting_until", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("opened_at", UTCDateTime, nullable=False),
        sa.Column("updated_at", UTCDateTime, nullable=False),
        sa.Column("closed_at", UTCDateTime, nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_cases_owner_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    op.create_index(op.f("ix_cases_owner_id_state"), "cases", ["owner_id", "state"], unique=False)
    op.create_index(op.f("ix_cases_state_id"), "cases", ["state", "id"], unique=False)
    op.create_table(
        "event_seals",
        sa.Column("seq", BigId, nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_seals_event_id_events")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event_seals")),
        sa.UniqueConstraint("event_id", name=op.f("uq_event_seals_event_id")),
    )
    op.create_table(
        "letters",
        sa.Column("id", BigId, nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("null_sender", sa.Boolean(), nullable=False),
        sa.Column("encrypt_to", sa.String(length=64), nullable=True),
        sa.Column("sealing", sa.String(length=12), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", UTCDateTime, nullable=True),
        sa.Column("next_try_at", UTCDateTime, nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("sent_at", UTCDateTime, nullable=True),
        sa.Column("head", sa.LargeBinary(), nullable=True),
        sa.Column("body_digest", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["body_digest"], ["letter_bodies.digest"], name=op.f("fk_letters_body_digest_letter_bodies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letters_message_id")),
    )
    op.create_index(op.f("ix_letters_about"), "letters", ["about"], unique=False)
    op.create_index(op.f("ix_letters_recipient_created_at"), "letters", ["recipient", "created_at"], unique=False)
    op.create_index(op.f("ix_letters_state_next_try_at"), "letters", ["state", "next_try_at"], unique=False)
    op.create_table(
        "observables",
        sa.Column("report_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_observables_report_id_reports")),
        sa.PrimaryKeyConstraint("report_id", "kind", "digest", name=op.f("pk_observables")),
    )
    op.create_index("ix_observables_value", "observables", ["kind", "digest"], unique=False)
    op.create_table(
        "report_additions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("report_id", BigId, nullable=False),
        sa.Column("at", UTCDateTime, nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("known_sender", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("receipt", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_additions_report_id_reports")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_additions")),
    )
    op.create_index(op.f("ix_report_additions_report_id"), "report_additions", ["report_id"], unique=False)
    op.create_table(
        "report_files",
        sa.Column("id", BigId, nullable=False),
        sa.Column("report_id", BigId, nullable=True),
        sa.Column("draft_id", BigId, nullable=True),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("blob_key", sa.String(length=64), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("added_at", UTCDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["report_drafts.id"], name=op.f("fk_report_files_draft_id_report_drafts"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_files_report_id_reports")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_files")),
    )
    op.create_index(op.f("ix_report_files_draft_id"), "report_files", ["draft_id"], unique=False)
    op.create_index(op.f("ix_report_files_report_id"), "report_files", ["report_id"], unique=False)
    op.create_index(op.f("ix_report_files_sha256"), "report_files", ["sha256"], unique=False)
    op.create_table(
        "case_access",
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_access_case_id_cases")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_case_access_user_id_users")),
        sa.PrimaryKeyConstraint("case_id", "user_id", name=op.f("pk_case_access")),
    )
    op.create_index(op.f("ix_case_access_user_id"), "case_access", ["user_id"], unique=False)
    op.create_table(
        "case_reports",
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("report_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_reports_case_id_cases")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_case_reports_report_id_reports")),
        sa.PrimaryKeyConstraint("case_id", "report_id", name=op.f("pk_case_reports")),
    )
    op.create_index(op.f("ix_case_reports_report_id"), "case_reports", ["report_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_case_reports_report_id"), table_name="case_reports")
    op.drop_table("case_reports")
    op.drop_index(op.f("ix_case_access_user_id"), table_name="case_access")
    op.drop_table("case_access")
    op.drop_index(op.f("ix_report_files_sha256"), table_name="report_files")
    op.drop_index(op.f("ix_report_files_report_id"), table_name="report_files")
    op.drop_index(op.f("ix_report_files_draft_id"), table_name="report_files")
    op.drop_table("report_files")
    op.drop_index(op.f("ix_report_additions_report_id"), table_name="report_additions")
    op.drop_table("report_additions")
    op.drop_index("ix_observables_value", table_name="observables")
    op.drop_table("observables")
    op.drop_index(op.f("ix_letters_state_next_try_at"), table_name="letters")
    op.drop_index(op.f("ix_letters_recipient_created_at"), table_name="letters")
    op.drop_index(op.f("ix_letters_about"), table_name="letters")
    op.drop_table("letters")
    op.drop_table("event_seals")
    op.drop_index(op.f("ix_cases_state_id"), table_name="cases")
    op.drop_index(op.f("ix_cases_owner_id_state"), table_name="cases")
    op.drop_table("cases")
    op.drop_table("users")
    op.drop_index(op.f("ix_sign_in_attempts_source_at"), table_name="sign_in_attempts")
    op.drop_index(op.f("ix_sign_in_attempts_at"), table_name="sign_in_attempts")
    op.drop_index(op.f("ix_sign_in_attempts_account_at"), table_name="sign_in_attempts")
    op.drop_table("sign_in_attempts")
    op.drop_table("serials")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_search_entries_words", table_name="search_entries")
    else:
        op.execute("DROP TABLE search_words")
    op.drop_table("search_entries")
    op.drop_table("schedules")
    op.drop_index(op.f("ix_reports_state_received_at"), table_name="reports")
    op.drop_index(op.f("ix_reports_state_id"), table_name="reports")
    op.drop_index(op.f("ix_reports_reporter_email"), table_name="reports")
    op.drop_table("reports")
    op.drop_index(op.f("ix_report_drafts_expires_at"), table_name="report_drafts")
    op.drop_table("report_drafts")
    op.drop_table("numbers")
    op.drop_index(op.f("ix_mail_receipts_thread_id"), table_name="mail_receipts")
    op.drop_index(op.f("ix_mail_receipts_outcome"), table_name="mail_receipts")
    op.drop_table("mail_receipts")
    op.drop_table("letter_bodies")
    op.drop_table("holidays")
    op.drop_index(op.f("ix_events_subject_at"), table_name="events")
    op.drop_index(op.f("ix_events_kind_at"), table_name="events")
    op.drop_table("events")
    op.drop_table("event_heads")
    op.drop_table("clock_rules")
