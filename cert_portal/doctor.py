"""Is this deployment well? One finding per line, each from the thing itself."""

from __future__ import annotations

import shutil
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from cert_portal.config import current
from cert_portal.core import clock, crypto, queue
from cert_portal.core.db import db
from cert_portal.core.mail import imap

LEAST_DISK = 1_000_000_000
WARN_BEFORE = timedelta(days=60)
MIGRATIONS = Path(__file__).parents[1] / "migrations"


@dataclass(frozen=True)
class Finding:
    """One line of the examination."""

    name: str
    ok: bool
    told: str


def examine() -> Iterator[Finding]:
    """Every check in turn; none of them changes anything."""
    yield Finding("settings", True, f"instance {current().instance_dir}, {current().base_url}")
    yield _database()
    yield Finding("queue", queue.is_up(), current().redis.partition("@")[2] or current().redis)
    yield _mail_out()
    yield from (_mailbox(name, address) for name, address in imap.mailboxes(current().imap_mailboxes))
    here = current()
    yield _key("desk key", here.instance_dir / "gnupg" / "desk", here.desk_key)
    yield _key("publication", here.instance_dir / "gnupg" / "publication", here.publication_key)
    yield _disk()
    yield Finding("clock", True, f"{clock.now().astimezone(current().zone):%Y-%m-%d %H:%M %Z}")


def _database() -> Finding:
    wanted = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    try:
        with db.engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        return Finding("database", False, type(error).__name__)
    return Finding("database", found == wanted, f"{db.engine.dialect.name}, at {found}, newest {wanted}")


def _mail_out() -> Finding:
    url = urlsplit(current().smtp)
    if url.scheme == "file":
        return Finding("mail out", True, f"kept in {url.path}")
    try:
        made = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
        with made(url.hostname or "localhost", url.port or 0, timeout=10) as server:
            code = server.noop()[0]
    except (OSError, smtplib.SMTPException) as error:
        return Finding("mail out", False, f"{url.hostname}: {error}")
    return Finding("mail out", code == 250, f"{url.hostname} answers {code}")


def _key(name: str, home: Path, fingerprint: str) -> Finding:
    if not fingerprint:
        return Finding(name, False, "not set: nothing leaves signed by it")
    try:
        end = crypto.Keyring(home, fingerprint).expires()
    except crypto.CryptoError as error:
        return Finding(name, False, str(error))
    if end is None:
        return Finding(name, True, "does not expire")
    day = datetime.fromtimestamp(end, UTC)
    return Finding(name, day - clock.now() > WARN_BEFORE, f"expires {day:%Y-%m-%d}")


def _mailbox(name: str, address: str) -> Finding:
    try:
        waiting = imap.count(address)
    except imap.MailboxAway as error:
        return Finding(f"mail {name}", False, str(error))
    return Finding(f"mail {name}", True, f"messages waiting: {waiting}")


def _disk() -> Finding:
    free = shutil.disk_usage(current().instance_dir).free
    return Finding("disk", free > LEAST_DISK, f"{free / 1e9:.1f} GB free")
