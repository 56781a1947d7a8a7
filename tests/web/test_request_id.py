"""One request can be followed from the page to its jobs, and no line tells a secret."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.intake.status import secret_of


def test_the_request_id_goes_from_page_to_job(
    app: Flask, client: FlaskClient, run_jobs: Callable[[], int], capsys: pytest.CaptureFixture[str]
) -> None:
    client.get("/en/report/emergency")
    client.post("/en/report/what", data={"description": "secret words", "kind": "phishing"})
    client.post("/en/report/contact", data={"reach": "contact", "email": "ann@shop.example", "language": "en"})
    sent = client.post("/en/report/check")
    run_jobs()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    first = next(line for line in lines if line["event"] == "job_done" and line["job"] == "process_report")
    assert first["request_id"] == sent.headers["X-Request-Id"]
    letter = next(line for line in lines if line["event"] == "job_done" and line["job"] == "send_letter")
    assert letter["request_id"] == sent.headers["X-Request-Id"]
    told = json.dumps(lines)
    with app.app_context():
        secret = secret_of("R26-000001-5")
    for word in (secret, "ann@shop.example", "secret words", "s" * 40):
        assert word not in told


def test_the_collector_need_not_look_at_the_program_itself(app: Flask) -> None:
    assert gc.get_freeze_count() > 10_000, "a full look at all of it stops a request for 0.1 s"
