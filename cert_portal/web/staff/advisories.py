"""Advisories at the editors' desk: draft in both languages, second reader, what is published, update, withdrawal."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from cert_portal.core.db import session
from cert_portal.core.events import Event, of_subjects
from cert_portal.core.i18n import Language
from cert_portal.core.prose import to_html
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.monitoring import service as watch
from cert_portal.publishing import service
from cert_portal.publishing.content import Content, digest, missing
from cert_portal.publishing.models import Advisory, AdvisoryState, AdvisoryVersion, RiskLevel
from cert_portal.publishing.text import LEVELS
from cert_portal.publishing.workflow import AdvisoryRefused, wrote
from cert_portal.web.forms.days import BadMoment, read_local
from cert_portal.web.frame import bracketed
from cert_portal.web.staff import advisory_words as words
from cert_portal.web.staff.advisory_forms import AdvisoryForm
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show

BOTH = list(Language)
SHOWN_PARTS = ("going_on", "affected", "workaround", "signs")


@desk.get("/advisories", Permission.READ_ADVISORIES)
def advisories() -> Answer:
    """What is at hand, then what is published."""
    rows = select(Advisory, AdvisoryVersion).join(AdvisoryVersion, AdvisoryVersion.advisory_id == Advisory.id)
    rows = rows.where(AdvisoryVersion.state != AdvisoryState.SUPERSEDED).order_by(AdvisoryVersion.id.desc()).limit(200)
    found = [(advisory, version, Content.of_json(version.content)) for advisory, version in session.execute(rows)]
    at_hand = [each for each in found if each[1].state in service.AT_HAND]
    return _show(
        "advisories", at_hand=at_hand, done=[each for each in found if each not in at_hand], items=watch.waiting()
    )


@desk.post("/advisories/new", Permission.WRITE_ADVISORIES)
def new_advisory() -> Answer:
    """Begin one, perhaps from a case."""
    version = service.draft(me(), cases=request.form.get("cases", "").split())
    session.commit()
    return _to(version)


@desk.get("/advisories/<int:version_id>", Permission.READ_ADVISORIES)
def advisory(version_id: int) -> Answer:
    """One version: words in both languages, what is next, what happened."""
    return _page(_found(version_id))


@desk.get("/advisories/<int:version_id>/edit", Permission.WRITE_ADVISORIES)
def edit_advisory(version_id: int) -> Answer:
    """Both languages side by side."""
    version = _found(version_id)
    if version.state != AdvisoryState.DRAFT:
        return redirect(url_for("staff.advisory", version_id=version_id))
    content = Content.of_json(version.content)
    return _edit(version, AdvisoryForm.of(content), digest(content))


@desk.post("/advisories/<int:version_id>/edit", Permission.WRITE_ADVISORIES)
def save_advisory(version_id: int) -> Answer:
    """Keep the words; somebody else's are never overwritten."""
    version, form = _found(version_id), AdvisoryForm.posted(request.form)
    seen = request.form.get("seen", "")
    content = form.content()
    if content is None:
        return _edit(version, form, seen, INVALID)
    try:
        service.change(version, content, seen, me())
    except AdvisoryRefused as error:
        session.rollback()
        version = _found(version_id)
        theirs = Content.of_json(version.content)
        facts = {"theirs": AdvisoryForm.of(theirs).boxes if error.reason == "changed_meanwhile" else None}
        return _edit(version, form, digest(theirs), INVALID, wrong=[(_why(error, version), "#main-content")], **facts)
    session.commit()
    flash(_("The draft is stored."), "done")
    return _to(version)


@desk.post("/advisories/<int:version_id>/submit", Permission.WRITE_ADVISORIES)
def submit_advisory(version_id: int) -> Answer:
    """Give it to the second reader."""
    return _step(version_id, lambda version: service.submit(version, me()), _("The second reader has it now."))


@desk.post("/advisories/<int:version_id>/return", Permission.APPROVE_ADVISORIES)
def return_advisory(version_id: int) -> Answer:
    """Back to the editors with a word why."""
    return _give_back(version_id)


@desk.post("/advisories/<int:version_id>/take-back", Permission.WRITE_ADVISORIES)
def take_back_advisory(version_id: int) -> Answer:
    """An editor wants to change something before it is signed."""
    return _give_back(version_id)


def _give_back(version_id: int) -> Answer:
    why = request.form.get("why", "")
    return _step(version_id, lambda version: service.give_back(version, why, me()), _("It is a draft again."))


@desk.post("/advisories/<int:version_id>/approve", Permission.APPROVE_ADVISORIES)
def approve_advisory(version_id: int) -> Answer:
    """Approve exactly what stood on the page; the publication job does the rest."""
    try:
        embargo = read_local(request.form.get("embargo", ""))
    except BadMoment as error:
        return _page(_found(version_id), INVALID, wrong=[(error, "#embargo")])
    session.rollback()
    try:
        ends = service.key_end()
    except AdvisoryRefused as error:
        return _refused(version_id, error)
    seen = request.form.get("seen", "")
    said = _("Approved. It is published when the embargo ends.") if embargo else _("Approved. It is being signed.")
    return _step(version_id, lambda version: service.approve(version, seen, ends, me(), embargo=embargo), said)


