"""The report, one question per page. What was typed is kept with the draft before it is judged."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.guidance import kinds, questions
from cert_portal.guidance.advice import advice_html, who_to_tell
from cert_portal.intake import drafts
from cert_portal.intake.models import ReportDraft
from cert_portal.web.forms.fields import typed_values
from cert_portal.web.forms.report import StepForm
from cert_portal.web.forms.way import Step, find
from cert_portal.web.limits import guessing
from cert_portal.web.public import visitor
from cert_portal.web.public.blueprint import public
from cert_portal.web.public.steps import STEPS

INVALID = 422


@public.get("/report/")
def start() -> str:
    """What the service does, how long it takes, what is needed, and the other ways."""
    return render_template("public/report/start.html", draft=visitor.draft())


@public.get("/report/resume/<token>")
@guessing
def resume(token: str) -> Response | str:
    """Come back to a report on any device (14 days)."""
    draft = drafts.open_draft(token)
    if draft is None:
        return render_template("public/report/resume_failed.html")
    visitor.remember(token)
    onto = url_for("public.sent") if draft.report_number else url_for("public.question", slug=_first_open(draft))
    return redirect(onto)


@public.get("/report/saved")
def saved() -> Response | str:
    """The link that leads back to the report."""
    draft = visitor.draft()
    if draft is None or draft.report_number:
        return redirect(url_for("public.start"))
    return render_template("public/report/saved.html", draft=draft, token=drafts.token_of(draft))


@public.get("/report/<slug>")
def question(slug: str) -> Response | str:
    """One page of the report."""
    step = find(STEPS, slug) or abort(404)
    draft = visitor.draft()
    stray = stray_from(step, draft)
    return stray or ask(step, step.form(kept(step, draft)), draft)


@public.post("/report/<slug>")
def answer(slug: str) -> Response | tuple[str, int]:
    """Keep what was typed, judge it, go on."""
    step = find(STEPS, slug) or abort(404)
    aside = turn_aside(step)
    if away := stray_post() or (aside if step is STEPS[0] else None):
        return away
    draft = visitor.draft_to_fill()
    form = step.form(request.form)
    valid = form.validate()
    drafts.answer(draft, {step.key: form.kept(typed_values(request.form))})
    if valid and not aside:
        drafts.answer(draft, form.answers())
        draft.language = draft.answers.get("language", draft.language)
        if step.reserves:
            drafts.reserve_number(draft)
    session.commit()
    return aside or (onward(step) if valid else (ask(step, form, draft), INVALID))


def ask(step: Step, form: StepForm, draft: ReportDraft | None) -> str:
    """The page of a step."""
    return render_template(
        f"public/report/{step.slug}.html", step=step, steps=STEPS, form=form, draft=draft, **_guidance(step, draft)
    )


def kept(step: Step, draft: ReportDraft | None) -> MultiDict[str, str] | None:
    """What was typed here before, as a form sends it."""
    typed = draft.answers.get(step.key) if draft else None
    return MultiDict(typed) if typed else None


def stray_from(step: Step, draft: ReportDraft | None) -> Response | None:
    """Who comes by a bookmark or the back button: after sending to the confirmation, without a report to the start."""
    if step is STEPS[0]:
        return None
    if draft is None:
        return redirect(url_for("public.start"))
    return redirect(url_for("public.sent", already=1)) if draft.report_number else None


def stray_post() -> Response | None:
    """A page that was still open when the report was sent leads to the confirmation: number and secret stand nowhere
    else. Only the first page, opened since, begins another report: it names the one that was sent.
    """
    draft = visitor.draft()
    if draft is None or not draft.report_number or request.form.get("anew") == draft.report_number:
        return None
    return redirect(url_for("public.sent", already=1))


def turn_aside(step: Step) -> Response | None:
    """The other buttons of a page: the same page in the other language, or save and come back later."""
    then = request.form.get("then", "")
    if then == "save":
        return redirect(url_for("public.saved"))
    if then in set(Language):
        return redirect(url_for("public.question", slug=step.slug, lang=then, change=_change()))
    return None


def onward(step: Step) -> Response:
    """The next page; back to the check page for who came from there."""
    if _change() or step.after is None:
        return redirect(url_for("public.check"))
    return redirect(url_for("public.question", slug=step.after.slug))


def _change() -> str | None:
    return "1" if request.args.get("change") else None


def _guidance(step: Step, draft: ReportDraft | None) -> dict[str, object]:
    if step.slug == "what":
        return {"hints": {kind.code: kind.hint(g.language) for kind in kinds.load()}}
    if step.slug != "advice" or draft is None:
        return {}
    kind = kinds.by_code(draft.answers.get("kind", "not_sure"))
    return {
        "kind": kind,
        "advice": advice_html(kind.code, g.language),
        "bodies": who_to_tell(kind.tell, g.language),
        "asked": questions.of_kind(kind.code),
    }


def _first_open(draft: ReportDraft) -> str:
    """The first page that was not answered yet, or the last one."""
    return next((step.slug for step in STEPS[1:] if step.key not in draft.answers), STEPS[-1].slug)
