"""Pages of a fax: our own pictures of them, and what they say."""

from __future__ import annotations

import io

from flask import abort, flash, redirect, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cert_portal.cases.visible import find_report
from cert_portal.core import blobs
from cert_portal.core.blobs import BlobDamaged
from cert_portal.core.db import session
from cert_portal.directory.permissions import Permission
from cert_portal.intake import transcript
from cert_portal.intake.models import FaxPage, Report
from cert_portal.web.staff.desk import Answer, desk, me


@desk.get("/reports/<number>/files/<int:file_id>/pages/<int:page>", Permission.READ_REPORTS)
def fax_page(number: str, file_id: int, page: int) -> Response:
    """The picture that we made: never the file that came."""
    _report, found = _found(number, file_id, page)
    try:
        data = blobs.get(found.blob_key)
    except (FileNotFoundError, BlobDamaged):
        abort(404)
    return send_file(io.BytesIO(data), "image/png")


@desk.post("/reports/<number>/files/<int:file_id>/pages/<int:page>", Permission.ANSWER)
def transcribe(number: str, file_id: int, page: int) -> Answer:
    """What the page says, from a person."""
    report, found = _found(number, file_id, page)
    transcript.save(report, found, request.form.get("text", ""), me())
    session.commit()
    flash(_("The words of the page were saved."), "done")
    return redirect(url_for("staff.report", number=report.number, _anchor="pages"))


def _found(number: str, file_id: int, page: int) -> tuple[Report, FaxPage]:
    report = find_report(number, me()) or abort(404)
    return report, transcript.find(report, file_id, page) or abort(404)
