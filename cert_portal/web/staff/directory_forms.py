"""Forms of the directory."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form
from wtforms.validators import Optional

from cert_portal.core.i18n import Language
from cert_portal.core.tlp import TLP
from cert_portal.directory.contacts import BY_MAIL, ContactTold
from cert_portal.directory.organisations import Holdings, OrganisationTold
from cert_portal.directory.parties import Contact, ContactRole, LetterFormat, Organisation
from cert_portal.guidance.advice import who_to_tell
from cert_portal.guidance.kinds import load
from cert_portal.web.forms.days import Day
from cert_portal.web.forms.fields import Line, Text, offered
from cert_portal.web.staff import directory_words as words
from cert_portal.web.staff.forms import Area, Pick, asked

_BETWEEN = re.compile(r"[\s,;，；、]+")


def bodies() -> dict[str, str]:
    """Codes of the bodies that reporters are told about, with their English names."""
    codes = dict.fromkeys(code for kind in load() for code in kind.tell)
    return {body.code: body.name for body in who_to_tell(codes, Language.EN)}


class OrganisationForm(Form):
    """An organisation and what it answers for; several values of a box stand apart by blanks or line ends."""

    kind = Pick(words.KINDS, asked(_l("Choose a kind from the list")))
    name_en = Line()
    name_zh_hant = Line()
    reach = Pick({code: word for code, word in words.REACHES.items() if code})
    body = Pick({})
    sector = Line(limit=60)
    country = Line(limit=20)
    asns = Text(limit=5000)
    prefixes = Text(limit=20_000)
    domains = Text(limit=20_000)
    note = Text(limit=5000)
    active = BooleanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.body.choices = offered({"": "", **bodies()})

    @classmethod
    def of(cls, row: Organisation, held: Holdings) -> OrganisationForm:
        """The form as it stands."""
        names = ("kind", "name_en", "name_zh_hant", "reach", "body", "sector", "country", "note", "active")
        lists = {name: "\n".join(map(str, getattr(held, name))) for name in ("asns", "prefixes", "domains")}
        return cls(**{name: getattr(row, name) for name in names}, **lists)

    def told(self, fictional: bool) -> OrganisationTold:
        """What a valid form says."""
        texts = ("kind", "name_en", "name_zh_hant", "reach", "body", "sector", "country", "note")
        told: dict[str, Any] = {name: self[name].data or "" for name in texts}
        lists: dict[str, Any] = {name: _several(self[name].data) for name in ("asns", "prefixes", "domains")}
        return OrganisationTold(**told, **lists, fictional=fictional, active=bool(self.active.data))


class ContactForm(Form):
    """A contact."""

    name = Line(limit=120)
    role = Pick(words.CONTACT_ROLES, asked(_l("Choose a role from the list")))
    email = Line(limit=320)
    telephone = Line(limit=60)
    languages = Line(limit=60)
    service_level = Pick({code: word for code, word in words.SERVICE_LEVELS.items() if code})
    covers = Line()
    tlp = Pick({label: label for label in BY_MAIL})
    format = Pick(words.FORMATS)
    key_fingerprint = Line(limit=100)
    verified_on = Day(validators=[Optional()])
    must_encrypt = BooleanField()
    preferred = BooleanField()
    active = BooleanField()

    @classmethod
    def of(cls, row: Contact) -> ContactForm:
        """The form as it stands."""
        names = [name for name in cls()._fields if name != "languages"]
        return cls(**{name: getattr(row, name) for name in names}, languages=" ".join(row.languages))

    @classmethod
    def fresh(cls) -> ContactForm:
        """The form of a new contact."""
        return cls(role=ContactRole.GENERAL, tlp=TLP.AMBER, format=LetterFormat.TEXT, active=True)

    def told(self) -> ContactTold:
        """What a valid form says."""
        texts = ("name", "role", "email", "telephone", "service_level", "covers", "key_fingerprint")
        verified: date | None = self.verified_on.data
        told: dict[str, Any] = {name: self[name].data or "" for name in texts}
        ticks: dict[str, Any] = {name: bool(self[name].data) for name in ("must_encrypt", "preferred", "active")}
        return ContactTold(
            **told,
            **ticks,
            languages=_several(self.languages.data),
            tlp=self.tlp.data or TLP.AMBER,
            format=self.format.data or LetterFormat.TEXT,
            verified_on=verified,
        )


class KeyForm(Form):
    """A pasted public key."""

    key = Area(_l("Paste a public key: it begins with -----BEGIN PGP PUBLIC KEY BLOCK-----"))


def _several(told: str | None) -> list[str]:
    return [each for each in _BETWEEN.split(told or "") if each]
