"""In a demonstration letters stay in the instance folder; here they can be read. Not there in production."""

from __future__ import annotations

import re
from pathlib import Path

from flask import abort, render_template

from cert_portal.config import current
from cert_portal.core.mail.message import parse
from cert_portal.web.machine.blueprint import machine

_NAME = re.compile(r"[0-9a-z-]{1,80}")


@machine.get("/dev/mail")
def dev_mail() -> str:
    """The letters that left, newest first."""
    paths = sorted(_folder().glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)[:100]
    return render_template("machine/dev_mail.html", letters=[(path.stem, parse(path.read_bytes())) for path in paths])


@machine.get("/dev/mail/<name>")
def dev_letter(name: str) -> str:
    """One letter: its text, and its bytes as sent."""
    path = _folder() / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.exists():
        abort(404)
    raw = path.read_bytes()
    return render_template("machine/dev_letter.html", letter=parse(raw), raw=raw.decode("utf-8", "replace"))


def _folder() -> Path:
    here = current()
    if not here.demo or not here.smtp.startswith("file:"):
        abort(404)
    return Path(here.smtp.removeprefix("file:"))
