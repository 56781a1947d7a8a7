"""Words of the pages by which an operator takes a report down and sees to calls."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

Words = Mapping[str, str]

TELEPHONES: Words = {
    "telephone": _l("Fixed line, or not known"),
    "mobile": _l("Mobile telephone"),
    "satellite": _l("Satellite telephone"),
}
CHANNELS: Words = {**TELEPHONES, "letter": _l("By letter or at the counter")}
ORIGINS: Words = {
    "local": _l("From Hong Kong"),
    "overseas": _l("From outside Hong Kong"),
    "proactive": _l("We found it ourselves"),
}
HANDED_IN: Words = {"post": _l("By post"), "counter": _l("Handed in at the counter")}
CALLS: Words = {"answered": _l("Answered"), "missed": _l("Missed"), "voicemail": _l("Voicemail")}
ALIKE: Words = {
    "telephone": _l("same telephone"),
    "organisation": _l("same organisation"),
    "words": _l("same words"),
    "url": _l("same address"),
    "domain": _l("same domain"),
    "ip": _l("same IP address"),
    "email": _l("same e-mail address"),
    "hash": _l("same file"),
    "cve": _l("same weakness"),
}
FILES: Words = {
    "empty": _l("The file is empty"),
    "too_big": _l("The file is too big"),
    "too_many": _l("These are too many files"),
    "type_lies": _l("The name of the file does not fit what is in it"),
    "archive_bomb": _l("The archive would unpack to something enormous"),
}
