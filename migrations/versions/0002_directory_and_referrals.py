"""The directory of organisations outside, and referrals of cases to them."""

from alembic import op
import sqlalchemy as sa

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTCDateTime = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("reach", sa.String(length=12), nullable=False),
        sa.Column("body", sa.String(length=24), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("name_zh_hant", sa.String(length=200), nullable=False),
        sa.Column("sort_key", sa.String(length=200), nullable=False),
        sa.Column("sector", sa.String(length=60), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", UTCDateTime, nullable=False),
        sa.Column("updated_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("sort_key", name=op.f("uq_organisations_sort_key")),
    )
    op.create_index(op.f("ix_organisations_kind"), "organisations", ["kind"], unique=False)
    op.create_table(
        "autonomous_systems",
        sa.Column("asn", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_autonomous_systems_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("asn", name=op.f("pk_autonomous_systems")),
    )
    op.create_index(
        op.f("ix_autonomous_systems_organisation_id"), "autonomous_systems", ["organisation_id"], unique=False
    )
    op.create_table(
        "contacts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("telephone", sa.String(length=60), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("service_level", sa.String(length=8), nullable=False),
        sa.Column("covers", sa.String(length=200), nullable=False),
        sa.Column("tlp", sa.String(length=20), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("key_fingerprint", sa.String(length=64), nullable=False),
        sa.Column("must_encrypt", sa.Boolean(), nullable=False),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_contacts_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_email"), "contacts", ["email"], unique=False)
    op.create_index(op.f("ix_contacts_organisation_id"), "contacts", ["organisation_id"], unique=False)
    op.create_table(
        "domains",
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_domains_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_domains")),
    )
    op.create_index(op.f("ix_domains_organisation_id"), "domains", ["organisation_id"], unique=False)
    op.create_table(
        "networks",
        sa.Column("key", sa.String(length=35), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("asn", sa.BigInteger(), nullable=True),
        sa.Column("origins", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_networks_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("key", "source", name=op.f("pk_networks")),
    )
    op.create_index(op.f("ix_networks_organisation_id"), "networks", ["organisation_id"], unique=False)
    op.create_table(
        "party_keys",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("user_ids", sa.JSON(), nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=True),
        sa.Column("expires_at", UTCDateTime, nullable=True),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("can_encrypt", sa.Boolean(), nullable=False),
        sa.Column("read_at", UTCDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_party_keys_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_party_keys")),
    )
    op.create_index(op.f("ix_party_keys_organisation_id"), "party_keys", ["organisation_id"], unique=False)
    op.create_table(
        "referrals",
        sa.Column("id", BigId, nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("contact_id", BigId, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("tlp", sa.String(length=20), nullable=False),
        sa.Column("observables", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=True),
        sa.Column("consent_who", sa.String(length=200), nullable=False),
        sa.Column("consent_at", UTCDateTime, nullable=True),
        sa.Column("held_reason", sa.String(length=24), nullable=False),
        sa.Column("their_reference", sa.String(length=80), nullable=False),
        sa.Column("letter_id", BigId, nullable=True),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("link_epoch", sa.Integer(), nullable=False),
        sa.Column("link_expires_at", UTCDateTime, nullable=True),
        sa.Column("drafted_by", BigId, nullable=True),
        sa.Column("drafted_at", UTCDateTime, nullable=False),
        sa.Column("updated_at", UTCDateTime, nullable=False),
        sa.Column("asked_at", UTCDateTime, nullable=True),
        sa.Column("sent_at", UTCDateTime, nullable=True),
        sa.Column("answered_at", UTCDateTime, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_referrals_case_id_cases")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_referrals_contact_id_contacts")),
        sa.ForeignKeyConstraint(["drafted_by"], ["users.id"], name=op.f("fk_referrals_drafted_by_users")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_referrals_letter_id_letters")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_referrals_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
        sa.UniqueConstraint("number", name=op.f("uq_referrals_number")),
    )
    op.create_index(op.f("ix_referrals_case_id"), "referrals", ["case_id"], unique=False)
    op.create_index(op.f("ix_referrals_organisation_id"), "referrals", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_referrals_state_asked_at"), "referrals", ["state", "asked_at"], unique=False)
    op.create_table(
        "referral_messages",
        sa.Column("id", BigId, nullable=False),
        sa.Column("referral_id", BigId, nullable=False),
        sa.Column("at", UTCDateTime, nullable=False),
        sa.Column("verb", sa.String(length=12), nullable=False),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("known_sender", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("receipt", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_messages_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_messages")),
    )
    op.create_index(op.f("ix_referral_messages_referral_id"), "referral_messages", ["referral_id"], unique=False)
    op.create_table(
        "referral_files",
        sa.Column("id", BigId, nullable=False),
        sa.Column("referral_id", BigId, nullable=False),
        sa.Column("message_id", BigId, nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("blob_key", sa.String(length=64), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("added_at", UTCDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["referral_messages.id"], name=op.f("fk_referral_files_message_id_referral_messages")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_files_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_files")),
    )
    op.create_index(op.f("ix_referral_files_referral_id"), "referral_files", ["referral_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_referral_files_referral_id"), table_name="referral_files")
    op.drop_table("referral_files")
    op.drop_index(op.f("ix_referral_messages_referral_id"), table_name="referral_messages")
    op.drop_table("referral_messages")
    op.drop_index(op.f("ix_referrals_state_asked_at"), table_name="referrals")
    op.drop_index(op.f("ix_referrals_organisation_id"), table_name="referrals")
    op.drop_index(op.f("ix_referrals_case_id"), table_name="referrals")
    op.drop_table("referrals")
    op.drop_index(op.f("ix_party_keys_organisation_id"), table_name="party_keys")
    op.drop_table("party_keys")
    op.drop_index(op.f("ix_networks_organisation_id"), table_name="networks")
    op.drop_table("networks")
    op.drop_index(op.f("ix_domains_organisation_id"), table_name="domains")
    op.drop_table("domains")
    op.drop_index(op.f("ix_contacts_organisation_id"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_email"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_index(op.f("ix_autonomous_systems_organisation_id"), table_name="autonomous_systems")
    op.drop_table("autonomous_systems")
    op.drop_index(op.f("ix_organisations_kind"), table_name="organisations")
    op.drop_table("organisations")
