"""What the monitoring stage writes into the record."""

from cert_portal.core.events import declare

SOURCE_ADDED = declare("source.added", "A source to watch was added")
SOURCE_CHANGED = declare("source.changed", "A source was changed", "active")
SOURCE_FAILED = declare("source.failed", "A source could not be read", "reason", "failures")
ITEM_TAKEN = declare("item.taken", "An item of a source became a draft", "advisory")
ITEM_DISMISSED = declare("item.dismissed", "An item of a source was set aside")
FINDINGS_TAKEN = declare("findings.taken", "A machine reported sightings by mail", "feed", "seen", "stored")
