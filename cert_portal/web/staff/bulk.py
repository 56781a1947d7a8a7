"""One act on many cases, in two steps: look what will happen, then do it; undone where that is possible."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from cert_portal.cases import bulk, bulk_after, merging, queue, wording
from cert_portal.cases.bulk import ENDS, Act, Plan, Wish
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import BulkRun
from cert_portal.cases.outside import answered
from cert_portal.cases.query import QueryRefused, Term, parse
from cert_portal.cases.queue import Sort
from cert_portal.cases.visible import standing_numbers
from cert_portal.cases.workflow import DISMISSALS, OUTCOMES
from cert_portal.config import current
from cert_portal.coordination.lists import still_asked
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.numbers import normalise
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff import words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, moment_told, show

OPEN_ONLY = (Term("is", ":", "open"),)
"""What a merge takes of all that match: closed cases cannot be merged, and those that were merged would come again."""


@desk.post("/cases/bulk", Permission.HANDLE)
def preview_bulk() -> Answer:
    """Which cases it concerns, and which it leaves out and why. Nothing is changed."""
    if request.form.get("act") == "merge":
        return _to_merge(_numbers(oldest=True, only=OPEN_ONLY))
    numbers, wish = _numbers(), _wish()
    if not numbers:
        return _page(numbers, wish, ["none_chosen"])
    if wish.act in ENDS and "value" not in request.form:
        return _page(numbers, wish, [], 200)
    try:
        plan = bulk.plan(numbers, wish, me())
    except HandlingRefused as error:
        return _page(numbers, wish, [error.reason])
    if wish.act in ENDS and not plan.cases:
        return _page(numbers, wish, ["none_ends"], look=plan)
    post = bulk_after.post_of_plan(plan.cases, wish.letter, me()) if wish.act in ENDS else None
    facts = {"reasons": _reasons_of(plan), **_letters(plan), **_asked(plan), **_more(numbers), **_facts()}
    numbers = [case.number for case in plan.cases]
    return show("bulk", numbers=numbers, wish=plan.wish, plan=plan, post=post, seen=clock.now(), **facts)


@desk.post("/cases/bulk/do", Permission.HANDLE)
def do_bulk() -> Answer:
    """Do it, as far as it is still possible."""
    numbers, wish = _numbers(), _wish()
    try:
        run = bulk.do(bulk.plan(numbers, wish, me(), hold=True), me(), _left_out(numbers))
    except HandlingRefused as error:
        session.rollback()
        return _page(numbers, wish, [error.reason])
    session.commit()
    return redirect(url_for("staff.bulk_run", run_id=run.id))


@desk.get("/cases/bulk/<int:run_id>", Permission.HANDLE)
def bulk_run(run_id: int) -> Answer:
    """What was done to which case."""
    run = _run(run_id)
    done, told = bulk.seen(run, me())
    left_out, kept = bulk_after.apart(told)
    facts = {"post": bulk_after.post_of_run(run, me()), "recent": bulk_after.recent(me()), **_facts()}
    facts |= {"kept": kept, "left_out": _reasons(left_out), "standing": bulk_after.standing(run, done)}
    return show("bulk_done", run=run, done=done, tells_value=bool(done) or run.user_id == me().id, **facts)


@desk.post("/cases/bulk/<int:run_id>/undo", Permission.HANDLE)
def undo_bulk(run_id: int) -> Answer:
    """Put back what nobody changed since."""
    count = bulk.undo(_run(run_id), me())
    session.commit()
    if count is None:
        flash(_("It was undone already."), "note")
    else:
        flash(ngettext("%(num)s case is as it was.", "%(num)s cases are as they were.", count), "done")
    return redirect(url_for("staff.bulk_run", run_id=run_id))


def _to_merge(told: list[str]) -> Answer:
    """Lead to the look at a merge: the oldest that is open stays."""
    into = merging.to_keep(told[: bulk.MOST], me())
    if into is None:
        flash(_("Choose at least one case that is open."), "note")
        return redirect(url_for("staff.list_cases", q=request.form.get("q")))
    others = [each for each in told if each != into]
    more = "y" if others[merging.MOST :] else None
    return redirect(url_for("staff.merge_cases", number=into, others=others[: merging.MOST], more=more))


def _numbers(*, oldest: bool = False, only: tuple[Term, ...] = ()) -> list[str]:
    """Those that were ticked, or all that match, of these `only` some: one more than can be done at once, so that it is
    seen.
    """
    if "everything" not in request.form:
        told = list(dict.fromkeys(request.form.getlist("numbers")))
        return sorted(told, key=lambda each: (each[1:3], each)) if oldest else told
    try:
        query = parse(request.form.get("q", ""), whole=True).with_(*only)
        return queue.numbers(query, me(), bulk.MOST + 1, Sort.OLDEST if oldest else Sort.NEWEST)
    except QueryRefused:
        abort(400)


def _left_out(numbers: list[str]) -> list[tuple[str, str]]:
    """What was left out when the person looked, with why, as the page of the look tells it."""
    told = dict(each.partition(" ")[::2] for each in request.form.getlist("left_out")[: bulk.MOST])
    known = {number: why for number, why in told.items() if normalise(number) == number and why in words.REFUSED}
    return [(number, why) for number, why in known.items() if number not in numbers]


def _reasons_of(plan: Plan) -> dict[str, str]:
    return _reasons((case.number, why) for case, why in plan.left_out)


def _reasons(left_out: Iterable[tuple[str, str]]) -> dict[str, str]:
    """In words why each of these was left out; of a case that was merged also into which, if the person may see it."""
    told = dict(left_out)
    into = standing_numbers([number for number, why in told.items() if why == "merged"], me())
    merged = {number: _("It was merged into %(number)s.", number=other) for number, other in into.items()}
    return {number: merged.get(number) or str(words.REFUSED[why]) for number, why in told.items()}


def _wish() -> Wish:
    told = request.form
    if told.get("act") not in set(Act):
        abort(400)
    act = Act(told["act"])
    box = "value" if "value" in told or act in ENDS else "owner" if act is Act.GIVE else "tag"
    words = told.get(box, ""), told.get("letter", ""), told.get("reason", "")
    return Wish(act, *words, seen=moment_told("seen"))


def _run(run_id: int) -> BulkRun:
    return bulk.run_of(run_id, me()) or abort(404)


def _page(
    numbers: list[str], wish: Wish, refused: list[str], status: int = INVALID, look: Plan | None = None
) -> Answer:
    """What is still to be said; for an end with the cases that it concerns and those that it leaves out. Until the page
    tells why some are left out, the first look counts.
    """
    seen = wish.seen if look is None and wish.seen else clock.now()
    if numbers and wish.act in ENDS and look is None:
        look = bulk.look(numbers, wish.act, me())
    asks = bool(numbers) and (wish.act in (Act.TAG, Act.UNTAG) or bool(look and (look.cases or wish.value)))
    wrong = [(words.REFUSED[reason], "#value" if asks else "#main-content") for reason in refused]
    facts = {"look": look, "seen": seen, **_more(numbers), **_facts()}
    facts |= {"reasons": _reasons_of(look), **_asked(look)} if look else {"reasons": {}}
    return show("bulk", status, wrong=wrong, numbers=numbers[: bulk.MOST], wish=wish, plan=None, **facts)


def _more(numbers: list[str]) -> dict[str, Any]:
    return {"most": bulk.MOST, "is_more": len(numbers) > bulk.MOST}


def _asked(plan: Plan) -> dict[str, Any]:
    """Which of the cases to be closed wait for the answer of a party, as it may come afterwards, and in which the other
    side has answered and nobody has read that.
    """
    if plan.wish.act not in ENDS:
        return {"asked": set(), "answered": set()}
    return {"asked": still_asked(plan.cases, me()), "answered": answered(plan.cases, me())}


def _letters(plan: Plan) -> dict[str, Any]:
    """What is needed to show the letters of an end before they leave."""
    if plan.wish.act not in ENDS or not plan.wish.letter.strip():
        return {}
    samples = bulk_after.samples_of_plan(plan.cases, plan.wish.letter, me())
    return {"samples": samples, "signs": bool(current().desk_key), "pieces": wording.pieces}


def _facts() -> dict[str, Any]:
    return {"names": accounts.names(), "outcomes": OUTCOMES, "dismissals": DISMISSALS}
