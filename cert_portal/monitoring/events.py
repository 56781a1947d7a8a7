"""What the monitoring stage writes into the record."""

from cert_portal.core.events import declare

SOURCE_ADDED = declare("source.added", "A source to watch was added")
SOURCE_CHANGED = declare("source.changed", "A source was changed", "active")
SOURCE_FAILED = declare("source.failed", "A source could not be read", "reason", "failures")
ITEM_TAKEN = declare("item.taken", "An item of a source became a draft", "advisory")
ITEM_DISMISSED = declare("item.dismissed", "An item of a source was set aside")
FINDING_SET_ASIDE = declare("finding.set_aside", "A finding was set aside: nothing is done about it", "reason")
FINDING_RETURNED = declare("finding.returned", "A finding that was set aside is open again")
FINDINGS_TAKEN = declare("findings.taken", "A machine reported sightings by mail", "feed", "seen", "stored")
