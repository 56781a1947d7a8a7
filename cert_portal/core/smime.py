"""The door to S/MIME signatures (RFC 8551): OpenSSL looks whether they hold and who made them. We sign none."""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SECONDS = 10
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w.-]+")


@dataclass(frozen=True)
class SmimeVerdict:
    """`state`: good (by an authority that this machine trusts), untrusted (holds, the issuer is unknown), bad, or
    unknown (OpenSSL took longer than SECONDS).

    `content` is what was signed; `addresses` those that the certificate names.
    """

    state: str
    content: bytes
    addresses: list[str]


def verify(signature: bytes, content: bytes | None = None) -> SmimeVerdict:
    """Check a detached signature over `content`, or a message that carries its content inside (None)."""
    try:
        return _verified(signature, content)
    except subprocess.TimeoutExpired:
        return SmimeVerdict("unknown", content or b"", [])


def _verified(signature: bytes, content: bytes | None) -> SmimeVerdict:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "signature").write_bytes(signature)
        command = [
            "openssl",
            "cms",
            "-verify",
            "-inform",
            "DER",
            "-in",
            "signature",
            "-binary",
            "-signer",
            "signer.pem",
        ]
        if content is not None:
            (folder / "content").write_bytes(content)
            command += ["-content", "content"]
        for state, option in (("good", ["-CApath", "/etc/ssl/certs"]), ("untrusted", ["-noverify"])):
            done = _openssl([*command, *option, "-out", "out"], folder)
            if done.returncode == 0:
                return SmimeVerdict(state, (folder / "out").read_bytes(), _addresses(folder))
    return SmimeVerdict("bad", content or b"", [])


def _addresses(folder: Path) -> list[str]:
    told = _openssl(["openssl", "x509", "-in", "signer.pem", "-noout", "-email"], folder).stdout
    return [each.lower() for each in _ADDRESS.findall(told.decode("utf-8", "replace"))]


def _openssl(command: list[str], folder: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603  # fixed words
