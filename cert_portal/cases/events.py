"""What the cases stage writes into the record, besides the moves of `workflow`."""

from cert_portal.core.events import declare

OPENED = declare("case.opened", "A case was opened", "kind", "reports", "restricted", "drill")
ATTACHED = declare("report.attached", "A report was joined to a case", "case")
JOINED = declare("case.report_attached", "A case took in a report", "report")
REFUSED = declare("report.refused", "A report was refused", "reason")
REFERRED = declare("report.referred_elsewhere", "A reporter was told to turn to another body", "body")
RETURNED = declare("report.returned", "A report went back to the queue", "before")
RESPONDED = declare("report.first_response", "A person answered a reporter for the first time", "how")
TAKEN_NOTE = declare("report.noted", "Somebody took note of what the other side added")
CALLED = declare("report.called", "A telephone call with the reporter was noted")
OWNER_SET = declare("case.owner_set", "A case got another owner", "before", "after")
KIND_SET = declare("case.kind_set", "The kind or the title of a case was changed", "before", "after")
LEVEL_SET = declare("case.level_set", "The level of a case was decided", "before", "level", "rule", "flag", "override")
NOTED = declare("case.noted", "Somebody wrote a note for colleagues")
WRITTEN = declare("case.letter_written", "A letter to a reporter was put into the outbox", "letter", "report")
REPORT_WRITTEN = declare("report.letter_written", "A letter to a reporter was put into the outbox", "letter")
RESTRICTED = declare("case.restricted", "A case was restricted to named people")
UNRESTRICTED = declare("case.unrestricted", "A case was opened to all analysts again")
GRANTED = declare("case.access_granted", "A person was named on a case", "user")
REVOKED = declare("case.access_revoked", "A person was taken off a case", "user")
