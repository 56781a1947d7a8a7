"""Words of the pages of the administrator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from cert_portal.cases.exchange_file import ExchangeRefused
from cert_portal.core.events import Event
from cert_portal.core.i18n import Language
from cert_portal.directory.permissions import Permission
from cert_portal.guidance.wordbook import Shelf
from cert_portal.web.staff import account_words, letter_words, list_words, words

Words = Mapping[Any, Any]
_READ, _MANAGE = Permission.READ_SETTINGS, Permission.MANAGE_SETTINGS
PAGES: tuple[tuple[str, Mapping[str, str], Permission, Any, Any], ...] = (
    ("staff.people", {}, _READ, _l("People and roles"), _l("Who has an account, and what each may do.")),
    (
        *("staff.wording", {"shelf": "kinds"}, _READ),
        *(_l("Kinds of incident"), _l("Words, order, and which are offered for new reports.")),
    ),
    (
        *("staff.wording", {"shelf": "refusals"}, _READ),
        *(_l("Reasons of refusal"), _l("Words, order, own reasons, and which are retired.")),
    ),
    (
        *("staff.wording", {"shelf": "tags"}, _READ),
        *(_l("Tags"), _l("Words in both languages; rename, merge and retire.")),
    ),
    (
        *("staff.shared_views", {}, _READ),
        *(_l("Shared searches"), _l("Names and order of the lists that the team shares.")),
    ),
    (
        *("staff.letter_templates", {}, _READ),
        *(_l("Letter templates"), _l("Texts of letters in both languages, with a preview and every version.")),
    ),
    (
        *("staff.exercise_addresses", {}, _READ),
        *(_l("Addresses for exercises"), _l("The only addresses to which letters of an exercise go.")),
    ),
    ("staff.holidays", {}, _READ, _l("Holidays"), _l("Which days are no working days.")),
    ("staff.clocks", {}, _READ, _l("Clocks"), _l("How long things may take.")),
    ("staff.list_tokens", {}, _READ, _l("Tokens"), _l("Which programs may use the interface.")),
    (
        *("staff.last_settings", {}, _READ),
        *(_l("Last changes"), _l("Who changed which setting, word or template when, and what it was before.")),
    ),
    (
        *("staff.settings_file", {}, _MANAGE),
        *(_l("Settings as a file"), _l("All of this as JSON, out and in, looked at first.")),
    ),
)
"""Address, its values, who may go there, title and what is found there."""
TITLES: Words = {
    Shelf.KIND: _l("Kinds of incident"),
    Shelf.REFUSAL: _l("Reasons of refusal"),
    Shelf.TAG: _l("Tags"),
}
HINTS: Words = {
    Shelf.KIND: _l(
        "The codes stay as they are: figures and programs rest on them. Empty words mean the shipped ones. "
        "A kind that is hidden is no longer offered for new reports; where it stands already it stays."
    ),
    Shelf.REFUSAL: _l(
        "Empty words mean the shipped ones. A retired reason is no longer offered; it stays where it was given."
    ),
    Shelf.TAG: _l(
        "Words for a tag in both languages; without them it is shown as it is spelled. "
        "A retired tag can no longer be hung on.",
    ),
}
OFF: Words = {
    Shelf.KIND: _l("Hidden for new reports"),
    Shelf.REFUSAL: _l("Retired"),
    Shelf.TAG: _l("Retired"),
}
SECTIONS: Words = {
    "holidays": _l("Holidays"),
    "clocks": _l("Clocks"),
    "kinds": _l("Kinds of incident"),
    "refusals": _l("Reasons of refusal"),
    "tags": _l("Tags"),
    "views": _l("Shared searches"),
    "templates": _l("Letter templates"),
    "exercise_addresses": _l("Addresses for exercises"),
    "people": _l("People and roles"),
}
FIELDS: Words = {
    "code": _l("Code"),
    "address": _l("Address"),
    "day": _l("Day"),
    "name_en": _l("Name in English"),
    "name_zh_hant": _l("Name in Chinese"),
    "position": _l("Place"),
    "retired": _l("Retired"),
    "amount": _l("How long"),
    "unit": _l("Unit"),
    "warn": _l("Warn when less than this share is left"),
    "warn_fraction": _l("Warn when less than this share is left"),
    "enabled": _l("In use"),
    "query": _l("What is searched for"),
    "sort": _l("Order"),
    "view": _l("List"),
    "owner": _l("Kept by"),
    "note": _l("Note"),
    "name": _l("Name"),
    "roles": _l("Roles"),
    "active": _l("Account"),
    "language": _l("Language"),
    "en": _l("English"),
    "zh-hant": _l("Chinese"),
    "subject": _l("Subject"),
    "text": _l("Letter"),
    "name-en": _l("Name in English"),
    "name-zh-hant": _l("Name in Chinese"),
    "subject-en": _l("Subject in English"),
    "subject-zh-hant": _l("Subject in Chinese"),
    "text-en": _l("Letter in English"),
    "text-zh-hant": _l("Letter in Chinese"),
}
"""Fields of what is set, in a file of settings and in the record."""
CHANGES: Words = {
    "setting:kind": _l("Kind of incident"),
    "setting:refusal": _l("Reason of refusal"),
    "setting:tag": _l("Words of a tag"),
    "setting:holiday": _l("Holiday"),
    "setting:clock": _l("Time limit of a clock"),
    "setting.changed": _l("Setting"),
    "desk.tag_renamed": _l("Tag spelled anew"),
    "template.added": _l("Letter template added"),
    "template.changed": _l("Letter template worded anew"),
    "template.retired": _l("Letter template retired"),
    "template.restored": _l("Letter template offered again"),
    "desk.search_saved": _l("Search shared"),
    "desk.search_managed": _l("Shared search: name or place"),
    "desk.search_removed": _l("Shared search removed"),
    "exercise.address_added": _l("Address for exercises added"),
    "exercise.note_changed": _l("Note of an address for exercises"),
    "exercise.address_removed": _l("Address for exercises removed"),
    "user.added": _l("Account added"),
    "user.changed": _l("Account changed"),
    "token.added": _l("Token added"),
    "token.revoked": _l("Token revoked"),
    "desk.settings_imported": _l("Settings taken from a file"),
}
"""Sorts of changes, by the subject or the kind of the event."""
REFUSED: Words = {
    "last_reason": _l("At least one reason must stay"),
    "name_missing": _l("A reason of our own needs words in both languages"),
    "there": _l("There is such a reason already"),
    "no_place": _l("Enter a whole number up to 999 as the place"),
    "no_tag": _l("Choose a tag from the list"),
}


NOT_TAKEN: Words = {
    "unknown_section": _l("There is no section “%(told)s” in a file of settings."),
    "unknown_version": _l("Files of version %(told)s are not known here; this portal reads version 1."),
    "version_no_number": _l("The version must stand there as a number without quotes; this portal reads version 1."),
    "unknown_field": _l("There is no field “%(told)s” here."),
    "field": _l("The value of “%(told)s” cannot be taken."),
    "twice": _l("“%(told)s” stands there twice."),
    "no_admin": _l("Nobody would be left who may manage people: one active administrator must stay."),
    "account": _l("A file does not change “%(told)s” of an account, and the account is not so. Set it under People."),
    "same_word": _l("“%(told)s”: another one is called the same already."),
    "sole_keeper": account_words.REFUSED["sole_keeper"],
    "unknown_fact": letter_words.TEMPLATE_REFUSED["unknown_fact"],
    "open_blank": letter_words.TEMPLATE_REFUSED["open_blank"],
    "label": letter_words.TEMPLATE_REFUSED["label"],
}


OTHER_CHANGES = _l("Something was changed since this was shown. These are the changes now; none is made yet.")


def not_taken(error: ExchangeRefused) -> str:
    """Why a file was not taken."""
    if error.reason in NOT_TAKEN:
        told = FIELDS.get(error.told, error.told) if error.reason in {"field", "account"} else error.told
        why = NOT_TAKEN[error.reason] % {"told": told, "count": told}
        return _place(error.place) + " ".join([why, _("Nothing was changed.")])
    section, _blank, number = error.place.partition(" ")
    if not section:
        return _("This is no file of settings. Nothing was changed.")
    name = str(SECTIONS[section])
    if not number:
        return _("“%(section)s” cannot be taken. Nothing was changed.", section=name)
    return _("“%(section)s”, entry %(number)s cannot be taken. Nothing was changed.", section=name, number=number)


def changed(count: int) -> str:
    """How much a file changed."""
    return ngettext("%(num)s thing was changed.", "%(num)s things were changed.", count)


def _place(place: str) -> str:
    section, _blank, number = place.partition(" ")
    if not number:
        return ""
    return _("“%(section)s”, entry %(number)s: ", section=SECTIONS[section], number=number)


def value(field: str, told: Any) -> str:
    """What a field of a file of settings holds, in words."""
    if field == "active":
        return _("In use") if told else _("No longer in use")
    if isinstance(told, bool):
        return _("Yes") if told else _("No")
    if told in ("", None):
        return nothing(field)
    if field == "roles":
        return " · ".join(str(words.ROLES.get(each, each)) for each in told)
    if field == "warn_fraction":
        return f"{told:.0%}"
    return str({"unit": words.UNITS, "sort": list_words.SORTS, "view": list_words.VIEWS}.get(field, {}).get(told, told))


def nothing(field: str) -> str:
    """What an empty field means."""
    if field == "view":
        return _("Cases")
    return _("(by itself)") if field == "position" else _("(none)")


def shipped(word: Any) -> dict[Language, str]:
    """A word of the catalogue in both languages."""
    told = {}
    for language in Language:
        with force_locale(language.locale):
            told[language] = str(word or "")
    return told


def change(event: Event) -> str:
    """What sort of change an event tells of."""
    return str(CHANGES.get(event.subject) or CHANGES[event.kind])
