"""Messages into the portal, and into the floor beside it. `python -m bench.take product` is one of several takers."""

from __future__ import annotations

import email
import hashlib
import os
import sys
import time
from email.message import EmailMessage

from sqlalchemy import text

from bench import floor
from cert_portal import config
from cert_portal.app import create_app
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail import spool
from workers.mail import take_and_commit

COUNT = 750


def accept(raw: bytes) -> str:
    """What the mail pipe does: durable original, a report that is compared, searchable and acknowledged."""
    return take_and_commit(spool.store(raw)).told


def parse_and_commit(raw: bytes) -> None:
    """The floor: the standard parser in its old mode, a hash of the attachment, three rows, one commit."""
    parsed = email.message_from_bytes(raw)
    for part in parsed.walk():
        if not part.is_multipart():
            hashlib.sha256(part.get_payload(decode=True) or b"").hexdigest()  # type: ignore[arg-type]  # bytes of a leaf
    for n in range(3):
        session.execute(text(floor.INSERT.format(n=n)), {"number": "R26-000001-1", "words": str(parsed["Subject"])})
    session.commit()


def message(number: int, size: int, *, alike: bool = True) -> bytes:
    """A multipart message with an attachment of this many bytes; all say the same, or each something else."""
    made = EmailMessage()
    made["From"] = f"Ann <m{number}@shop.example>"
    made["To"] = "report@portal.example"
    made["Subject"] = f"Suspicious mail {number}"
    made["Message-ID"] = f"<bench-{number}@shop.example>"
    said = f"We received this: hxxp://bad{number % 7}[.]example/login and 192.0.2.{number % 250}\n"
    own = " ".join(f"word{number * 37 + place * place % 4001}" for place in range(160))
    made.set_content(said * 20 if alike else f"{said}{own}\n")
    made.add_attachment(os.urandom(size), maintype="image", subtype="png", filename="screen.png")
    return made.as_bytes()


def main() -> None:
    """Say that all is ready, wait for a word, take COUNT messages, tell the seconds."""
    work = accept if sys.argv[1] == "product" else parse_and_commit
    alike, mine = "different" not in sys.argv, b"<%d-" % os.getpid()
    raws = [message(number, 12_000, alike=alike).replace(b"<bench", mine) for number in range(COUNT + 5)]
    with create_app(config.load(os.environ)).app_context():
        start_writing()
        for raw in raws[:5]:
            work(raw)
        print("ready", flush=True)
        sys.stdin.readline()
        begun = time.perf_counter()
        for raw in raws[5:]:
            work(raw)
        print(time.perf_counter() - begun)


if __name__ == "__main__":
    main()
