"""The form, one question a page. What was typed is kept before it is judged; once handed in nothing changes."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from cert_portal.cases import agency
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.directory import accounts
from cert_portal.guidance import kinds, questions
from cert_portal.guidance.advice import advice_html, who_to_tell
from cert_portal.intake import drafts
from cert_portal.intake.models import ReportDraft
from cert_portal.web import frame
from cert_portal.web.forms.fields import typed_values
from cert_portal.web.forms.report import StepForm
from cert_portal.web.forms.way import Step, find
from cert_portal.web.org.gate import INVALID, Answer, Caller, act, page, show
from cert_portal.web.org.steps import STEPS


@page("/reports/<int:agency_id>/form/<step>")
def question(caller: Caller, agency_id: int, step: str) -> Answer:
    """One page of the form."""
    here, row = find(STEPS, step) or abort(404), caller.changing(agency_id)
    draft = agency.draft_of(row) if row else None
    if draft is None:
        return redirect(url_for("org.sent", agency_id=agency_id))
    return ask(caller, agency_id, here, _filled(here, draft), draft)


@act("/reports/<int:agency_id>/form/<step>")
def answer(caller: Caller, agency_id: int, step: str) -> Answer:
    """Keep what was typed, judge it, go on."""
    here, row = find(STEPS, step) or abort(404), caller.changing(agency_id)
    draft = agency.draft_of(row) if row else None
    if draft is None:
        return redirect(url_for("org.sent", agency_id=agency_id))
    form = here.form(request.form)
    valid = form.validate()
    drafts.answer(draft, {here.key: form.kept(typed_values(request.form)), **(form.answers() if valid else {})})
    aside = turn_aside(caller, agency_id, here)
    session.commit()
    return aside or (onward(agency_id, here) if valid else ask(caller, agency_id, here, form, draft, INVALID))


def ask(
    caller: Caller, agency_id: int, here: Step, form: StepForm, draft: ReportDraft, status: int = 200, **facts: Any
) -> Answer:
    """The page of a step, with how level and clock stand by the answers so far."""
    return show(
        f"form/{here.slug}",
        caller,
        status,
        step=here,
        steps=STEPS,
        form=form,
        draft=draft,
        agency_id=agency_id,
        assessed=agency.assessed(draft.answers),
        **_guidance(here, draft),
        **facts,
    )


def turn_aside(caller: Caller, agency_id: int, here: Step) -> Response | None:
    """The other buttons of a page: the same page in the other language, or come back later."""
    then = request.form.get("then", "")
    if then == "save":
        return redirect(url_for("org.home"))
    if then in set(Language):
        accounts.set_language(caller.user, then)
        same_page = url_for("org.question", agency_id=agency_id, step=here.slug, change=_change())
        return frame.remember(then, redirect(same_page))
    return None


def onward(agency_id: int, here: Step) -> Response:
    """The next page; back to the check page for who came from there."""
    if _change() or here.after is None:
        return redirect(url_for("org.check", agency_id=agency_id))
    return redirect(url_for("org.question", agency_id=agency_id, step=here.after.slug))


def _change() -> str | None:
    return "1" if request.args.get("change") else None


def _filled(here: Step, draft: ReportDraft) -> StepForm:
    """The form with what was typed here before; at first with what is known of the person."""
    typed = draft.answers.get(here.key)
    if typed:
        return here.form(MultiDict(typed))
    known = {name: draft.answers.get(name) for name in ("name", "email", "telephone")}
    return here.form(None, data=known) if here.slug == "contact" else here.form(None)


def _guidance(here: Step, draft: ReportDraft) -> dict[str, Any]:
    language = frame.language()
    if here.slug == "what":
        return {"hints": {kind.code: kind.hint(language) for kind in kinds.load()}}
    if here.slug != "details":
        return {}
    kind = kinds.by_code(draft.answers.get("kind", "not_sure"))
    return {
        "kind": kind,
        "advice": advice_html(kind.code, language),
        "bodies": who_to_tell(kind.tell, language),
        "asked": questions.of_kind(kind.code),
    }
