"""What the cases stage writes into the record, besides the moves of `workflow`."""

from cert_portal.core.events import declare

OPENED = declare("case.opened", "A case was opened", "kind", "reports", "restricted", "drill")
ATTACHED = declare("report.attached", "A report was joined to a case", "case")
REPORTS_OUT = declare("case.reports_taken_out", "Reports were taken out of a case", "reports")
TAKEN_OUT = declare("report.taken_out", "A report was taken out of a case", "case")
JOINED = declare("case.report_attached", "A case took in a report", "report")
REPORT_KEPT_CLOSE = declare("case.report_kept_close", "A report of the case is kept to named people from now on")
FINDINGS_JOINED = declare("case.findings_attached", "A case took in findings of machines", "findings", "feeds")
FINDING_ATTACHED = declare("finding.attached", "A finding was joined to a case", "case")
REFUSED = declare("report.refused", "A report was refused", "reason")
REFERRED = declare("report.referred_elsewhere", "A reporter was told to turn to another body", "body")
LEVEL_PROPOSED = declare("report.level_proposed", "The level of a coming case was taken over", "level", "rule")
RETURNED = declare("report.returned", "A report went back to the queue", "before")
RESPONDED = declare("report.first_response", "A person answered a reporter for the first time", "how")
TAKEN_NOTE = declare("report.noted", "Somebody took note of what the other side added")
ON_PAPER = declare("report.answered_by_post", "A letter on paper to the reporter was written")
OWNER_SET = declare("case.owner_set", "A case got another owner", "before", "after")
KIND_SET = declare("case.kind_set", "The kind or the title of a case was changed", "before", "after")
LEVEL_SET = declare("case.level_set", "The level of a case was decided", "before", "level", "rule", "flag", "override")
CONVENOR_BRIEFED = declare("case.convenor_briefed", "The convenors were sent a brief", "level", "letters")
NOTED = declare("case.noted", "Somebody wrote a note for colleagues", "mentions")
CORRECTED = declare("case.corrected", "A line of the timeline was put right by a new one", "line", "mentions")
NOTES = frozenset({NOTED.name, CORRECTED.name})
"""What colleagues write for each other."""
WRITTEN = declare("case.letter_written", "A letter to a reporter was put into the outbox", "letter", "report")
REPORT_WRITTEN = declare("report.letter_written", "A letter to a reporter was put into the outbox", "letter")
RESTRICTED = declare("case.restricted", "A case was restricted to named people")
UNRESTRICTED = declare("case.unrestricted", "A case was opened to all analysts again")
GRANTED = declare("case.access_granted", "A person was named on a case", "user")
REVOKED = declare("case.access_revoked", "A person was taken off a case", "user")
MERGED = declare("case.merged", "A case went into another one", "case")
TOOK_IN = declare("case.took_in", "A case took in another one", "case", "reports", "findings")
UNMERGED = declare("case.unmerged", "A merged case came out again", "case")
GAVE_BACK = declare("case.gave_back", "A case gave back one that it had taken in", "case", "reports", "findings")
SPLIT = declare("case.split", "Some reports of a case became a case of their own", "case", "reports")
LINKED = declare("case.linked", "Two cases were linked", "case")
UNLINKED = declare("case.unlinked", "The link between two cases was taken away", "case")
AGENCY_HANDED_IN = declare(
    "agency.handed_in", "A unit handed a report to its coordinator", "organisation", "unit", "level"
)
AGENCY_RETURNED = declare("agency.returned", "A coordinator returned to a unit what it had handed in", "what")
AGENCY_SENT = declare(
    "agency.sent",
    "A member organisation sent a report",
    *("organisation", "unit", "system", "origin", "level", "rule", "support", "minutes", "notice"),
)
AGENCY_COPIED = declare("agency.copied", "The supervising unit of a common system got a copy", "organisation", "letter")
AGENCY_UPDATED = declare(
    "agency.updated", "A member organisation told more", "before", "level", "rule", "late", "files"
)
AGENCY_RELEASE_ASKED = declare("agency.release_asked", "A member organisation told the solution and asks for release")
AGENCY_RELEASED = declare("agency.released", "The centre confirmed the release", "told")
AGENCY_RELEASE_RETURNED = declare("agency.release_returned", "The centre did not confirm the release yet")
