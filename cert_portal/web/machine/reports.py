"""Reports from programs: `POST /api/v1/reports` and how one stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, g, jsonify, request
from flask_babel import gettext as _

from cert_portal.config import current
from cert_portal.core.db import session
from cert_portal.core.i18n import Language, language_of
from cert_portal.directory import tokens
from cert_portal.directory.models import ApiToken, User
from cert_portal.directory.tokens import Scope
from cert_portal.intake import files, repeats, status
from cert_portal.intake.files import FileRefused
from cert_portal.intake.incident import DocumentRefused
from cert_portal.intake.models import Report
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Origin, Submission
from cert_portal.web import frame
from cert_portal.web.limits import guessing, limiter, source
from cert_portal.web.machine import checking, documents, report_schema
from cert_portal.web.machine.blueprint import machine
from cert_portal.web.problems import problem

WITH_TOKEN = 2000
"""Reports an hour from one token."""


@dataclass(frozen=True)
class Sent:
    """One report of a request, checked and ready to be stored."""

    submission: Submission
    files: tuple[tuple[str, bytes], ...] = ()
    origin: Origin | None = None
    language: Language | None = None
    """The one that was asked for; None where it was guessed."""


class Refused(Exception):
    """The request cannot be taken; carries the answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


def caller() -> tuple[ApiToken, User] | None:
    """Whose token the request carries; None without one or with a wrong one. Asked once a request."""
    if "token" not in g:
        told = request.headers.get("Authorization", "")
        g.token = tokens.find(told.partition(" ")[2].strip()) if told.lower().startswith("bearer ") else None
    found: tuple[ApiToken, User] | None = g.token
    return found


def _who() -> str:
    found = caller()
    return f"token {found[0].id}" if found else source()


def _how_many() -> str:
    return f"{WITH_TOKEN if caller() else current().reports_per_hour} per hour"


@machine.post("/api/v1/reports")
@limiter.limit(_how_many, key_func=_who)
def api_report() -> Response:
    """Take a report; the same Idempotency-Key gives the same answer and one row."""
    try:
        _may_write()
        sent, digest = _read()
        numbers = _once(sent, digest)
    except Refused as error:
        session.rollback()
        return error.answer
    session.commit()
    return _receipt(numbers)


@machine.get("/api/v1/reports/<number>/status")
@guessing
def api_report_status(number: str) -> Response:
    """How a report stands; a wrong pair is answered like an unknown number, in the same time."""
    found = status.look_up(number, request.args.get("secret", ""))
    if found is None:
        return problem(404, _("No report has this number and secret"))
    return jsonify(
        {
            "number": found.number,
            "state": found.state,
            "kind": found.kind,
            "language": found.language,
            "received_at": found.received_at.isoformat(),
            "first_response_at": found.first_response_at.isoformat() if found.first_response_at else None,
            "additions": [{"at": at.isoformat(), "text": words} for at, words in found.additions],
            "files": found.files,
        }
    )


def _may_write() -> None:
    if "Authorization" not in request.headers:
        return
    found = caller()
    if found is None:
        header = {"WWW-Authenticate": 'Bearer realm="api"'}
        raise Refused(problem(401, _("The token is not known, or was taken back"), headers=header))
    if Scope.REPORTS_WRITE not in found[0].scopes:
        raise Refused(problem(403, _("The token does not allow this"), f"scope {Scope.REPORTS_WRITE}"))


def _read() -> tuple[list[Sent], str]:
    """What was sent, and a digest that is the same when it is sent again."""
    origin = _origin()
    if request.mimetype == "multipart/form-data":
        return _json(request.form.get("report", "").encode("utf-8", "replace"), list(_uploaded()), origin)
    if request.mimetype == "application/json":
        return _json(request.get_data(), [], origin)
    if request.mimetype in documents.READERS:
        raw, whose = request.get_data(), origin or Origin.OVERSEAS
        sent = [Sent(each, origin=whose) for each in _document(raw, whose)]
        return sent, hashlib.sha256(raw + whose.encode()).hexdigest()
    accepted = ", ".join(["application/json", "multipart/form-data", *documents.READERS])
    raise Refused(
        problem(415, _("This kind of content is not understood"), accepted, headers={"Accept-Post": accepted})
    )


def _origin() -> Origin | None:
    """Whose reports these are, when a program with a token says so; else their content decides."""
    told = request.args.get("origin")
    if told is None:
        return None
    if caller() is None:
        raise Refused(problem(401, _("Only a program with a token may say whose reports these are")))
    if told not in set(Origin):
        raise Refused(wrong_fields([("origin", _("must be one of: %(values)s", values=", ".join(Origin)))]))
    return Origin(told)


