"""What a subscriber is asked."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, ValidationError

from cert_portal.core.i18n import Language
from cert_portal.publishing.models import RiskLevel
from cert_portal.subscriptions.models import Rhythm
from cert_portal.subscriptions.service import Wishes
from cert_portal.web.forms.fields import Choice, Line, an_email
from cert_portal.web.forms.words import LANGUAGES, Words

RISKS: Words = {
    str(RiskLevel.LOW.value): _l("Every advisory"),
    str(RiskLevel.MEDIUM.value): _l("Medium risk and above"),
    str(RiskLevel.HIGH.value): _l("High risk and above"),
    str(RiskLevel.EXTREME.value): _l("Only extremely high risk"),
}
RHYTHMS: Words = {
    Rhythm.BOTH.value: _l("At once, and a digest twice a month"),
    Rhythm.AT_ONCE.value: _l("At once"),
    Rhythm.DIGEST.value: _l("Only a digest, twice a month"),
}


class WishesForm(Form):
    """What to send: language, least risk, rhythm."""

    language = Choice(LANGUAGES)
    risk = Choice(RISKS)
    rhythm = Choice(RHYTHMS)

    def validate_language(self, field: Choice) -> None:
        """Asked for."""
        _needed(field)

    def validate_risk(self, field: Choice) -> None:
        """Asked for."""
        _needed(field)

    def validate_rhythm(self, field: Choice) -> None:
        """Asked for."""
        _needed(field)

    def wishes(self) -> Wishes:
        """As the stage wants them; only after `validate`."""
        return Wishes(Language(self.language.data), int(self.risk.data), Rhythm(self.rhythm.data))


class SubscribeForm(WishesForm):
    """The same with the address."""

    address = Line(an_email, limit=254)

    def validate_address(self, field: Line) -> None:
        """Asked for, and one that mail headers can hold."""
        if not field.data or not field.data.isascii():
            raise ValidationError(_("Enter an e-mail address like name@example.com"))


def as_data(wishes: Wishes) -> dict[str, str]:
    """Wishes as the form shows them."""
    return {"language": wishes.language.value, "risk": str(wishes.least_level), "rhythm": wishes.rhythm.value}


def _needed(field: Choice) -> None:
    if not field.data:
        raise ValidationError(_("Choose one of the answers in the list"))
