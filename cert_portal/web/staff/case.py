"""One case: facts, level, moves, people, timeline, letters and notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from cert_portal.cases import clocks, due, family, roster, service, tags, timeline, unsent, workflow
from cert_portal.cases.agency import impact_of
from cert_portal.cases.agency_after import of_reports
from cert_portal.cases.brief import FROM_LEVEL, sections, waits
from cert_portal.cases.labels import LabelRefused
from cert_portal.cases.links import links_of
from cert_portal.cases.models import AgencyReport, Case
from cert_portal.cases.outside import answered
from cert_portal.cases.related import cases_of_reports
from cert_portal.cases.service import AccessRefused, HandlingRefused, LetterRefused, MoveRefused, TriageRefused
from cert_portal.cases.severity import Impact
from cert_portal.cases.sightings import findings_of
from cert_portal.cases.visible import MergedAway, find_case, find_merged, find_report, hold_case, reports_of
from cert_portal.cases.workflow import OPEN, Facts, Phase, State, Verb
from cert_portal.coordination.lists import of_case, running
from cert_portal.coordination.timeline import of_case_referrals
from cert_portal.core.db import session
from cert_portal.core.tlp import unlabelled
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of
from cert_portal.intake.models import Report
from cert_portal.monitoring import findings
from cert_portal.publishing import service as publishing
from cert_portal.web import frame
from cert_portal.web.forms import agency_told, agency_words
from cert_portal.web.staff import advisory_words, brief_words, directory_words, lines, referral_words, say, words
from cert_portal.web.staff.desk import INVALID, Answer, blueprint, desk, me, show
from cert_portal.web.staff.filling import answering, correspondence, given_back
from cert_portal.web.staff.forms import (
    DescribeForm,
    JoinForm,
    LetterToForm,
    LevelForm,
    MoveForm,
    NoteForm,
)
from cert_portal.web.staff.keeping_close import warned

Refused = (AccessRefused, HandlingRefused, LabelRefused, LetterRefused, MoveRefused, TriageRefused)
BOOKS = {"book": referral_words, "adv": advisory_words, "parties": directory_words}
"""Words for what the page shows of other stages."""
TYPED = ("title", "lines", "reason", "why", "why_linked", "why_named", "override_reason", "tag")
"""Fields with words of a person in the forms that are about a case."""
DONE_BY_CLOSING = (Verb.CLOSE, Verb.DISMISS)


@desk.get("/cases/<number>", Permission.READ_CASES)
def case(number: str) -> Answer:
    """All that is known about a case; the number of a merged one leads to the case that took it in."""
    found = find(number)
    if find_merged(number, me()):
        flash(_("%(number)s was merged into this case.", number=number), "done")
        return redirect(url_for("staff.case", number=found.number))
    return page(found)


@desk.post("/cases/<number>/move", Permission.HANDLE)
def move_case(number: str) -> Answer:
    """Take the case along one line of its life."""
    found, form = hold(number), MoveForm(request.form)
    if not form.validate():
        return page(found, INVALID, moving=form)
    newer = lines.since(lines_of(found), request.form.get("seen"), *lines.WORTH_KNOWING) if form.letter.data else []
    if newer:
        return page(found, INVALID, moving=form, meanwhile={"move": newer})
    verb, reason = Verb(form.verb.data), form.reason.data
    try:
        if verb in DONE_BY_CLOSING:
            told = {"letter": form.letter.data, "reports": reports_of(found, me()), "reason": reason}
            service.close(found, verb, me(), outcome=form.outcome.data, **told)
        else:
            service.move(found, verb, me(), until=form.until.data, reason=reason)
    except (MoveRefused, LetterRefused) as error:
        return refused(number, error, moving=form)
    return done(number, _("The case is now: %(state)s", state=words.CASE_STATES[found.state]))


@desk.post("/cases/<number>/phase", Permission.HANDLE)
def set_phase(number: str) -> Answer:
    """Say in which phase the work is, forward or back."""
    found, phase = hold(number), request.form.get("phase", "")
    if phase not in set(Phase):
        abort(400)
    if newer := lines.since(lines_of(found), request.form.get("seen"), "case.phase_set"):
        return page(found, INVALID, meanwhile={"phase": newer})
    return attempt(number, lambda: service.set_phase(found, Phase(phase), me()))


@desk.post("/cases/<number>/describe", Permission.HANDLE)
def describe_case(number: str) -> Answer:
    """Title and kind."""
    found, form = hold(number), DescribeForm(request.form)
    if not form.validate():
        return page(found, INVALID, describing=form)
    if newer := lines.since(lines_of(found), request.form.get("seen"), "case.kind_set"):
        return page(found, INVALID, describing=form, meanwhile={"describe": newer})
    return attempt(number, lambda: service.describe(found, form.title.data, form.kind.data, me()))


@desk.post("/cases/<number>/take", Permission.HANDLE)
def take_case(number: str) -> Answer:
    """Make it one's own, unless somebody else got it while the page was open."""
    found = hold(number)
    if newer := lines.since(lines_of(found), request.form.get("seen"), "case.owner_set"):
        return page(found, INVALID, meanwhile={"owner": newer})
    return attempt(number, lambda: service.take(found, me()))


