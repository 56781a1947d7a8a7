"""What the subscriptions stage writes into the record: no addresses; a subscriber is named by a number of its own."""

from cert_portal.core.events import declare

REQUESTED = declare("subscription.requested", "Somebody asked to be told of advisories", "language")
CONFIRMED = declare("subscription.confirmed", "The owner of the address confirmed", "language", "least_level", "rhythm")
CHANGED = declare("subscription.changed", "A subscriber changed what is sent", "language", "least_level", "rhythm")
ENDED = declare("subscription.ended", "A subscriber left", "how")
SUSPENDED = declare("subscription.suspended", "Mail to a subscriber came back for good", "letter")
ANNOUNCED = declare("advisory.announced", "Subscribers were told of a version", "version", "language", "letters")
DIGEST_ISSUED = declare("digest.issued", "A digest was sent", "language", "advisories", "letters")
