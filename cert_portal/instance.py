"""Making one deployment: folder, secrets, keys. Nothing that exists is ever overwritten."""

from __future__ import annotations

import secrets
from pathlib import Path

from cert_portal.core.crypto import Keyring, forget_at_once

DESK, PUBLICATION = "desk", "publication"


def create(folder: Path, *, demo: bool) -> bool:
    """Make the folder with settings.toml and the two keys; False when it has settings already."""
    path = folder / "settings.toml"
    if path.exists():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    phrase = folder / "publication.passphrase"
    _write_secret(phrase, secrets.token_urlsafe(32))
    address = "report@portal.example"
    desk = Keyring(folder / "gnupg" / DESK).create("Incident desk", address)
    forget_at_once(folder / "gnupg" / PUBLICATION, random=True)
    public = Keyring(folder / "gnupg" / PUBLICATION, passphrase=phrase.read_text("utf-8")).create(
        "Publications", "advisories@portal.example"
    )
    lines = [
        "# Settings of this deployment; the manual lists all of them (docs/settings.md).",
        *(f'{name} = "{secrets.token_urlsafe(48)}"' for name in ("secret_key", "audit_key", "blob_key")),
        f'desk_key = "{desk}"',
        f'publication_key = "{public}"',
        f'publication_key_passphrase_file = "{phrase.absolute()}"',
        f"demo = {str(demo).lower()}",
    ]
    _write_secret(path, "\n".join(lines) + "\n")
    return True


def _write_secret(path: Path, words: str) -> None:
    aside = path.with_name(path.name + ".new")  # a kill leaves no half a file behind
    aside.touch(mode=0o600)
    aside.write_text(words, "utf-8")
    aside.rename(path)