@desk.post("/advisories/<int:version_id>/update", Permission.WRITE_ADVISORIES)
def update_advisory(version_id: int) -> Answer:
    """A next version, or a withdrawal, under the same id."""
    withdrawal = request.form.get("withdrawal") == "y"
    try:
        version = service.begin_update(_found(version_id).advisory, me(), withdrawal=withdrawal)
    except AdvisoryRefused as error:
        return _refused(version_id, error)
    session.commit()
    return redirect(url_for("staff.edit_advisory", version_id=version.id))


def _step(version_id: int, verb: Any, said: str) -> Answer:
    version = _found(version_id)
    try:
        verb(version)
    except AdvisoryRefused as error:
        return _refused(version_id, error)
    session.commit()
    flash(said, "done")
    return _to(version)


def _refused(version_id: int, error: AdvisoryRefused) -> Answer:
    session.rollback()
    version = _found(version_id)
    return _page(version, INVALID, wrong=[(_why(error, version), "#main-content")])


def _why(error: AdvisoryRefused, version: AdvisoryVersion) -> str:
    told = error.told
    if error.reason == "incomplete":
        told = _(", ").join(_part(each, version) for each in told.split(", "))
    return str(words.REFUSED[error.reason]) % {"told": told}


def _part(part: str, version: AdvisoryVersion) -> str:
    language, _colon, name = part.partition(":")
    told = words.part(name, version.change)
    where = {"en": _("English"), "zh-hant": _("Chinese")}.get(language, "")
    return f"{told}{bracketed(where)}" if where else told


def _found(version_id: int) -> AdvisoryVersion:
    return session.get(AdvisoryVersion, version_id) or abort(404)


def _to(version: AdvisoryVersion) -> Answer:
    return redirect(url_for("staff.advisory", version_id=version.id))


def _edit(version: AdvisoryVersion, form: AdvisoryForm, seen: str, status: int = 200, **facts: Any) -> Answer:
    wrong = [*facts.pop("wrong", []), *((_line(each, version), f"#{each.field}") for each in form.wrong)]
    more = {"boxes": form.boxes, "seen": seen, "theirs": None, "wrong": wrong, "texts": _texts(version)}
    return _show("advisory_edit", status, version=version, **{**more, **facts})


def _line(error: Any, version: AdvisoryVersion) -> str:
    part = words.part(error.field.removesuffix("_en").removesuffix("_zh-hant"), version.change)
    return str(words.LINES[error.reason]) % {"part": part, "line": error.line}


def _texts(version: AdvisoryVersion) -> list[str]:
    names = [name for name in words.PARTS if name in ("title", *words.ROWS)]
    return names if version.version > 1 else [name for name in names if name != "changed"]


def _page(version: AdvisoryVersion, status: int = 200, **facts: Any) -> Answer:
    content = Content.of_json(version.content)
    sides = [_side(content, language, version.withdrawal) for language in BOTH]
    known = {
        "version": version,
        "versions": service.of(version.advisory),
        "content": content,
        "sides": sides,
        "seen": digest(content),
        "lacking": [_part(":".join(each), version) for each in missing(content, version.version)],
        "wrote": wrote(me(), version),
        "embargo": request.form.get("embargo", ""),
        "entries": _story(version.advisory.public_id),
        "people": accounts.names(),
        "editors": [accounts.names().get(actor, actor) for actor in version.editors],
    }
    return _show("advisory", status, **{**known, **facts})


def _story(public_id: str) -> list[Event]:
    """What happened, in order. The moment of issue is a whole second: within one the order of the record counts."""
    return sorted(of_subjects([public_id]), key=lambda event: (event.at.replace(microsecond=0), event.id))


def _side(content: Content, language: Language, withdrawal: bool) -> dict[str, Any]:
    """One language as its readers will see it, headings included."""
    told = content[language]
    with force_locale(language.locale):
        headings = {name: str(words.PARTS[name]) for name in ("to_do", *SHOWN_PARTS)}
        above = _("This advisory is withdrawn") if withdrawal else _("What has changed")
    return {
        "language": language,
        "told": told,
        "above": above,
        "asked": headings["to_do"],
        "to_do": to_html(told.to_do),
        "parts": [
            (f"{name}-{language.value}", headings[name], to_html(getattr(told, name)))
            for name in SHOWN_PARTS
            if getattr(told, name)
        ],
    }


def _show(template: str, status: int = 200, **facts: Any) -> Answer:
    levels = LEVELS[_language()]
    return show(template, status, adv=words, levels=list(RiskLevel), level_words=levels, both=BOTH, **facts)


def _language() -> Language:
    return Language(me().language)
