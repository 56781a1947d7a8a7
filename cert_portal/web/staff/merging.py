"""Merging and linking cases: look first what will happen, then do it; each can be taken back."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import Form
from wtforms.fields import Field

from cert_portal.cases import family, links, merging, tags, timeline
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import Case
from cert_portal.cases.related import cases_sharing
from cert_portal.cases.visible import MergedAway, find_case, find_merged, reports_brought
from cert_portal.cases.workflow import OPEN
from cert_portal.coordination.visible import referrals_of
from cert_portal.core import numbers
from cert_portal.core.db import session
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.web.forms.fields import Line
from cert_portal.web.staff import merging_words, words
from cert_portal.web.staff.case import done, find, refused
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.forms import asked


class LinkForm(Form):
    """Another case, and what it has to do with this one."""

    other: Field = Line(limit=40)
    why_linked: Field = Line(asked(words.REFUSED["reason_missing"]), limit=500)


@desk.get("/cases/<number>/merge", Permission.HANDLE)
def merge_cases(number: str) -> Answer:
    """Which cases would go into this one, what moves, and what is left out and why. Nothing is changed."""
    case = find(number)
    boxes = request.args.getlist("others")
    told, rest = _typed(boxes)
    if case.state not in OPEN:
        return refused(number, HandlingRefused("closed"))
    return _merge_page(case, told, ["none_chosen"] if boxes and not told else [], rest[: merging.MOST])


@desk.post("/cases/<number>/merge", Permission.HANDLE)
def do_merge(number: str) -> Answer:
    """Merge them, as far as it is still possible."""
    case, told = _unmerged(number), _typed(request.form.getlist("others"))[0]
    try:
        chosen = merging.merge(case, told, me(), request.form.get("reason", "")[:500], request.form.get("seen", ""))
    except HandlingRefused as error:
        session.rollback()
        if error.reason == "closed":
            return refused(number, error)
        return _merge_page(find(number), told, [error.reason])
    said = ngettext(
        "%(num)s case was merged into this one.", "%(num)s cases were merged into this one.", len(chosen.entries)
    )
    left = [f"{each}: {merging_words.LEFT_OUT[why]}" for each, why in chosen.left_out if why != "too_many"]
    if later := len(chosen.left_out) - len(left):
        left.append(
            ngettext(
                "%(num)s is left out: one merge takes at most %(most)s.",
                "%(num)s are left out: one merge takes at most %(most)s.",
                later,
                most=merging.MOST,
            )
        )
    return done(case.number, " ".join([said, *left]))


@desk.get("/cases/<number>/original", Permission.READ_CASES)
def original_case(number: str) -> Answer:
    """A merged case as it was; one that stands for itself again is its own page."""
    if find_merged(number, me()) is None:
        return redirect(url_for("staff.case", number=find(number).number))
    return _original(_merged(number))


@desk.post("/cases/<number>/unmerge", Permission.HANDLE)
def unmerge_case(number: str) -> Answer:
    """Take a merged case out again; a second press, or somebody else's, finds it done."""
    if find_merged(number, me()) is None:
        return _stands(number)
    case = _merged(number)
    try:
        undone = merging.unmerge(case, me(), request.form.get("reason", "")[:500])
    except HandlingRefused as error:
        session.rollback()
        return _stands(number) if error.reason == "not_merged" else _original(_merged(number), [error.reason])
    said = _("The case stands for itself again.")
    if undone.stayed:
        said += " " + ngettext(
            "%(num)s report was moved since and stays where it is.",
            "%(num)s reports were moved since and stay where they are.",
            undone.stayed,
        )
    return done(case.number, said)


@desk.post("/cases/<number>/link", Permission.HANDLE)
def link_case(number: str) -> Answer:
    """Say that two cases have to do with each other."""
    case, form = _unmerged(number), LinkForm(request.form)
    other = find_case(form.other.data, me())
    if not form.validate() or other is None:
        wrong = [(each, "#why-linked") for each in form.why_linked.errors]
        wrong += [] if other else [(merging_words.REFUSED["no_case"], "#other")]
        return refused(number, None, wrong=wrong, linking=form)
    try:
        links.link(case, other, form.why_linked.data, me())
    except HandlingRefused as error:
        return refused(number, None, wrong=[(merging_words.REFUSED[error.reason], "#other")], linking=form)
    return done(number)


@desk.post("/cases/<number>/unlink", Permission.HANDLE)
def unlink_case(number: str) -> Answer:
    """Take the link away."""
    case = _unmerged(number)
    other = find_case(request.form.get("other", ""), me()) or abort(400)
    links.unlink(case, other, me())
    return done(number)


def _typed(boxes: list[str]) -> tuple[list[str], list[str]]:
    return numbers.typed("\n".join(boxes)[:20_000])


def _unmerged(number: str) -> Case:
    """The case that bears this very number; what is done to it holds the rows itself. Raises MergedAway."""
    if find_merged(number, me()):
        raise MergedAway
    return find(number)


def _stands(number: str) -> Answer:
    flash(_("The case stands for itself again already."), "done")
    return redirect(url_for("staff.case", number=find(number).number))


def _merged(number: str) -> Case:
    return find_merged(number, me()) or abort(404)


def _merge_page(case: Case, told: list[str], wrong: list[str], mistyped: Sequence[str] = ()) -> Answer:
    plan = merging.plan(case, told, me()) if told else None
    entries = plan.entries if plan else ()
    others = [case.number, *(each.case.number for each in entries)]
    alike = [each for each in cases_sharing(case, me()) if not merging.why_not(case, each[0])]
    return show(
        "merge",
        INVALID if wrong else 200,
        wrong=[(merging_words.REFUSED[each], "#typed") for each in wrong],
        case=case,
        plan=plan,
        left_out=[*(plan.left_out if plan else ()), *((each, "unknown") for each in mistyped)],
        told=told,
        reason=request.form.get("reason", "")[:500],
        typed="\n".join(each for each in told if each not in {found.number for found, _values in alike}),
        alike=alike,
        merging=merging_words,
        most=merging.MOST,
        is_more="more" in request.args,
        referrals={each.case.id: len(referrals_of(each.case, me())) for each in entries},
        turned=lambda kept: [each for each in others if each != kept.number],
    )


def _original(case: Case, wrong: list[str] | None = None) -> Answer:
    merge = family.merge_of(case) or abort(404)
    reports = reports_brought(merge, me())
    names = accounts.names()
    return show(
        "case_original",
        INVALID if wrong else 200,
        wrong=[(merging_words.REFUSED[each], "#main-content") for each in wrong or ()],
        case=case,
        into=family.standing(case),
        merge=merge,
        between=family.blocks(merge),
        reports=reports,
        owner=names.get(f"user:{case.owner_id}", ""),
        entries=timeline.of_merged(case, reports, me()),
        people=names,
        hung=tags.of_cases([case]).get(case.id, []),
    )