@desk.post("/cases/<number>/owner", Permission.HANDLE)
def give_case(number: str) -> Answer:
    """Give it to somebody, or to nobody."""
    found, told = hold(number), request.form.get("owner", "")
    owner = person(told) if told else None
    if newer := lines.since(lines_of(found), request.form.get("seen"), "case.owner_set"):
        return page(found, INVALID, meanwhile={"owner": newer})
    return attempt(number, lambda: service.give(found, owner, me()))


@desk.post("/cases/<number>/level", Permission.HANDLE)
def set_level(number: str) -> Answer:
    """Decide the level by the rules, or otherwise with a reason."""
    found, form = hold(number), LevelForm(request.form)
    if not form.validate():
        return page(found, INVALID, levelling=form)
    if newer := lines.since(lines_of(found), request.form.get("seen"), "case.level_set"):
        return page(found, INVALID, levelling=form, meanwhile={"level": newer})
    told = (form.impact(), me(), form.override_level(), form.override_reason.data)
    return attempt(number, lambda: service.set_level(found, *told), levelling=form)


@desk.post("/cases/<number>/join", Permission.TRIAGE)
def join(number: str) -> Answer:
    """Take in another report."""
    found, form = hold(number), JoinForm(request.form)
    report = find_report(form.report.data, me())
    if report is None:
        return page(found, INVALID, joining=form, wrong=[(_("There is no such report"), "#reports")])
    return warned(found, report) or attempt(number, lambda: service.attach(found, [report], me()))


def find(number: str) -> Case:
    """The case of an address, as far as the person may see it."""
    return find_case(number, me()) or abort(404)


def hold(number: str) -> Case:
    """The case of an address, to be changed: nobody else changes it until this is done. Raises MergedAway."""
    return hold_case(number, me()) or abort(404)


@blueprint.errorhandler(MergedAway)
def merged_meanwhile(_error: MergedAway) -> Answer:
    """Nothing is done to the case that took in the one of the address; letters and notes stand there as typed."""
    session.rollback()
    number = (request.view_args or {})["number"]
    told = _(
        "%(number)s was merged into this case meanwhile. Nothing was sent or saved: look at this case first.",
        number=number,
    )
    found, wrong = find(number), [(told, "#main-content")]
    match request.endpoint:
        case "staff.write_about_case" | "staff.change_planned":
            typed = given_back(found, "letter", "writing", LetterToForm(request.form))
        case "staff.note":
            typed = given_back(found, "note", "noting", NoteForm(request.form))
        case "staff.move_case":
            typed = {"moving": MoveForm(request.form)}
        case _:
            typed = {"typed": [each for name in TYPED for each in request.form.getlist(name) if each.strip()]}
    return page(found, INVALID, wrong=wrong, **typed)


def lines_of(found: Case) -> list[timeline.Entry]:
    """All lines of its timeline that the person may see, in the order in which things happened."""
    return sorted(timeline.of_case(found, me()) + of_case_referrals(found, me()), key=lambda entry: entry.at)


def person(told: str) -> User:
    """The person of that id."""
    known = {str(user.id): user for user in accounts.everybody()}
    return known.get(told) or abort(400)


def done(number: str, said: str = "") -> Answer:
    """Commit, and show the case again."""
    session.commit()
    if said:
        flash(said, "done")
    return redirect(url_for("staff.case", number=number))


def attempt(number: str, act: Callable[[], object], **forms: Any) -> Answer:
    """Do it, commit and show the case again; or show what hinders, with the forms as they were filled."""
    try:
        act()
    except Refused as error:
        return refused(number, error, **forms)
    return done(number)


def refused(number: str, error: Exception | None, **forms: Any) -> Answer:
    """Show the case again with what hinders; without an error `wrong` says it."""
    session.rollback()
    why = {"wrong": [(each, "#main-content") for each in say.why(error)]} if error else {}
    return page(find(number), INVALID, **why, **forms)


def page(found: Case, status: int = 200, **facts: Any) -> Answer:
    """The page of a case, with forms as they were filled."""
    everybody = accounts.everybody()
    reports = reports_of(found, me())
    agencies = of_reports(reports)
    entries = lines_of(found)
    known = {
        "case": found,
        "is_open": found.state in OPEN,
        "answered": answered([found], me()),
        "referrals": of_case(found, me()),
        "advisories": publishing.of_case(found),
        **BOOKS,
        "reports": reports,
        **_told(found, agencies),
        **_brief(found, reports),
        **lines.shown(entries),
        **_around(found, reports),
        **_tags(found),
        "owner": session.get(User, found.owner_id) if found.owner_id else None,
        **_people(found, everybody),
        "named": service.named(found),
        "away": roster.away(),
        **_clocks(found, entries),
        "moves": [(move, _blocked(found, move.verb)) for move in workflow.legal(found)],
        "phases": list(Phase),
        "outcomes": workflow.OUTCOMES,
        "dismissals": workflow.DISMISSALS,
    }
    return show("case", status, **{**known, **_forms(found, reports, agencies, entries), **facts})


