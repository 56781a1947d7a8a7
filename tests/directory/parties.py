"""Organisations for the tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import gnupg

from cert_portal.core.crypto import OPTIONS
from cert_portal.core.db import session
from cert_portal.directory import contacts, keys, organisations
from cert_portal.directory.contacts import ContactTold
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.directory.parties import Contact, Organisation

HARBOUR = OrganisationTold(
    kind="hosting",
    name_en="Harbour Hosting",
    name_zh_hant="維港寄存",
    country="HK",
    asns=["64500"],
    prefixes=["203.0.113.0/24"],
    domains=["harbour.example"],
)
ABUSE = ContactTold(role="abuse", email="abuse@harbour.example", languages=["en"])


def party(**more: Any) -> Organisation:
    """An organisation, a hosting company unless told otherwise."""
    return organisations.add(replace(HARBOUR, **more), "system")


def contact(owner: Organisation, **more: Any) -> Contact:
    """A contact of it."""
    return contacts.add(owner, replace(ABUSE, **more), "system")


class Outside:
    """Somebody outside with a GnuPG home of their own."""

    def __init__(self, home: Path, name: str = "Abuse desk", expires: str = "2y", created: str = "") -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.gpg = gnupg.GPG(gnupghome=str(home), options=OPTIONS)
        made = self.gpg.gen_key(
            self.gpg.gen_key_input(
                key_type="EDDSA",
                key_curve="ed25519",
                key_usage="sign",
                subkey_type="ECDH",
                subkey_curve="cv25519",
                subkey_usage="encrypt",
                name_real=name,
                name_email="abuse@harbour.example",
                expire_date=expires,
                no_protection=True,
                **({"creation_date": created} if created else {}),
            )
        )
        self.fingerprint = str(made.fingerprint)

    @property
    def public(self) -> str:
        """The public key, armoured."""
        return str(self.gpg.export_keys(self.fingerprint))

    @staticmethod
    def export(home: Path, fingerprint: str) -> str:
        """A public key out of some key ring."""
        return str(gnupg.GPG(gnupghome=str(home), options=OPTIONS).export_keys(fingerprint))

    def revoke(self) -> None:
        """Revoke the key with the certificate that gpg made beside it."""
        path = Path(self.gpg.gnupghome) / "openpgp-revocs.d" / f"{self.fingerprint}.rev"
        self.gpg.import_keys(path.read_text("utf-8").replace(":-----BEGIN", "-----BEGIN"))

    def open(self, block: bytes) -> tuple[str, str]:
        """What a message to this key says, and the fingerprint of who signed it."""
        opened = self.gpg.decrypt(block)
        assert opened.ok, opened.status
        return str(opened), str(opened.pubkey_fingerprint or "")

    def give_key(self, owner: Organisation) -> str:
        """Let the desk import the key; answers the fingerprint. Commits: gpg runs outside a transaction."""
        number = owner.id
        session.commit()
        for facts in keys.read(self.public):
            keys.keep(session.get_one(Organisation, number), facts, "system")
        session.commit()
        return self.fingerprint
