"""What the coordination stage writes into the record. The subject is the number of the referral."""

from cert_portal.core.events import declare

DRAFTED = declare("referral.drafted", "A referral was prepared", "case", "organisation", "party", "purpose")
CONSENTED = declare("referral.consented", "Somebody agreed that the case may be passed on", "who", "given")
SENT = declare("referral.sent", "A referral left for the other party", "case", "organisation", "party", "sealing")
HELD = declare("referral.held", "A referral could not be sealed as required; nothing left", "reason")
SEEN = declare("referral.seen", "The party opened its page")
ACKNOWLEDGED = declare("referral.acknowledged", "The party said that it has the referral", "how")
ANSWERED = declare("referral.answered", "The party answered", "how", "known_sender", "files")
MACHINE_WROTE = declare(
    "referral.machine_wrote", "A program of the party wrote; that is no answer", "known_sender", "files"
)
REFERENCE_TAKEN = declare("referral.reference_taken", "A program of the party named the number in its own books")
RESOLVED = declare("referral.resolved", "The party says that the trouble is over", "how")
NOT_THEIRS = declare("referral.not_theirs", "The party says that it is not responsible", "how")
BOUNCED = declare("referral.bounced", "The letter to the party came back", "letter", "hard")
REMINDED = declare("referral.reminded", "The party was reminded", "count")
EXPIRED = declare("referral.expired", "The time for an answer ran out after the last reminder")
CASE_REFERRED = declare("case.referred", "A case was passed on to another party", "referral", "organisation", "party")
CHANGED = declare("referral.changed", "What a referral will say, or to whom, was changed", "tlp", "purpose")
LINK_REVOKED = declare("referral.link_revoked", "The links of the party were made worthless")
PLANNED = declare("referral.planned", "A referral was dated for later", "leaves_at")
PLAN_CANCELLED = declare("referral.plan_cancelled", "A referral for later was called off; the draft stays")
PLAN_STOPPED = declare("referral.plan_stopped", "A referral for later did not leave", "reason")
DROPPED = declare("referral.dropped", "A draft was thrown away")
