"""Is this genuine? For the public record as a whole, and for one text or mail that somebody holds in hands."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cert_portal.core import crypto
from cert_portal.core.mail.message import parse
from cert_portal.publishing import csaf, feeds, tree

_EDGE = re.compile(rb"boundary=\"?([^\";\r\n]{1,200})\"?", re.IGNORECASE)
_ARMOUR = re.compile(rb"-----BEGIN PGP SIGNATURE-----.*?-----END PGP SIGNATURE-----", re.DOTALL)
MOST = 2_000_000


@dataclass(frozen=True)
class Genuine:
    """A good signature of the publication key: what it covers and, where the signature tells, when it was made."""

    text: str
    made_at: datetime | None


def check(pasted: bytes) -> Genuine | None:
    """Whether the centre signed this: a clear-signed text, or a whole mail as it was received. Runs gpg."""
    told = pasted[:MOST]
    found = crypto.publication().check_clear(told.decode("utf-8", "replace"))
    if found is not None:
        return Genuine(found.text, found.made_at)
    for part, signature in _signed_parts(told):
        if crypto.publication().is_signed(part, signature):
            return Genuine(parse(part).text, None)
    return None


def _signed_parts(message: bytes) -> Iterator[tuple[bytes, str]]:
    """The first part of each multipart/signed with its signature, byte by byte as RFC 3156 signs it."""
    plain = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    signature = _ARMOUR.search(plain)
    for edge in _EDGE.findall(plain)[:20] if signature else ():
        pieces = plain.split(b"--" + edge)
        if len(pieces) >= 4 and pieces[1].startswith(b"\r\n") and signature:
            yield pieces[1][2:-2], signature[0].decode("ascii", "replace")


def problems(folder: Path) -> Iterator[str]:
    """Everything that is wrong with a record: hashes, signatures, documents, files that do not belong. Runs gpg."""
    root = folder / tree.CURRENT if (folder / tree.CURRENT).exists() else folder
    for path in (root, *sorted(root.rglob("*"))):
        name = path.relative_to(root).as_posix()
        if path.is_dir() and not os.access(path, os.R_OK | os.X_OK):
            yield f"{name}: cannot be read"
        if path == root or path.is_dir() or path.is_symlink():
            continue
        if name.startswith("csaf/") and name.endswith(".json"):
            yield from (f"{name}: {told}" for told in _document(path))
        elif name.endswith(".txt.asc"):
            if crypto.publication().check_clear(path.read_text("utf-8", "replace")) is None:
                yield f"{name}: the signature is not good"
        elif not name.startswith("feeds/") and not name.endswith((".json.sha256", ".json.sha512", ".json.asc")):
            yield f"{name}: does not belong here"


def count(folder: Path) -> int:
    """How many signed files a record holds."""
    root = folder / tree.CURRENT if (folder / tree.CURRENT).exists() else folder
    return sum(1 for path in root.rglob("*.asc") if path.is_file())


def _document(path: Path) -> Iterator[str]:
    raw = path.read_bytes()
    try:
        told = json.loads(raw)
    except ValueError:
        yield "is no JSON"
        return
    if path.name == feeds.ROLIE_NAME:
        return
    for ending in ("sha256", "sha512"):
        beside = path.with_name(f"{path.name}.{ending}")
        said = beside.read_text("ascii", "replace").split()[:1] if beside.exists() else []
        if said != [hashlib.new(ending, raw).hexdigest()]:
            yield f"the {ending} is not that of the document"
    signature = path.with_name(f"{path.name}.asc")
    if not signature.exists() or not crypto.publication().is_signed(raw, signature.read_text("ascii", "replace")):
        yield "the signature is not good"
    yield from csaf.problems(told, path.name)
