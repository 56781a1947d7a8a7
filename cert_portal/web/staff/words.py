"""What codes are called on the staff pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from cert_portal.cases.clocks import Standing
from cert_portal.cases.workflow import Phase, State, Verb
from cert_portal.directory.models import ClockUnit
from cert_portal.directory.permissions import Role
from cert_portal.web import codes
from cert_portal.web.forms.words import AFFECTS_FORMAL, CONSENTS, YES_NO
from cert_portal.web.staff import (
    agency_words,
    letter_words,
    list_words,
    merging_words,
    referral_words,
    team_words,
    triage_words,
    value_words,
)

Words = Mapping[Any, Any]

REPORT_STATES: Words = {
    "received": _l("Received"),
    "processing": _l("Being read"),
    "quarantined": _l("In quarantine"),
    "waiting_triage": _l("Waits for triage"),
    **codes.REPORT_ENDS,
}
CASE_STATES: Words = {
    State.NEW: _l("New"),
    State.TRIAGED: _l("Triaged"),
    State.IN_HANDLING: _l("In handling"),
    State.WAITING: _l("Waiting"),
    State.MONITORING: _l("Being watched"),
    State.RESOLVED: _l("Resolved"),
    State.CLOSED: _l("Closed"),
    State.MERGED: _l("Merged"),
}
STATE_COLOURS: Words = {
    State.NEW: "blue",
    State.TRIAGED: "blue",
    State.IN_HANDLING: "purple",
    State.WAITING: "yellow",
    State.MONITORING: "teal",
    State.RESOLVED: "green",
}
PHASES: Words = {
    Phase.PREPARATION: _l("Preparation"),
    Phase.DETECTION_ANALYSIS: _l("Detection and analysis"),
    Phase.CONTAINMENT: _l("Containment, eradication and recovery"),
    Phase.POST_INCIDENT: _l("Post-incident activity"),
}
VERBS: Words = {
    Verb.TRIAGE: _l("Settle the kind"),
    Verb.START: _l("Start handling"),
    Verb.WAIT: _l("Wait for somebody"),
    Verb.RESUME: _l("Go on with handling"),
    Verb.WATCH: _l("Watch whether it holds"),
    Verb.RESOLVE: _l("Mark as resolved"),
    Verb.CLOSE: _l("Close the case"),
    Verb.DISMISS: _l("Close without handling"),
    Verb.REOPEN: _l("Open again"),
}
CONDITIONS: Words = {
    "state": _l("The case has moved on since you opened this page. Look at its state and choose again."),
    "kind": _l("Choose the kind of incident first."),
    "owner": _l("The case needs an owner first."),
    "level": _l("Decide the level first."),
    "until": _l("Choose a date in the future."),
    "outcome": _l("Choose an outcome."),
    "dismissal": _l("Choose why this needs no handling."),
    "told": _l("Write to the reporters, or say why they are not told."),
    "reason": _l("Give a reason."),
    "release": _l("A member organisation reported this: confirm its release first."),
}
OUTCOMES: Words = codes.CASE_OUTCOMES
REFUSALS: Words = {
    "not_an_incident": _l("It is no security incident"),
    "outside_remit": _l("Outside what we handle"),
    "not_enough": _l("Too little is known, and nobody can be asked"),
    "repeated": _l("The same report came before"),
    "spam": _l("Unwanted advertising"),
    "test": _l("It was a test"),
}
SET_ASIDE: Words = {
    "false_alarm": _l("False alarm"),
    "repaired": _l("Repaired in the meantime"),
    "not_ours": _l("Not in our network or remit"),
    "known": _l("Known: its owner was told"),
    "too_old": _l("Too old to act on"),
    "test": _l("It was a test"),
}
FINDING_STATES: Words = {"open": _l("Open"), "in_case": _l("In a case"), "set_aside": _l("Set aside")}
NOT_ANSWERED: Words = {
    "no_address": _l("there is no e-mail address"),
    "too_many_to_this_address": _l("this address was written to too often within the hour"),
    "suspected_spam": _l("it looks like spam"),
    "exercise": _l("it is an exercise, and the address is not registered for exercises"),
    "too_many": _l("this number was written to too often within the hour"),
    "no_number": _l("the sender is a name, not a number"),
}
SCOPES: Words = {
    "reports:write": _l("Send reports"),
    "cases:read": _l("Read cases"),
    "cases:write": _l("Change cases"),
    "findings:write": _l("Send findings"),
    "figures:read": _l("Read figures"),
    "taxii:read": _l("Read indicators (TAXII)"),
}
REFUSED: Words = {
    "finding_taken": _l("Somebody has dealt with one of these findings in the meantime. The list shows what is open."),
    "taken": _l("Somebody has dealt with one of these reports in the meantime."),
    "not_ready": _l("The report is still being read. Try again in a minute."),
    "closed": _l("The case is closed. Open it again first."),
    "in_a_case": _l("The report belongs to a case and cannot go back to the queue."),
    "unknown_reason": _l("Choose a reason"),
    "no_address": _l("The reporter gave no e-mail address to write to."),
    "may_not_handle": _l("This person may not handle cases."),
    "not_named": _l("The case is restricted and this person is not named on it."),
    "unknown_level": _l("Choose a level from 1 to 4."),
    "reason_missing": _l("Give a reason."),
    "empty": _l("Enter some words."),
    "no_such_case": _l("There is no such case"),
    "in_future": _l("This time has not come yet. Give the time when it happened."),
    "may_not_read": _l("This person may not read cases."),
    "is_owner": _l("The owner cannot be taken off the case. Give it to somebody else first."),
    "last_named": _l("Somebody who may name others must stay on the case."),
    "not_restricted": _l("The case was opened to all analysts meanwhile: nobody has to be named."),
    "none_chosen": _l("Choose at least one case"),
    "name_missing": _l("Give the search a name"),
    "name_too_long": _l("The name has at most 60 characters"),
    "name_taken": _l("Who kept this search has another one of this name"),
    "too_many": _l("You have kept 20 searches: remove one first"),
    "tag_long": _l("A tag has at most 40 signs: shorten it."),
    "tag_retired": _l("This tag is retired: choose another one."),
    "same_tag": _l("This is how it is spelled already."),
    "is_so": _l("It is so already."),
    "owner_changed": _l("Somebody else decided who owns it after you looked."),
    "refused": _l("The case could not be closed: a release or a letter is missing."),
    **team_words.REFUSED,
    **letter_words.REFUSED,
    **list_words.ENDS_REFUSED,
}
SETTING: Words = {
    "no_line": _l("Paste at least one line"),
    "bad_line": _l("Line %(line)s is not of the form YYYY-MM-DD; English; 中文. Nothing was stored."),
    "no_rule": _l("There is no such clock"),
    "bad_amount": _l("The time must be between 1 and 1,000, the warning between 0 and 99 per cent"),
}
SEES: Words = {
    "by_role": _l("the role reads cases"),
    "named": _l("named on the case"),
    "no_role": _l("the role reads no cases"),
    "named_without_role": _l("the role reads no cases; named still, and sees it again with a role that does"),
    "not_named": _l("not named on the case"),
    "not_active": _l("the account is closed"),
}
ROLES: Words = {
    Role.OPERATOR: _l("Hotline operator"),
    Role.ANALYST: _l("Analyst"),
    Role.SUPERVISOR: _l("Duty supervisor"),
    Role.EDITOR: _l("Editor"),
    Role.APPROVER: _l("Approver"),
    Role.LIAISON: _l("Liaison officer"),
    Role.AUDITOR: _l("Auditor"),
    Role.ADMIN: _l("Administrator"),
    Role.MEMBER: _l("Member organisation"),
}
CHANNELS: Words = codes.CHANNELS
LEVELS: Words = codes.LEVELS
LEVEL_COLOURS: Words = {1: "green", 2: "yellow", 3: "orange", 4: "red"}
LEAKS: Words = codes.LEAKS
TAMPERINGS: Words = codes.TAMPERINGS
HALTS: Words = codes.HALTS
RULES: Words = codes.RULES
FLAGS: Words = codes.FLAGS
CLOCKS: Words = {
    "first_response": _l("First answer to a report"),
    "resolution": _l("Resolving a case"),
    "containment_short": _l("Short-term containment"),
    "referral_answer": _l("Answer of a party to a referral"),
    "contact_stale": _l("Until a contact that nobody verified is stale"),
    "referral": _l("Passing a case on"),
    "third_party": _l("Resolving a trackable case of a third party"),
    "agency_notice": _l("Report of a member organisation"),
}
UNITS: Words = {
    ClockUnit.MINUTES: _l("minutes"),
    ClockUnit.HOURS: _l("hours"),
    ClockUnit.DAYS: _l("days"),
    ClockUnit.WORKING_DAYS: _l("working days"),
}
CLOCKS_OF_CASES: Words = {
    "first_response": _l("First answer"),
    "referral_answer": _l("Answer to a referral"),
}
"""What else than its resolution may be due in a case."""
STANDINGS: Words = {
    Standing.IN_TIME: _l("in time"),
    Standing.SOON: _l("due soon"),
    Standing.OVERDUE: _l("overdue"),
    Standing.MET: _l("answered in time"),
    Standing.MISSED: _l("answered late"),
}
LETTER_STATES: Words = {
    "queued": _l("Waits to leave"),
    "sending": _l("Leaving"),
    "sent": _l("Sent"),
    "failed": _l("Refused by the other side"),
    "held": _l("Held: it cannot be sealed"),
    "recalled": _l("Called back before it left"),
}
SEALINGS: Words = {
    "": _l("not sealed yet"),
    "none": _l("not signed"),
    "signed": _l("signed"),
    "encrypted": _l("signed and encrypted"),
}
LETTERS: Words = {
    "mail_unbalanced": _l("Alarm: incoming mail"),
    "convenor_brief": _l("Brief for the convenor"),
    "report_received": _l("Acknowledgement"),
    "case_letter": _l("Letter to the reporter"),
    "case_closed": _l("Letter at the end of a case"),
    "advisory": _l("Advisory"),
    "digest": _l("Digest"),
    "subscription_confirm": _l("Please confirm the subscription"),
    "subscription_known": _l("Link to the subscription"),
    **referral_words.LETTERS,
    **agency_words.LETTERS,
    **team_words.LETTERS,
}
OBSERVABLES: Words = {
    "url": _l("Web address"),
    "domain": _l("Domain"),
    "ip": _l("IP address"),
    "email": _l("E-mail address"),
    "hash": _l("Hash"),
    "cve": _l("Vulnerability"),
    "asn": _l("Network (AS number)"),
    "mac": _l("Hardware address"),
    "phone": _l("Telephone number"),
    "wallet": _l("Wallet"),
    "file": _l("File name"),
}
SEALS: Words = {
    "encrypted": _l("Encrypted to us"),
    "pgp": _l("Signed with OpenPGP"),
    "inline": _l("Signed with OpenPGP inside the text"),
    "smime": _l("Signed with S/MIME"),
}
SIGNATURES: Words = {
    "none": _l("not signed"),
    "good": _l("the signature holds"),
    "bad": _l("the signature does not hold: something was changed"),
    "no_key": _l("we do not have the key; it is checked when it arrives"),
    "expired": _l("the key has expired"),
    "revoked": _l("the key was revoked"),
    "unknown": _l("the signature could not be checked"),
    "untrusted": _l("the signature holds, its issuer is not known here"),
}
EVENTS: Words = {
    "mail.unbalanced": _l("Messages do not add up"),
    "report.signature_checked": _l("Signature checked after its key arrived"),
    "report.received": _l("Report received"),
    "report.taken_down": _l("Written down by a person of the centre"),
    "report.pages_read": _l("Pages of the fax read by a machine"),
    "report.transcribed": _l("Transcription of a page saved"),
    "report.text_answered": _l("Answered by text message"),
    "report.text_not_answered": _l("No text message may be sent"),
    "report.processed": _l("Report read and put into the queue"),
    "report.read_again": _l("The stored original was read again and says more"),
    "report.not_acknowledged": _l("No acknowledgement may be sent"),
    "report.added": _l("Information added"),
    "report.attached": _l("Report joined to a case"),
    "report.taken_out": _l("Report taken out of a case"),
    "case.exported": _l("Downloaded as a file"),
    "case.tagged": _l("Tag hung on"),
    "case.untagged": _l("Tag taken off"),
    "report.refused": _l("Report refused"),
    "report.referred_elsewhere": _l("Reporter referred to another body"),
    "report.returned": _l("Report put back into the queue"),
    "report.first_response": _l("First answer by a person"),
    "report.called": _l("Telephone call"),
    "report.form_read": _l("Printed form read by a machine"),
    "report.answered_by_post": _l("Letter on paper"),
    "report.noted": _l("New information read"),
    "case.opened": _l("A case was opened"),
    "case.report_attached": _l("Report taken into the case"),
    "case.reports_taken_out": _l("Taken out of the case"),
    "case.report_kept_close": _l("A report of this case is kept to named people now"),
    "case.findings_attached": _l("Findings of machines taken into the case"),
    "finding.attached": _l("Joined to a case"),
    "finding.set_aside": _l("Set aside"),
    "finding.returned": _l("Open again"),
    "case.owner_set": _l("Owner changed"),
    "case.kind_set": _l("Title or kind changed"),
    "case.level_set": _l("Level decided"),
    "case.convenor_briefed": _l("The convenor got the brief"),
    "case.noted": _l("Note for colleagues"),
    "case.corrected": _l("Put right"),
    "case.restricted": _l("Restricted to named people"),
    "case.unrestricted": _l("Opened to all analysts"),
    "case.access_granted": _l("Person named on the case"),
    "case.access_revoked": _l("Person taken off the case"),
    "case.triaged": _l("Kind settled"),
    "case.started": _l("Handling began"),
    "case.waiting": _l("Waiting for somebody"),
    "case.resumed": _l("Handling goes on"),
    "case.watched": _l("Being watched"),
    "case.resolved": _l("Resolved"),
    "case.closed": _l("Closed"),
    "case.dismissed": _l("Closed without handling"),
    "case.reopened": _l("Opened again"),
    "case.phase_set": _l("Phase changed"),
    **referral_words.EVENTS,
    **agency_words.EVENTS,
    **merging_words.EVENTS,
    **value_words.EVENTS,
    **triage_words.EVENTS,
    **letter_words.EVENTS,
}
ANSWERS: Words = YES_NO
AFFECTS: Words = AFFECTS_FORMAL
MAY_GO_TO: Words = CONSENTS
"""In the words of the reporter, as they were read out or ticked."""

TROUBLES: Words = {
    "honeypot": _l("Looks like spam: a field that people do not see was filled"),
    "unproven": _l("Looks like spam: many from one address, without the browser's proof of work"),
    "flagged_as_spam": _l("Looks like spam: the mail server says so"),
    "cannot_decrypt": _l("Could not be decrypted"),
    "charset_guessed": _l("Character set guessed"),
    "header_too_long": _l("A header is longer than any mail program writes"),
    "message_too_big": _l("Too big to be read"),
    "nested_too_deep": _l("Nested deeper than is read"),
    "nul_bytes": _l("Zero bytes in the text"),
    "part_unreadable": _l("A part could not be read"),
    "too_many_parts": _l("More parts than are read"),
    "unreadable": _l("Could not be read"),
}
"""What may be odd about a message; other codes are shown as they are."""

FORM_FIELDS: Words = {
    "name": _l("Name"),
    "organisation": _l("Organisation"),
    "telephone": _l("Telephone"),
    "email": _l("E-mail address"),
    "contact_time": _l("When may we call?"),
    "description": _l("What happened"),
    "found_how": _l("How it was noticed"),
    "action_detection": _l("Done so far"),
}
"""What the printed form asks."""
