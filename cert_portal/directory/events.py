"""What the directory writes into the record about organisations outside. Accounts and settings declare their own."""

from cert_portal.core.events import declare

ORGANISATION_ADDED = declare("organisation.added", "An organisation was put into the directory", "kind", "how")
ORGANISATION_CHANGED = declare("organisation.changed", "Something about an organisation was changed", "what")
CONTACT_ADDED = declare("contact.added", "A contact was added to an organisation", "contact", "role")
CONTACT_CHANGED = declare("contact.changed", "Something about a contact was changed", "contact", "what")
CONTACT_VERIFIED = declare("contact.verified", "Somebody made sure that a contact is right", "contact")
KEY_TAKEN = declare("key.taken", "A key of somebody outside was imported", "fingerprint", "expires", "revoked")
NETWORKS_IMPORTED = declare("networks.imported", "A table of networks was imported", "source", "stored", "rejected")
UNIT_ADDED = declare("organisation.unit_added", "A unit of a member organisation was named", "unit")
ENROLLED = declare("user.enrolled", "A person was made one who reports for an organisation", "organisation", "unit")
SYSTEM_MARKED = declare(
    "organisation.system_marked", "It was said what a system is", "code", "importance", "supervisor"
)
LEFT = declare("user.left_organisation", "A person reports for an organisation no longer", "organisation")