def _document(raw: bytes, origin: Origin) -> list[Submission]:
    try:
        return documents.read(request.mimetype, raw, origin)
    except DocumentRefused as error:
        says = documents.reasons().get(error.reason, error.reason)
        detail = f"{says}: {error.detail}" if error.detail else says
        raise Refused(wrong_fields([(error.place, detail)])) from None


def _uploaded() -> Iterator[tuple[str, bytes]]:
    for each in request.files.getlist("files"):
        yield each.filename or "file", each.read()


def _json(raw: bytes, uploaded: list[tuple[str, bytes]], origin: Origin | None) -> tuple[list[Sent], str]:
    try:
        told = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused(problem(400, _("The content is not JSON"))) from None
    wrong = list(checking.check(told, report_schema.report()))
    if not wrong:
        sent = [*report_schema.files(told), *uploaded]
        wrong = list(_wrong_files(sent))
    if wrong:
        raise Refused(wrong_fields(wrong))
    kept = [(name, data) for name, data in sent if data is not None]
    marks = [hashlib.sha256(data).hexdigest() for _name, data in kept]
    whole = json.dumps([told, marks, origin], sort_keys=True).encode()
    asked = Language(told["language"]) if told.get("language") else None
    sent_one = Sent(report_schema.submission(told, _language(told)), tuple(kept), origin, asked)
    return [sent_one], hashlib.sha256(whole).hexdigest()


def _no_number(name: str) -> None:
    raise ValueError(name)


def _language(told: dict[str, Any]) -> Language:
    return language_of(told["description"])


def _wrong_files(sent: list[tuple[str, bytes | None]]) -> Iterator[checking.Found]:
    says = {
        "empty": _("is empty"),
        "too_big": _("must be smaller than %(mb)s MB", mb=current().upload_megabytes),
        "too_many": _("must not have more than %(most)s entries", most=files.MOST_FILES),
        "type_lies": _("is not the kind of file that its name says"),
        "archive_bomb": _("unpacks to far more than it should"),
    }
    for position, (name, data) in enumerate(sent):
        if data is None:
            yield f"#/files/{position}/data", _("is not base64")
            continue
        try:
            files.check(name, data, position)
        except FileRefused as error:
            yield f"#/files/{position}", says[error.code]


def wrong_fields(wrong: list[checking.Found]) -> Response:
    """The answer that names each wrong field."""
    errors = [{"pointer": pointer, "detail": detail} for pointer, detail in wrong[:100]]
    return problem(422, _("Some fields are wrong"), _("Nothing was stored: correct them and send it again."), errors)


def _once(sent: list[Sent], digest: str) -> list[str]:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return _store(sent)
    if not (0 < len(key) <= 200 and key.isascii() and key.isprintable()):
        raise Refused(problem(400, _("The Idempotency-Key must be 1 to 200 printable ASCII characters")))
    found = caller()
    who = f"token {found[0].id}" if found else ""
    try:
        before = repeats.before(who, key, digest)
    except repeats.OtherBody:
        raise Refused(problem(422, _("This Idempotency-Key was used for another request"))) from None
    if before:
        return before
    numbers = _store(sent)
    repeats.done(who, key, numbers)
    return numbers


def _store(sent: list[Sent]) -> list[str]:
    reports = [_take(each) for each in sent]
    numbers = [each.number for each in reports]
    if len(numbers) > 1:
        for each in reports:
            each.details = {**each.details, "together": [number for number in numbers if number != each.number]}
    return numbers


def _take(each: Sent) -> Report:
    report = receive(each.submission, Channel.API, origin=each.origin)
    report.language = each.language or report.language
    for filename, data in each.files:
        files.keep(filename, data, report_id=report.id)
    return report


def _receipt(numbers: list[str]) -> Response:
    """Number, secret and address of each report; the first one's at the top."""
    told = [_one(number) for number in numbers]
    answer = jsonify(told[0] if len(told) == 1 else {**told[0], "reports": told})
    answer.status_code = 201
    answer.headers["Location"] = f"{current().base_url}/api/v1/reports/{numbers[0]}/status"
    return answer


def _one(number: str) -> dict[str, str]:
    secret = status.secret_of(number)
    page = f"{current().base_url}/{frame.language().value}/status/{number}/{secret}"
    return {"number": number, "secret": secret, "status_url": page}
