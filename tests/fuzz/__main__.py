"""Fuzz a way in over a throw-away instance: `python -m tests.fuzz mail|forms [options of libFuzzer]`.

No exception may escape, no message may be lost, no page may answer 500. What breaks that ends the run with the input.
"""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris
import structlog
from flask import Flask
from flask.testing import FlaskClient

with atheris.instrument_imports(
    include=["cert_portal.core.mail", "cert_portal.core.text", "cert_portal.intake", "cert_portal.web.forms"]
):
    from cert_portal.app import create_app
    from cert_portal.config import Settings, current
    from cert_portal.core.db import Base, db, session, start_writing
    from cert_portal.core.mail import spool
    from cert_portal.intake.models import MailReceipt
    from cert_portal.intake.reconcile import reconcile
    from cert_portal.web.limits import limiter
    from cert_portal.web.public.steps import STEPS
    from tests.fuzz.shapes import MAILS, WORDS, forms
    from workers.mail import take_and_commit

ADDRESSES = [
    *(f"/en/report/{step.slug}" for step in STEPS),
    *(f"/zh-hant/{page}" for page in ("report/check", "report/fyi", "report/specialist", "verify", "status/lost")),
    *("/en/status", "/en/subscribe", "/en/report/specialist/recognised", "/api/v1/reports", "/api/v1/sms"),
]
WAYS = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/json"]
Target = Callable[[bytes], None]


def main() -> None:
    """Make instance and seeds, and hand over to libFuzzer, which ends the process; what it finds is kept."""
    which, *options = sys.argv[1:]
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    app = instance(folder)
    target, seeds = {"mail": mail, "forms": pages}[which](app)
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(seeds):
        (corpus / f"{number:03}").write_bytes(seed)
    atheris.Setup(["fuzz", *options, f"-artifact_prefix={folder}/", str(corpus)], target)
    atheris.Fuzz()


def instance(folder: Path) -> Flask:
    """The application on SQLite, without Redis, keys and limits, silent."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    app = create_app(Settings(instance_dir=folder, secret_key="s" * 40, audit_key="a" * 40, blob_key="b" * 40))
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    limiter.enabled = False
    start_writing()
    with app.app_context():
        Base.metadata.create_all(db.engine)
    return app


def mail(app: Flask) -> tuple[Target, list[bytes]]:
    """Any bytes are kept as they came and have one outcome."""

    def one(data: bytes) -> None:
        with app.app_context():
            receipt = spool.store(data)
            take_and_commit(receipt)
            session.remove()
            assert session.get_one(MailReceipt, receipt).outcome
            assert spool.read(receipt) == ("report", data)
            assert reconcile().difference == 0
            shutil.rmtree(current().spool)
            session.query(MailReceipt).delete()
            session.commit()

    return one, MAILS


def pages(app: Flask) -> tuple[Target, list[bytes]]:
    """Any request of somebody who has begun a report is answered."""

    def visitor() -> FlaskClient:
        client = app.test_client()
        client.post("/en/report/what", data=WORDS)
        return client

    def one(data: bytes) -> None:
        address, way, body = data[0:1] or b"\0", data[1:2] or b"\0", data[2:]
        where = ADDRESSES[address[0] % len(ADDRESSES)]
        client = visitor()
        answer = client.post(where, data=body, content_type=WAYS[way[0] % len(WAYS)])
        assert answer.status_code < 500, answer.status
        answer = client.get(where, query_string=body.decode("latin-1"))
        assert answer.status_code < 500, answer.status

    return one, forms(visitor(), ADDRESSES)


if __name__ == "__main__":
    main()
