"""Opening a message before anything is decided: decrypt it, look whether its signature holds, read what is inside.

Runs gpg and OpenSSL: no transaction may be open.
"""

from __future__ import annotations

from dataclasses import replace

from cert_portal.config import current
from cert_portal.core import crypto, smime
from cert_portal.core.mail import nature, signed
from cert_portal.core.mail.message import InboundMail, parse
from cert_portal.core.mail.signed import SignedParts

_OPAQUE = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})


def read(raw: bytes) -> InboundMail:
    """The message with everything in it that we can open; what cannot be is named in `trouble`."""
    if len(raw) > current().message_megabytes * 1_000_000:
        mail = parse(raw[:1_000_000])
        mail.trouble.append("message_too_big")
        return mail
    mail = parse(raw)
    sealed = nature.sealed_part(mail)
    if sealed is not None:
        return _decrypted(mail, sealed)
    parts = signed.split(raw) if mail.content_type == "multipart/signed" else None
    if parts is not None:
        return _judged(mail, parts)
    if any(each.media_type in _OPAQUE for each in mail.attachments):
        return _unwrapped(mail)
    clear = crypto.desk().verify_clear(mail.text) if "-----BEGIN PGP SIGNED MESSAGE" in mail.text else None
    return mail if clear is None else replace(mail, sealing="inline", signature=clear.state, signer=clear.signer)


def look_again(raw: bytes) -> tuple[str, str]:
    """State and signer of a message whose key was not known when it came."""
    mail = read(raw)
    return mail.signature, mail.signer


def _decrypted(mail: InboundMail, sealed: bytes) -> InboundMail:
    try:
        opened = crypto.desk().decrypt(sealed)
    except crypto.CryptoError:
        mail.trouble.append("cannot_decrypt")
        return replace(mail, sealing="encrypted")
    whole = sealed.decode("ascii", "replace") not in mail.text
    inner = parse(opened.data if whole else b"\n" + opened.data)
    found = opened.signature
    inner_parts = signed.split(opened.data) if whole and found.state == "none" else None
    if inner_parts is not None:  # signed first, encrypted around it
        found = crypto.desk().verify(inner_parts.content, inner_parts.signature)
    mail = replace(mail, sealing="encrypted", signature=found.state, signer=found.signer)
    trouble = [*mail.trouble, *inner.trouble]
    if not whole:
        return replace(mail, text=mail.text.replace(sealed.decode(), inner.text, 1), trouble=trouble)
    return _with_inside(mail, inner, trouble)


def _judged(mail: InboundMail, parts: SignedParts) -> InboundMail:
    if parts.kind == "smime":
        verdict = smime.verify(parts.signature, parts.content)
        return _by_certificate(mail, verdict)
    found = crypto.desk().verify(parts.content, parts.signature)
    return replace(mail, sealing="pgp", signature=found.state, signer=found.signer)


def _unwrapped(mail: InboundMail) -> InboundMail:
    data = next(each.data for each in mail.attachments if each.media_type in _OPAQUE)
    verdict = smime.verify(data)
    if verdict.state in ("bad", "unknown"):
        mail.trouble.append("cannot_decrypt")
        return replace(mail, sealing="smime")
    inner = parse(verdict.content)
    return _by_certificate(_with_inside(mail, inner, [*mail.trouble, *inner.trouble]), verdict)


def _by_certificate(mail: InboundMail, verdict: smime.SmimeVerdict) -> InboundMail:
    return replace(mail, sealing="smime", signature=verdict.state, signer=" ".join(verdict.addresses))


def _with_inside(mail: InboundMail, inner: InboundMail, trouble: list[str]) -> InboundMail:
    return replace(
        mail,
        text=inner.text,
        html=inner.html,
        links=inner.links,
        forwarded=inner.forwarded,
        attachments=inner.attachments,
        references=list(dict.fromkeys([*mail.references, *inner.references])),
        subject=inner.subject or mail.subject,  # protected headers: the real subject is inside
        trouble=trouble,
    )
