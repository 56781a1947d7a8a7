"""The interface for programs: reports in, how they stand, and what is said when something is wrong."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import Babel
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from cert_portal import config
from cert_portal.cli import cli
from cert_portal.core import clock, search
from cert_portal.core.db import session
from cert_portal.core.mail import outbox
from cert_portal.core.numbers import NumberKind
from cert_portal.directory import accounts, tokens
from cert_portal.directory.tokens import Scope
from cert_portal.intake import status
from cert_portal.intake.models import Observable, RepeatedRequest, Report, ReportFile
from cert_portal.intake.submission import Submission
from cert_portal.web.machine import checking, report_schema
from tests.intake.test_documents import IODEF, STIX

REPORTS = "/api/v1/reports"
FULL: dict[str, Any] = {
    "description": "Our shop is flooded from 192.0.2.7",
    "kind": "ddos",
    "severity_told": 4,
    "people_affected": 12.0,
    "tolerable_hours": 1.5,
    "affects": ["availability"],
    "occurred_at": "2026-05-03T10:00:00+08:00",
    "discovered_at": None,
    "answers": {"ddos_form": "traffic", "ddos_peak": "4 Gbit/s", "ddos_end": ""},
    "email": "ann@shop.example",
    "consents": ["isp"],
    "for_whom": "Bakery Ltd",
    "for_whom_contact": "yes",
    "reference": "T-17",
    "restriction": "TLP:GREEN",
}


def send(client: FlaskClient, told: Any = FULL, **headers: str) -> TestResponse:
    return client.post(REPORTS, json=told, headers={name.replace("_", "-"): value for name, value in headers.items()})


def wrong(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    return {each["pointer"]: each["detail"] for each in answer.get_json()["errors"]}


def rows(app: Flask) -> int:
    with app.app_context():
        return session.scalar(select(func.count(Report.id))) or 0


def token(app: Flask, *scopes: Scope, email: str = "bot@member.example") -> str:
    with app.app_context():
        user = accounts.by_email(email) or accounts.add_user(email, "Bot", "correct horse battery", ["analyst"])
        told = tokens.add(user, scopes)[1]
        session.commit()
        return told


def test_a_program_sends_a_report_and_asks_how_it_stands(app: Flask, client: FlaskClient) -> None:
    answer = send(client)
    told = answer.get_json()
    assert answer.status_code == 201
    assert sorted(told) == ["number", "secret", "status_url"]
    assert answer.headers["Location"].endswith(f"/api/v1/reports/{told['number']}/status")
    stands = client.get(f"{REPORTS}/{told['number']}/status", query_string={"secret": told["secret"]}).get_json()
    assert (stands["number"], stands["state"], stands["kind"]) == (told["number"], "received", "ddos")
    page = client.get(told["status_url"].removeprefix("http://127.0.0.1:8000"))
    assert told["number"] in page.text
    with app.app_context():
        report = session.scalars(select(Report)).one()
        assert (report.channel, report.origin, report.ack_address) == ("api", "local", "ann@shop.example")
        assert report.details["answers"] == {"ddos_form": "traffic", "ddos_peak": "4 Gbit/s"}
        assert report.details["occurred_precision"] == "exact"
        assert report.details["people_affected"] == 12
        assert report.details["reference"] == "T-17"


def test_a_wrong_pair_is_answered_like_an_unknown_number(app: Flask, client: FlaskClient) -> None:
    told = send(client).get_json()
    answers = [
        client.get(f"{REPORTS}/{number}/status", query_string=query)
        for number, query in ((told["number"], {"secret": "no"}), ("R26-999999-9", {"secret": "no"}), ("x", {}))
    ]
    assert {each.status_code for each in answers} == {404}
    assert len({each.data for each in answers}) == 1


def test_every_wrong_field_is_named(app: Flask, client: FlaskClient) -> None:
    told = {
        "kind": "flood",
        "language": 7,
        "severity_told": 6,
        "affects": ["money"],
        "hardware": ["x"] * 21,
        "email": "nobody",
        "name": "n" * 201,
        "organisation": "\ud800",
        "occurred_at": "yesterday",
        "discovered_at": "2036-01-01T00:00:00Z",
        "anonymous": "yes",
        "answers": {"no/such": "x"},
        "files": [{"filename": "", "data": "x"}],
        "colour": "red",
    }
    found = wrong(send(client, told))
    assert sorted(found) == [
        "#/affects/0", "#/anonymous", "#/answers/no~1such", "#/colour", "#/description", "#/discovered_at", "#/email",
        "#/files/0/filename", "#/hardware", "#/kind", "#/language", "#/name", "#/occurred_at", "#/organisation",
        "#/severity_told",
    ]  # fmt: skip
    assert rows(app) == 0


def test_problems_speak_the_language_that_is_asked_for(client: FlaskClient) -> None:
    answer = send(client, {"description": ""}, Accept_Language="zh-HK")
    assert answer.headers["Content-Language"] == "zh-Hant-HK"
    assert wrong(answer)["#/description"] == "不可留空"
    assert client.get("/api/v1/none", headers={"Accept-Language": "zh-HK"}).get_json()["title"] == "找不到網頁"


@pytest.mark.parametrize("raw", [b"", b"{", b"[" * 100_000, b'{"description": NaN}', b"\xff\xfe", b"1" * 5000])
def test_what_is_no_json_is_said_to_be_none(client: FlaskClient, raw: bytes) -> None:
    answer = client.post(REPORTS, data=raw, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"


def test_errors_below_the_interface_are_problems(client: FlaskClient) -> None:
    for answer, code in (
        (client.get("/api/v1/none"), 404),
        (client.delete(REPORTS), 405),
        (client.post(REPORTS, data=b"x", content_type="text/plain"), 415),
        (client.get("/api/v1/advisories?limit=0&least_level=x"), 400),
    ):
        assert answer.status_code == answer.get_json()["status"] == code
        assert answer.content_type == "application/problem+json"
    assert "POST" in client.delete(REPORTS).headers["Allow"]
    assert "json" in client.post(REPORTS, data=b"x", content_type="text/plain").headers["Accept-Post"]


def test_files_come_in_base64_or_as_parts(app: Flask, client: FlaskClient) -> None:
    coded = base64.b64encode(b"a log").decode()
    assert send(client, {"description": "x", "files": [{"filename": "a.log", "data": coded}]}).status_code == 201
    parts = {"report": json.dumps({"description": "y"}), "files": (io.BytesIO(b"b log"), "b.log")}
    assert client.post(REPORTS, data=parts).status_code == 201
    with app.app_context():
        kept = session.scalars(select(ReportFile).order_by(ReportFile.id)).all()
        assert [(each.filename, each.size) for each in kept] == [("a.log", 5), ("b.log", 5)]
    bad = [
        {"filename": "a.log", "data": "not base64!"},
        {"filename": "a.png", "data": base64.b64encode(b"MZ").decode()},
    ]
    found = wrong(send(client, {"description": "x", "files": [*bad, {"filename": "e", "data": ""}]}))
    assert sorted(found) == ["#/files/0/data", "#/files/1", "#/files/2"]
    assert rows(app) == 2


def test_the_same_key_gives_the_same_answer_and_one_row(app: Flask, client: FlaskClient) -> None:
    first = send(client, Idempotency_Key="abc")
    again = send(client, Idempotency_Key="abc")
    assert (first.status_code, first.data, first.headers["Location"]) == (201, again.data, again.headers["Location"])
    other = send(client, {"description": "else"}, Idempotency_Key="abc")
    assert other.status_code == 422
    assert send(client, Idempotency_Key="").status_code == 400
    assert rows(app) == 1
    with clock.turned_to(clock.now() + timedelta(hours=25)):
        assert send(client, {"description": "else"}, Idempotency_Key="abc").status_code == 201
    with app.app_context():
        assert session.scalar(select(func.count(RepeatedRequest.digest))) == 1


def test_a_wrong_request_does_not_use_up_its_key(app: Flask, client: FlaskClient) -> None:
    assert send(client, {}, Idempotency_Key="k").status_code == 422
    assert send(client, Idempotency_Key="k").status_code == 201


def test_two_at_once_with_one_key_make_one_report(app: Flask) -> None:
    answers: list[TestResponse] = []
    go = threading.Barrier(4)

    def one() -> None:
        go.wait()
        answers.append(send(app.test_client(), Idempotency_Key="same"))

    threads = [threading.Thread(target=one) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [each.status_code for each in answers] == [201] * 4
    assert len({each.data for each in answers}) == 1
    assert rows(app) == 1


def test_a_token_needs_its_scope_and_can_be_taken_back(app: Flask, client: FlaskClient) -> None:
    good, poor = token(app, Scope.REPORTS_WRITE), token(app, Scope.CASES_READ)
    assert send(client, Authorization=f"Bearer {good}").status_code == 201
    assert send(client, Authorization=f"Bearer {poor}").status_code == 403
    for told in ("Bearer nothing", "Basic x"):
        answer = send(client, Authorization=told)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    with app.app_context():
        assert tokens.revoke(1)
        assert not tokens.revoke(1)
        assert not tokens.revoke(99)
        session.commit()
    assert send(client, Authorization=f"Bearer {good}").status_code == 401
    assert rows(app) == 1


def test_one_key_of_two_programs_is_two_keys(app: Flask, client: FlaskClient) -> None:
    told = token(app, Scope.REPORTS_WRITE)
    first = send(client, Idempotency_Key="k")
    assert send(client, Idempotency_Key="k", Authorization=f"Bearer {told}").data != first.data
    assert rows(app) == 2


def test_a_token_by_command(app: Flask) -> None:
    with app.app_context():
        accounts.add_user("bot@member.example", "Bot", "correct horse battery", ["analyst"])
        session.commit()
    run = app.test_cli_runner()
    made = run.invoke(cli, ["token", "add", "bot@member.example", "--scope", "reports:write"])
    assert made.output.startswith("cp_")
    with app.app_context():
        assert tokens.find(made.output.strip()) is not None
    assert "reports:write" in run.invoke(cli, ["token", "list"]).output
    assert run.invoke(cli, ["token", "revoke", "1"]).exit_code == 0
    assert "revoked" in run.invoke(cli, ["token", "list"]).output
    assert run.invoke(cli, ["token", "revoke", "1"]).exit_code == 1
    assert run.invoke(cli, ["token", "add", "no@one.example", "--scope", "reports:write"]).exit_code == 1
    assert run.invoke(cli, ["token", "add", "bot@member.example", "--scope", "all"]).exit_code == 2


def test_too_many_reports_are_put_off(app: Flask, client: FlaskClient) -> None:
    here = config.current()
    config.use(replace(here, reports_per_hour=2))
    answers = [send(client) for _ in range(3)]
    told = token(app, Scope.REPORTS_WRITE)
    assert [each.status_code for each in answers] == [201, 201, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 3601
    assert answers[2].content_type == "application/problem+json"
    assert send(client, Authorization=f"Bearer {told}").status_code == 201
    config.use(here)


def test_without_redis_a_report_is_taken_all_the_same(
    app: Flask, client: FlaskClient, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = config.current()
    config.use(replace(here, redis_url="unix:///nowhere/redis.sock"))
    answer = send(client)
    config.use(here)
    assert answer.status_code == 201
    with app.app_context(), clock.turned_to(clock.now() + timedelta(minutes=5)):
        number = answer.get_json()["number"]
        assert status.look_up(number, status.secret_of(number)) is not None


def test_the_description_is_valid_and_says_what_is_there(app: Flask, client: FlaskClient) -> None:
    told: dict[str, Any] = client.get("/api/openapi.json").get_json()
    validate(told)
    rules = {rule.rule.replace("<", "{").replace(">", "}") for rule in app.url_map.iter_rules()}
    ours = {rule for rule in rules if rule.startswith("/api/v1/")} - {"/api/v1/sms"}  # for the gateway alone
    assert set(told["paths"]) == ours
    jsonschema.validate(FULL, told["components"]["schemas"]["Report"])
    receipt = send(client).get_json()
    jsonschema.validate(receipt, told["components"]["schemas"]["Receipt"])


def test_every_field_of_a_report_is_described() -> None:
    made_here = {"together"}
    assert {each.name for each in fields(Submission)} - made_here == set(report_schema.report()["properties"]) - {
        "files"
    }


SPEAKING = Flask("speaking")
Babel(SPEAKING)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text("ab\0é", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(sorted(report_schema.report()["properties"]))


@given(st.dictionaries(NAMES, ANYTHING, max_size=6))
@hypothesis_settings(max_examples=200)
def test_what_we_refuse_is_what_the_description_refuses(told: dict[str, Any]) -> None:
    """Times, e-mail addresses and control characters we check more closely than the description can say."""
    closer = ("/occurred_at", "/discovered_at", "/email")
    schema = report_schema.report()
    by_others = list(jsonschema.Draft202012Validator(schema).iter_errors(told))
    with SPEAKING.test_request_context():
        by_us = list(checking.check(told, schema))
    strict = [place for place, what in by_us if not what.startswith("holds a") and not place.endswith(closer)]
    assert bool(strict) <= bool(by_others)
    assert bool(by_others) <= bool(by_us)


def post_document(client: FlaskClient, raw: Any, kind: str, **headers: str) -> TestResponse:
    data = raw if isinstance(raw, str) else json.dumps(raw)
    return client.post(REPORTS, data=data.encode(), content_type=kind, headers=headers)


def test_iodef_of_an_overseas_team_becomes_linked_reports(
    app: Flask, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    answer = post_document(client, IODEF, "application/xml", **{"Idempotency-Key": "i"})
    told = answer.get_json()
    assert answer.status_code == 201
    assert told["reports"][0]["number"] == told["number"]
    assert post_document(client, IODEF, "application/xml", **{"Idempotency-Key": "i"}).data == answer.data
    run_jobs()
    with app.app_context():
        first, second = session.scalars(select(Report).order_by(Report.id)).all()
        assert (first.origin, first.language, second.language) == ("overseas", "en", "en")
        assert (first.details["reference"], first.details["restriction"]) == ("cert.example A-1", "TLP:AMBER")
        assert first.details["together"] == [second.number]
        assert first.ack_address == "team@cert.example"
        assert first.details["occurred_precision"] == "exact"
        assert search.find(NumberKind.REPORT, "A-1") == [first.id]
        letters = outbox.about([first.number, second.number])
        assert {each.language for each in letters} == {"en"}, "English to overseas, whatever the text is in"
        assert {each.value for each in session.scalars(select(Observable))} >= {"192.0.2.44"}


def test_stix_becomes_a_report(app: Flask, client: FlaskClient) -> None:
    assert post_document(client, STIX, "application/stix+json;version=2.1").status_code == 201
    with app.app_context():
        report = session.scalars(select(Report)).one()
        assert (report.origin, report.kind, report.reporter_email) == ("overseas", "malware", "team@cert.example")
        assert "192.0.2.5" in report.details["indicators"]


def test_a_program_with_a_token_says_whose_reports_these_are(app: Flask, client: FlaskClient) -> None:
    ours = {"Authorization": f"Bearer {token(app, Scope.REPORTS_WRITE)}"}
    for content, kind in ((STIX, "application/stix+json"), (FULL, "application/json")):
        for data, headers, code in (("mine", ours, 422), ("local", {}, 401)):
            told = client.post(f"{REPORTS}?origin={data}", data=json.dumps(content), content_type=kind, headers=headers)
            assert told.status_code == code
        assert rows(app) == (kind == "application/json") * 2
        for origin in ("proactive", "local"):
            told = client.post(f"{REPORTS}?origin={origin}", data=json.dumps(content), content_type=kind, headers=ours)
            assert told.status_code == 201
    with app.app_context():
        found = session.scalars(select(Report).order_by(Report.id)).all()
        assert [each.origin for each in found] == ["proactive", "local"] * 2
        assert {each.details["reporter_kind"] for each in found[:2]} == {"not_sure"}


def test_a_wrong_document_is_refused_with_its_place(app: Flask, client: FlaskClient) -> None:
    assert wrong(post_document(client, "<x/>", "application/xml")) == {
        "/": "is not the document that is expected here: IODEF-Document 2.00 (urn:ietf:params:xml:ns:iodef-2.0)"
    }
    assert wrong(post_document(client, {"type": "bundle"}, "application/stix+json")) == {"#/objects": "is missing"}
    assert rows(app) == 0


@pytest.mark.parametrize(("asked", "written"), [({}, "en"), ({"language": "zh-hant"}, "zh-hant")])
def test_a_team_abroad_is_written_to_in_english_unless_it_asks_otherwise(
    app: Flask, client: FlaskClient, asked: dict[str, str], written: str
) -> None:
    told = {**FULL, "description": "貴地有釣魚網站", "reporter_kind": "overseas_cert", **asked}
    assert send(client, told).status_code == 201
    with app.app_context():
        report = session.scalars(select(Report)).one()
    assert (report.origin, report.language) == ("overseas", written)
