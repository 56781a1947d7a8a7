"""Dovecot on a private port: a mailbox as real servers keep it."""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.servers import free_port, is_open, wait_until

SETTINGS = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {tls}
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
first_valid_uid = 1
{more}
"""


def certify(folder: Path) -> Path:
    """A certificate for this machine that nobody but the test trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "cert.pem"


class Dovecot:
    """An IMAP server; every user has the pass-word "secret"."""

    def __init__(self, folder: Path, more: str = "", *, tls: bool = False) -> None:
        self.port, self.tls_port, self.folder = free_port(), free_port(), folder
        folder.mkdir(parents=True, exist_ok=True)
        self.certificate = certify(folder)
        owner = pwd.getpwnam("mail" if os.geteuid() == 0 else getpass.getuser())
        facts = {"folder": folder, "port": self.port, "more": more}
        facts |= {"tls": "yes" if tls else "no", "tls_port": self.tls_port if tls else 0}
        me = pwd.getpwuid(os.geteuid())
        facts |= {"user": me.pw_name if os.geteuid() else "dovecot", "uid": owner.pw_uid, "gid": owner.pw_gid}
        facts["group"] = grp.getgrgid(me.pw_gid).gr_name if os.geteuid() else "dovecot"
        (folder / "mail").mkdir(exist_ok=True)
        os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
        (folder / "dovecot.conf").write_text(SETTINGS.format(**facts), "utf-8")
        self.process = subprocess.Popen(["dovecot", "-F", "-c", str(folder / "dovecot.conf")])
        wait_until(lambda: is_open(self.port), "dovecot")

    def url(self, user: str) -> str:
        """The address of a user's inbox, as the settings want it."""
        return f"imap://{user}:secret@127.0.0.1:{self.port}/INBOX"

    def put(self, user: str, raw: bytes) -> None:
        """Deliver a message."""
        with self._login(user) as server:
            server.append("INBOX", "", "", raw)

    def folders(self, user: str) -> dict[str, int]:
        """How many messages lie in each folder."""
        with self._login(user) as server:
            names = [line.decode().rpartition(" ")[2] for line in server.list()[1]]  # type: ignore[union-attr]  # bytes
            return {name: int(server.select(name)[1][0] or 0) for name in names}

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()

    def _login(self, user: str) -> imaplib.IMAP4:
        server = imaplib.IMAP4("127.0.0.1", self.port)
        server.login(user, "secret")
        return server
