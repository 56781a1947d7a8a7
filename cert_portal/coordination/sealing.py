"""How a referral will leave: signed, signed and encrypted, or not at all because the key that it needs is unusable."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cert_portal.cases.models import Case
from cert_portal.config import current
from cert_portal.core.tlp import TLP
from cert_portal.directory import keys
from cert_portal.directory.parties import Contact

NARROW_FIRST = tuple(TLP)
"""The labels from the narrowest circle to the widest."""


class Seal(StrEnum):
    """What is done to the letter."""

    ENCRYPTED = "encrypted"
    SIGNED = "signed"
    PLAIN = "none"
    HELD = "held"


@dataclass(frozen=True)
class Sealing:
    """The seal, the key, why encryption is required (codes: tlp, tlp_above, restricted, contact; none when it is not),
    and what is wrong with the key (codes of directory.keys).
    """

    seal: Seal
    key: str
    required: tuple[str, ...]
    trouble: str


def sealing_of(case: Case, contact: Contact, tlp: str) -> Sealing:
    """How a letter about this case with this label leaves to this contact. A usable key is always used."""
    required = tuple(
        code
        for code, is_so in (
            ("tlp", _is_narrower(tlp, TLP.AMBER)),
            ("tlp_above", _is_narrower(tlp, contact.tlp)),
            ("restricted", case.restricted),
            ("contact", contact.must_encrypt),
        )
        if is_so
    )
    trouble = keys.trouble(contact.key_fingerprint)
    if not trouble:
        return Sealing(Seal.ENCRYPTED, contact.key_fingerprint, required, "")
    if required:
        return Sealing(Seal.HELD, contact.key_fingerprint, required, trouble)
    return Sealing(Seal.SIGNED if current().desk_key else Seal.PLAIN, "", (), trouble)


def _is_narrower(tlp: str, than: str) -> bool:
    return NARROW_FIRST.index(TLP(tlp)) < NARROW_FIRST.index(TLP(than))
