"""Why an account is not changed, and where on the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

Words = Mapping[Any, Any]

REFUSED: Words = {
    "bad_address": _l("Enter an e-mail address like name@example.com"),
    "address_taken": _l("There is an account with this address already"),
    "no_role": _l("Choose at least one role"),
    "unknown_role": _l("Choose from the roles in the list"),
    "too_short": _l("The pass-phrase needs at least 12 characters"),
    "too_long": _l("The pass-phrase may have 200 characters at most"),
    "like_address": _l("The pass-phrase must not be the e-mail address"),
    "bad_secret": _l("The key of the authenticator is too short or is no key"),
    "last_admin": _l("This is the last administrator: make somebody else one first"),
    "sole_keeper": _l(
        "Restricted cases that nobody else could open then: %(count)s. "
        "Somebody named there must name another person first, or open them to all analysts."
    ),
    "wrong_passphrase": _l("The old pass-phrase is not right"),
    "wrong_code": _l("The code is not right. Wait for the next one and check the clock of your device."),
}
PLACES: Words = {
    "bad_address": "#email",
    "address_taken": "#email",
    "no_role": "#roles",
    "unknown_role": "#roles",
    "last_admin": "#roles",
}
"""The field that is at fault, where it is not the pass-phrase."""
FIELDS: Words = {
    "name": _l("Name"),
    "roles": _l("Roles"),
    "organisation": _l("Organisation"),
    "unit": _l("Unit"),
}
"""The fields of the form of a person."""
