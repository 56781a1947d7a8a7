"""What the intake stage writes into the record."""

from cert_portal.core.events import declare

RECEIVED = declare("report.received", "A report was stored", "channel", "origin", "kind", "drill", "language")
PROCESSED = declare("report.processed", "A report was read and put into the queue", "state", "observables", "trouble")
ACKNOWLEDGED = declare("report.acknowledged", "The acknowledgement was put into the outbox", "letter")
NOT_ACKNOWLEDGED = declare("report.not_acknowledged", "No acknowledgement may be sent", "reason")
SIGNATURE_CHECKED = declare(
    "report.signature_checked", "A signature could be checked after its key arrived", "state", "signer"
)
UNBALANCED = declare("mail.unbalanced", "Messages taken and outcomes do not add up", "taken", "missing")
ADDED = declare("report.added", "Information was added to a report", "channel", "known_sender", "files")
MACHINE_ADDED = declare(
    "report.machine_added", "A program wrote in the thread of a report; that is no answer", "channel", "files"
)
CONSENT_WITHDRAWN = declare(
    "report.consent_withdrawn", "The reporter took back the consent to pass the report on", "consents"
)
TAKEN_DOWN = declare("report.taken_down", "A person of the centre wrote a report down for somebody", "channel")
CALL_ANSWERED = declare("call.answered", "A call to the hotline was answered", "report")
CALL_MISSED = declare("call.missed", "A call to the hotline was missed", "report")
VOICEMAIL = declare("call.voicemail", "A caller left a message", "report")
CALLED = declare("report.called", "A telephone call with the reporter was noted")
CALLED_BACK = declare("call.returned", "Somebody called back", "answered")
PAGES_READ = declare(
    "report.pages_read",
    "The pages of a fax were made pictures and read by a machine, as far as they can be",
    "pages",
    "unread",
)
FORM_READ = declare(
    "report.form_read",
    "A printed form was recognised, its fields proposed; the kind that it ticks was taken",
    *("form", "fields", "kinds", "before", "after"),
)
TRANSCRIBED = declare("report.transcribed", "A person saved what a page of a fax says", "page")
TEXT_ANSWERED = declare("report.text_answered", "A short answer to a text message was put into the outbox", "message")
TEXT_NOT_ANSWERED = declare("report.text_not_answered", "A text message may not be answered", "reason")
EDITED = declare("report.edited", "A person set fields of a report right", "fields", "before", "after")
ORIGIN_SET = declare("report.origin_set", "A person set right whose report it is", "before", "after")
LANGUAGE_SET = declare(
    "report.language_set",
    "The desk or the reporter said in which language to write",
    "before",
    "after",
)
SECRET_READ = declare(
    "report.secret_read", "The secret of a report was shown to a person of the desk, to be told to the reporter"
)
READ_AGAIN = declare(
    "report.read_again", "The stored original was read again and says more", "parts", "observables", "dropped", "files"
)
