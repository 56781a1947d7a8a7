"""The whole report on one page, for who knows what to tell: the same data and the same draft as the guided way."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.guidance import kinds, questions
from cert_portal.intake import drafts, observables
from cert_portal.intake.models import ReportDraft
from cert_portal.web.forms import report as forms
from cert_portal.web.forms.fields import typed_values
from cert_portal.web.forms.report import StepForm
from cert_portal.web.forms.uploads import take_files
from cert_portal.web.limits import uploading
from cert_portal.web.public import visitor
from cert_portal.web.public.blueprint import public
from cert_portal.web.public.report import INVALID, stray_post
from cert_portal.web.public.steps import STEPS

ALL: dict[str, tuple[str, type[StepForm]]] = {
    **{step.slug: (step.key, step.form) for step in STEPS if step.form is not forms.NothingAsked},
    "indicators": ("indicators_form", forms.Indicators),
}
"""Every form of the page, with the name under which the draft keeps what was typed."""


@public.get("/report/specialist")
def specialist() -> Response | str:
    """All questions, with what was answered before."""
    draft = visitor.draft()
    draft = None if draft and draft.report_number else draft
    return _page(draft, {slug: form(_typed(key, draft)) for slug, (key, form) in ALL.items()})


@public.post("/report/specialist")
@uploading
def send_specialist() -> Response | tuple[str, int] | str:
    """Keep everything that was typed, judge it, and go to the check page."""
    if away := stray_post():
        return away
    draft = visitor.draft_to_fill()
    made = {slug: form(request.form) for slug, (_key, form) in ALL.items()}
    typed = typed_values(request.form)
    for slug, form in made.items():
        valid = form.validate()
        drafts.answer(draft, {ALL[slug][0]: form.kept(typed), **(form.answers() if valid else {})})
    wrong = take_files(draft, request.files.getlist("files"))
    drafts.reserve_number(draft)
    session.commit()
    return _onward(draft, made, wrong)


@public.post("/report/specialist/recognised")
def recognised() -> str:
    """What is recognised in the text so far; nothing is kept."""
    return render_template("public/report/recognised.html", **_found(request.form.get("indicators", "")))


def _onward(draft: ReportDraft, made: dict[str, StepForm], wrong: list[str]) -> Response | tuple[str, int] | str:
    then = request.form.get("then", "")
    if then in set(Language):
        return redirect(url_for("public.specialist", lang=then))
    if then == "save":
        return redirect(url_for("public.saved"))
    if then == "look":
        return _page(draft, made)
    if wrong or any(form.errors for form in made.values()):
        return _page(draft, made, wrong), INVALID
    return redirect(url_for("public.check"))


def _typed(key: str, draft: ReportDraft | None) -> MultiDict[str, str] | None:
    typed = draft.answers.get(key) if draft else None
    return MultiDict(typed) if typed else None


def _page(draft: ReportDraft | None, made: dict[str, StepForm], wrong: list[str] | None = None) -> str:
    shown = {"questions": made["advice"], **made}
    return render_template(
        "public/report/specialist.html",
        draft=draft,
        forms=shown,
        problems=[field for form in made.values() for field in form if field.errors],
        wrong=wrong or [],
        titles=_titles(),
        hints={},
        every=[(each, [kinds.by_code(code).name(g.language) for code in each.kinds]) for each in questions.load()],
        chosen=bool(questions.of_kind(made["what"]["kind"].data or "")),
        **_found(shown["indicators"]["indicators"].data or ""),
    )


def _titles() -> dict[str, Any]:
    named: dict[str, Any] = {step.slug: step.title for step in STEPS}
    return {**named, "indicators": forms.INDICATORS, "questions": _("Questions of the kind of incident")}


def _found(words: str) -> dict[str, Any]:
    return {"found": observables.find(words[:200_000]), "looked": bool(words.strip()), "language": g.language}
