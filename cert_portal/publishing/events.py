"""What the publishing stage writes into the record. The subject is the id of the advisory."""

from cert_portal.core.events import declare

DRAFTED = declare("advisory.drafted", "An advisory was begun", "source", "cases")
CHANGED = declare("advisory.changed", "The draft of an advisory was changed", "version")
SUBMITTED = declare("advisory.submitted", "A draft was given to the second reader", "version")
RETURNED = declare("advisory.returned", "The second reader gave a draft back", "version")
APPROVED = declare("advisory.approved", "The second reader approved a version", "version", "digest")
PUBLISHED = declare(
    "advisory.published", "A version was signed and published", "version", "change", "level", "exploited"
)
FAILED = declare(
    "advisory.publication_failed", "A version could not be signed; nothing was published", "version", "reason"
)
WITHDRAWN = declare("advisory.withdrawn", "An advisory was withdrawn; its page stays", "version")