def _forms(
    found: Case, reports: list[Report], agencies: dict[int, AgencyReport], entries: list[timeline.Entry]
) -> dict[str, Any]:
    """The forms as they begin, or as the person left them."""
    begun = unsent.of_user(found, me())
    left = {form: MultiDict(row.fields) for form, row in begun.items()}
    subject = "" if found.restricted else unlabelled(found.title)  # a title of those alone who may see the case
    return {
        "moving": MoveForm(),
        "describing": DescribeForm(title=found.title, kind=found.kind),
        "levelling": LevelForm(**_impact(found, [each.details for each in reports], agencies)),
        "noting": NoteForm(left.get("note")),
        "writing": answering(LetterToForm(left.get("letter"), subject=subject), entries),
        "joining": JoinForm(),
        "begun": begun,
    }


def _people(found: Case, everybody: Sequence[User]) -> dict[str, Any]:
    """Who may own the case and be told of it, who may be named on it, and the names of all."""
    readers = [user for user in everybody if user.active and Permission.READ_CASES in permissions_of(user.roles)]
    named = family.people(found)
    inside = [user for user in readers if user.id in named] if found.restricted else readers
    return {
        "handlers": [user for user in inside if Permission.HANDLE in permissions_of(user.roles)],
        "colleagues": inside,
        "readers": readers,
        "people": {user.actor: user.name for user in everybody},
    }


def _told(found: Case, agencies: dict[int, AgencyReport]) -> dict[str, Any]:
    """What member organisations and machines told, and the words for it."""
    seen = {"findings": findings_of(found, me()), "bodies": findings.organisations()}
    return {"agencies": agencies, "agency_book": agency_words, "agency_told": agency_told, **seen}


def _around(found: Case, reports: list[Report]) -> dict[str, Any]:
    """What went into this case, what it is linked with, and which reports belong to others too."""
    cases = cases_of_reports([report.id for report in reports], me())
    also = {key: [each for each in several if each.id != found.id] for key, several in cases.items()}
    around = {"links": links_of(found, me()), "merged": family.merged_into(found), "also": also}
    return {**around, **correspondence(found, reports)}


def _tags(found: Case) -> dict[str, Any]:
    return {"hung": tags.of_cases([found]).get(found.id, []), "tags_in_use": tags.in_use(me())}


def _brief(found: Case, reports: list[Report]) -> dict[str, Any]:
    """What the convenor is told, as it stands."""
    known = sections(found, reports, frame.language()) if (found.level or 0) >= FROM_LEVEL else {}
    return {"brief": known, "briefing": brief_words, "brief_waits": waits(found)}


def _clocks(found: Case, entries: list[timeline.Entry]) -> dict[str, Any]:
    """What is due next, or else how the case was resolved; and when it is to be."""
    rule = clocks.ruler(clocks.RESOLUTION)
    end = rule.read(found.opened_at, _solved_at(found, entries)) if rule else None
    return {"clock": due.nearest([found], me(), running(me(), [found])).get(found.id, end), "end": end}


def _solved_at(found: Case, entries: list[timeline.Entry]) -> datetime | None:
    """When the trouble was over, unless the case went on since."""
    if found.state not in (State.RESOLVED, State.CLOSED):
        return None
    return next((each.at for each in reversed(entries) if each.kind == "case.resolved"), found.closed_at)


def _blocked(found: Case, verb: Verb) -> list[str]:
    """Conditions that no field of the move's own form can meet."""
    return [name for name in workflow.missing(found, verb, Facts()) if name in ("kind", "owner", "level")]


def _impact(found: Case, details: list[dict[str, Any]], agencies: dict[int, AgencyReport]) -> dict[str, Any]:
    """The answers that were given; at first those of a member organisation, the worst one's, if there is any.

    At first the tolerable outage is the shortest that a reporter told (000-58).
    """
    worst = max(agencies.values(), key=lambda row: row.level or 0, default=None)
    proposed = impact_of(worst.facts) if worst and not found.impact else None
    told = proposed or Impact.of_json(found.impact)
    hours = [each["tolerable_hours"] for each in details if each.get("tolerable_hours") is not None]
    tolerable = told.tolerable_hours if found.impact else min(hours, default=None)
    answers = {"leaked": told.leaked.value, "tampered": told.tampered.value, "halted": told.halted.value}
    return {
        **(answers if found.impact or proposed else {}),
        "tolerable": f"{tolerable:g}" if tolerable is not None else "",
        "expected": f"{told.expected_hours:g}" if told.expected_hours is not None else "",
        "override": str(found.level) if found.level_override_reason else "",
        "override_reason": found.level_override_reason,
    }
