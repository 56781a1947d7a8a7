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
