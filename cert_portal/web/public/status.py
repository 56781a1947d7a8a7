"""How a report stands: by its number and its secret, no account. A wrong pair is answered like an unknown number."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.guidance import kinds
from cert_portal.intake import status as reports
from cert_portal.intake.files import FileRefused
from cert_portal.intake.status import ReportStatus
from cert_portal.web import codes
from cert_portal.web.forms import words
from cert_portal.web.forms.status import AddToReport, FindReport
from cert_portal.web.forms.uploads import read_files, why_refused
from cert_portal.web.limits import guessing
from cert_portal.web.public.blueprint import public
from cert_portal.web.public.report import INVALID

STATES = codes.REPORTER_STATES


@public.get("/status")
def status() -> str:
    """Ask for number and secret."""
    return render_template("public/status.html", form=FindReport(), wrong=False)


@public.post("/status")
@guessing
def find_status() -> Response | tuple[str, int]:
    """To the report's own page."""
    form = FindReport(request.form)
    found = form.validate() and reports.look_up(form.number.data, form.secret.data)
    if not found:
        return render_template("public/status.html", form=form, wrong=not form.errors), INVALID
    return redirect(url_for("public.status_of", number=form.number.data, secret=form.secret.data))


@public.get("/status/<number>/<secret>")
@guessing
def status_of(number: str, secret: str) -> str | tuple[str, int]:
    """One report: where it stands, since when, what was added."""
    found = reports.look_up(number, secret)
    return _page(found, secret, AddToReport(), []) if found else _unknown(number)


@public.post("/status/<number>/<secret>")
@guessing
def add_to_report(number: str, secret: str) -> Response | tuple[str, int]:
    """Words and files that come after the report."""
    found = reports.look_up(number, secret)
    if found is None:
        return _unknown(number)
    files = read_files(request.files.getlist("files"))
    form = AddToReport(request.form, has_files=bool(files))
    if not form.validate():
        return _page(found, secret, form, []), INVALID
    try:
        reports.add_information(number, secret, form.text.data, files)
    except FileRefused as error:
        session.rollback()
        return _page(found, secret, form, [why_refused(error, _(", ").join(name for name, _data in files))]), INVALID
    session.commit()
    return redirect(url_for("public.status_of", number=number, secret=secret, added=1))


@public.get("/status/<number>/<secret>/consents")
@guessing
def consents(number: str, secret: str) -> str | tuple[str, int]:
    """What was allowed, and what taking it back means, before it is done."""
    found = reports.look_up(number, secret)
    if found is None:
        return _unknown(number)
    return render_template("public/status_consents.html", found=found, secret=secret, names=words.CONSENTS)


@public.post("/status/<number>/<secret>/consents")
@guessing
def withdraw_consents(number: str, secret: str) -> Response | tuple[str, int]:
    """Take back all that was allowed."""
    if not reports.withdraw_consents(number, secret):
        return _unknown(number)
    session.commit()
    return redirect(url_for("public.status_of", number=number, secret=secret, withdrawn=1))


@public.post("/status/<number>/<secret>/language")
@guessing
def choose_language(number: str, secret: str) -> Response | tuple[str, int]:
    """The language of our letters."""
    wanted = request.form.get("language", "")
    if wanted not in set(Language):
        abort(400)
    if not reports.choose_language(number, secret, Language(wanted)):
        return _unknown(number)
    session.commit()
    return redirect(url_for("public.status_of", number=number, secret=secret, spoken=1))


def _page(found: ReportStatus, secret: str, form: AddToReport, wrong: list[str]) -> str:
    return render_template(
        "public/status_of.html",
        found=found,
        secret=secret,
        form=form,
        wrong=wrong,
        kind=kinds.named(found.kind, g.language),
        state=found.state,
        states=STATES,
        names=words.CONSENTS,
    )


def _unknown(number: str) -> tuple[str, int]:
    return render_template("public/status.html", form=FindReport(data={"number": number}), wrong=True), 404
