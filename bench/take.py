"""Messages into the portal, and into the floor beside it. `python -m bench.take product` is one of several takers."""

from __future__ import annotations

import email
import hashlib
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

from sqlalchemy import text

from bench import floor
from cert_portal import config
from cert_portal.app import create_app
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail import spool
from cert_portal.intake.models import MailReceipt
from workers.mail import MOST_TOGETHER, take_and_commit, take_together

COUNT = 752
CONNECTIONS = ThreadPoolExecutor(MOST_TOGETHER)
"""The listener keeps what different connections hand over in threads of its own."""


def accept(raw: bytes) -> str:
    """What the mail pipe does: durable original, a report that is compared, searchable and acknowledged."""
    return take_and_commit(spool.store(raw)).told


def accept_together(raws: list[bytes]) -> None:
    """The same for messages that come at the same time, as the listener takes them: several in a transaction."""
    told = take_together(list(CONNECTIONS.map(spool.store, raws)))
    assert all(isinstance(each, MailReceipt) for each in told.values()), told


def parse_and_commit(*raws: bytes) -> None:
    """The floor: the standard parser in its old mode, a hash of the attachment, three rows a message, one commit."""
    for raw in raws:
        _parse_and_insert(raw)
    session.commit()


def _parse_and_insert(raw: bytes) -> None:
    parsed = email.message_from_bytes(raw)
    for part in parsed.walk():
        if not part.is_multipart():
            hashlib.sha256(part.get_payload(decode=True) or b"").hexdigest()  # type: ignore[arg-type]  # bytes of a leaf
    for n in range(3):
        session.execute(text(floor.INSERT.format(n=n)), {"number": "R26-000001-1", "words": str(parsed["Subject"])})


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
    alike, mine = "different" not in sys.argv, b"<%d-" % os.getpid()
    raws = [message(number, 12_000, alike=alike).replace(b"<bench", mine) for number in range(COUNT + 5)]
    with create_app(config.load(os.environ)).app_context():
        start_writing()
        work(raws[:5])
        print("ready", flush=True)
        sys.stdin.readline()
        begun = time.perf_counter()
        work(raws[5:])
        print(time.perf_counter() - begun)


def work(raws: list[bytes]) -> None:
    """What the arguments ask for: the floor, the product, and there `together` several in a transaction."""
    size = MOST_TOGETHER if "together" in sys.argv else 1
    for start in range(0, len(raws), size):
        some = raws[start : start + size]
        if "product" not in sys.argv:
            parse_and_commit(*some)
        elif size > 1:
            accept_together(some)
        else:
            accept(*some)


if __name__ == "__main__":
    main()
