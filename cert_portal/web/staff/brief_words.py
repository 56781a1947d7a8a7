"""Words of the brief for the convenor."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from cert_portal.web.forms.agency_words import LOSSES

Words = Mapping[str, str]

HEADINGS: Words = {
    "facts": _l("Facts"),
    "scope": _l("Possible scope"),
    "loss": _l("Loss assessment"),
    "support": _l("Whether support is needed"),
    "measures": _l("Measures taken"),
}
NAMES: Words = {
    "title": _l("Case"),
    "kind": _l("Kind"),
    "organisation": _l("Organisation"),
    "noticed": _l("Noticed"),
    "opened": _l("Case opened"),
    "reports": _l("Reports"),
    "description": _l("Description"),
    "scope": _l("Possible scope"),
    "people_affected": _l("People affected"),
    "business_effect": _l("Effect on the work"),
    **{f"loss_{code}": words for code, words in LOSSES.items()},
    "support": _l("Inform or ask for help"),
    "support_what": _l("Help that is needed"),
    "action_detection": _l("Done to detect it"),
    "action_containment": _l("Done to stop it and to recover"),
    "action_post": _l("Done afterwards"),
    "others_told": _l("Others who were told"),
}
