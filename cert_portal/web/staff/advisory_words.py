"""What codes of advisories, subscriptions and sources are called on the staff pages."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from cert_portal.publishing.models import AdvisoryState
from cert_portal.web.forms.words import Words

STATES: Words = {
    AdvisoryState.DRAFT: _l("Draft"),
    AdvisoryState.IN_REVIEW: _l("With the second reader"),
    AdvisoryState.APPROVED: _l("Approved, being signed"),
    AdvisoryState.EMBARGOED: _l("Approved, under embargo"),
    AdvisoryState.PUBLISHED: _l("Published"),
    AdvisoryState.SUPERSEDED: _l("Replaced by a later version"),
    AdvisoryState.WITHDRAWN: _l("Withdrawn"),
}
STATE_COLOURS: Words = {
    AdvisoryState.DRAFT: "grey",
    AdvisoryState.IN_REVIEW: "yellow",
    AdvisoryState.APPROVED: "blue",
    AdvisoryState.EMBARGOED: "purple",
    AdvisoryState.PUBLISHED: "green",
    AdvisoryState.WITHDRAWN: "red",
}
CHANGES: Words = {"new": _l("New advisory"), "update": _l("Update"), "withdrawal": _l("Withdrawal")}
PARTS: Words = {
    "title": _l("Title"),
    "summary": _l("In one sentence"),
    "to_do": _l("What to do now"),
    "going_on": _l("What is going on"),
    "affected": _l("Who is affected"),
    "workaround": _l("If you cannot update"),
    "signs": _l("How to notice an attack"),
    "changed": _l("What has changed"),
    "products": _l("Products"),
    "vulnerabilities": _l("Vulnerabilities"),
    "references": _l("Sources"),
}
WHY = _l("Why it is withdrawn")
ROWS: Words = {"summary": 2, "changed": 3, "to_do": 6, "going_on": 7, "affected": 3, "workaround": 4, "signs": 4}
OPTIONAL = ("workaround", "signs", "products", "vulnerabilities")
REFUSED: Words = {
    "wrong_state": _l("This version has moved on since you opened the page. Look at its state and choose again."),
    "own_words": _l("You had a hand in these words. Somebody else must read and approve them."),
    "changed_meanwhile": _l("Somebody else saved in between. What you typed is kept below; theirs stands beside it."),
    "changed_while_reading": _l("The words were changed since you opened the page. Read them again."),
    "incomplete": _l("Still missing: %(told)s"),
    "key_expires": _l("The publication key ends on %(told)s. Renew it first: what is signed must stay checkable."),
    "no_key": _l("There is no publication key that could sign this."),
    "unfinished_version": _l("There is a version at hand already. Finish that one first."),
    "not_published": _l("Only what is published can be updated or withdrawn."),
    "embargo_past": _l("The embargo must end in the future."),
    "embargo_far": _l("The embargo must end within a year."),
}
LINES: Words = {
    "too_long": _l("%(part)s: too long"),
    "too_many": _l("%(part)s: more than 200 lines"),
    "twice": _l("%(part)s: the same number stands there twice"),
    "bad_line": _l("%(part)s: line %(line)s cannot be read. Compare it with the example."),
}
SUBSCRIBERS: Words = {
    "active": _l("Active"),
    "pending": _l("Not confirmed yet"),
    "suspended": _l("Suspended: mail came back"),
    "ended": _l("Have left"),
}
SOURCES: Words = {
    "no_name": _l("Enter a name"),
    "bad_address": _l("Enter an address that begins with http:// or https://"),
    "address_taken": _l("This address is watched already"),
    "not_new": _l("Somebody has dealt with this item in the meantime."),
}
TROUBLES: Words = {
    "bad_address": _l("is no web address"),
    "not_public": _l("leads into a network that is not public"),
    "away": _l("does not answer"),
    "too_slow": _l("answers too slowly"),
    "too_big": _l("is too big"),
    "too_many_redirects": _l("leads in a circle"),
    "no_feed": _l("is no feed"),
}
EVENTS: Words = {
    "advisory.drafted": _l("Writing began"),
    "advisory.changed": _l("Words changed"),
    "advisory.submitted": _l("Given to the second reader"),
    "advisory.returned": _l("Given back to the editors"),
    "advisory.approved": _l("Approved"),
    "advisory.published": _l("Signed and published"),
    "advisory.publication_failed": _l("Signing failed"),
    "advisory.withdrawn": _l("Withdrawn"),
    "advisory.announced": _l("Subscribers told"),
}
MAILINGS: Words = {"advisory": _l("Advisory"), "digest": _l("Digest")}


def part(name: str, change: str) -> str:
    """What a part is called in a version of this kind: a withdrawal says why, not what has changed."""
    return str(WHY if (name, change) == ("changed", "withdrawal") else PARTS[name])


def trouble(reason: str) -> str:
    """Why a source cannot be read; a status of its server stands with its number."""
    if reason.startswith("status_"):
        return str(_("answers with error %(status)s", status=reason.removeprefix("status_")))
    return str(TROUBLES[reason])
