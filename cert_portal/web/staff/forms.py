"""Forms of the staff pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    Form,
    HiddenField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Optional

from cert_portal.cases import wording
from cert_portal.cases.severity import Halt, Impact, Leak, Tampering
from cert_portal.cases.triage import refusals
from cert_portal.cases.workflow import DISMISSALS, OUTCOMES, Verb
from cert_portal.core.i18n import Language
from cert_portal.directory.models import ClockUnit
from cert_portal.directory.organisations import of_kinds
from cert_portal.directory.parties import OrganisationKind
from cert_portal.directory.permissions import Role
from cert_portal.guidance.advice import who_to_tell
from cert_portal.guidance.kinds import load, ordered
from cert_portal.web.forms.days import Day, LocalMoment
from cert_portal.web.forms.fields import (
    LONG,
    Amount,
    Choice,
    Choices,
    Line,
    Text,
    an_email,
    at_most,
    offered,
    storable,
    strip,
)
from cert_portal.web.forms.words import LANGUAGES
from cert_portal.web.staff import say, words

A_YEAR_IN_HOURS = 8760
FOR_WHOM = (OrganisationKind.MEMBER, OrganisationKind.GOVERNMENT)


def asked(message: Any) -> Any:
    """A validator: something must be there."""

    def check(form: Form, field: Field) -> None:
        if not field.data:
            raise ValidationError(message)

    return check


class Pick(SelectField):
    """One of a list; the first entry is nothing."""

    def __init__(self, choices: Mapping[str, Any], *validators: Any, **kwargs: Any) -> None:
        super().__init__(choices=offered({"": "", **choices}), validators=list(validators), default="", **kwargs)

    def pre_validate(self, form: Form) -> None:
        if self.data and self.data not in {each.value for each in self.choices}:
            raise ValidationError(_("Choose one of the answers in the list"))


class Area(TextAreaField):
    """Several lines of text that must be there."""

    def __init__(self, message: Any, **kwargs: Any) -> None:
        super().__init__(filters=[strip], validators=[storable, at_most(LONG), asked(message)], **kwargs)


def kinds() -> dict[str, str]:
    """Kinds of incident in the reader's language."""
    return {kind.code: kind.name(say.language()) for kind in ordered()}


def organisations() -> dict[str, str]:
    """Active organisations by id, in the reader's language: member organisations and government first."""
    found = sorted(of_kinds(), key=lambda each: each.kind not in FOR_WHOM)
    return {str(each.id): each.name(say.language()) for each in found}


class SignInForm(Form):
    """Who it is."""

    email = Line(asked(_l("Enter your e-mail address")), limit=320)
    passphrase = Line(asked(_l("Enter your pass-phrase")), limit=400)
    code = Line(limit=20)
    next = HiddenField(default="")
    held = HiddenField(default="")


class CodeForm(Form):
    """A code of the authenticator."""

    code = Line(limit=20)


class OwnPassphraseForm(Form):
    """The old pass-phrase and the new one."""

    old = Line(limit=400)
    new = Line(limit=400)


class OpenForm(Form):
    """A case from reports."""

    title = Line(asked(_l("Enter a title")))
    kind = Pick({}, asked(_l("Choose a kind of incident")))
    restricted = BooleanField()
    others = SelectMultipleField(validate_choice=False)
    all_alike = BooleanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = offered(kinds())


class AttachForm(Form):
    """A case that is there: one of those proposed, or a number."""

    proposed = HiddenField(default="")
    case = Line(limit=40)

    @property
    def chosen(self) -> str:
        """The number that was typed, else the one that was proposed."""
        return self.case.data or self.proposed.data or ""


class RefuseForm(Form):
    """Why a report is refused, and what the reporter is told."""

    reason = Pick({}, asked(_l("Choose a reason")))
    subject = Line()
    letter = Text()
    all_alike = BooleanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = offered({"": "", **{code: say.refusal(code) for code in refusals()}})


class ReferForm(Form):
    """Which body is the right one, and what the reporter is told."""

    body = Pick({}, asked(_l("Choose a body")))
    subject = Line()
    letter = Text()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = dict.fromkeys(code for kind in load() for code in kind.tell)
        named = {body.code: body.name for body in who_to_tell(codes, say.language())}
        self.body.choices = offered({"": "", **named})


class CallForm(Form):
    """What was said on the telephone."""

    call = Area(_l("Enter what was said"))


class PaperForm(Form):
    """What a letter on paper says, and where it goes."""

    address = Text(limit=500)
    words = Area(_l("Enter the text of the letter"))


class LetterForm(Form):
    """A letter to a reporter; what a template left blank must be filled in before it leaves, not to look at it."""

    leaves = True
    subject = Line(asked(_l("Enter a subject")))
    letter = Area(_l("Enter the text of the letter"))
    wants_answer = BooleanField()

    def validate_subject(self, field: Line) -> None:
        """Nothing in the subject is left blank."""
        if self.leaves:
            _no_blanks(field)

    def validate_letter(self, field: Area) -> None:
        """Nothing in the text is left blank."""
        if self.leaves:
            _no_blanks(field)


def _no_blanks(field: Field) -> None:
    if found := wording.blanks(field.data):
        raise ValidationError(_("Fill in or delete what is still blank: %(blanks)s", blanks=_(", ").join(found)))


class PlannedForm(LetterForm):
    """A letter and when it leaves."""

    when = Line(limit=20)
    leaves_at = Line(limit=20)


class LetterToForm(PlannedForm):
    """A letter to reporters of a case, one to each of those that are ticked, at once or later.

    `every` holds languages: to every address that is written to in one of these, about its newest report.
    """

    every = SelectMultipleField(validate_choice=False)
    to = SelectMultipleField(validators=[asked(_l("Choose who gets the letter"))], validate_choice=False)


class InjectForm(Form):
    """A report that a player of an exercise would have sent."""

    player = Line()
    email = Line(asked(_l("Enter an e-mail address")), an_email, limit=320)
    kind = Pick({}, asked(_l("Choose a kind of incident")))
    language = Pick(LANGUAGES, asked(_l("Choose a language")))
    description = Area(_l("Say what happened"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = offered(kinds())


class JoinForm(Form):
    """The number of a report."""

    report = Line(limit=40)


class DescribeForm(Form):
    """Title and kind of a case."""

    title = Line(asked(_l("Enter a title")))
    kind = Pick({}, asked(_l("Choose a kind of incident")))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = offered(kinds())


class MoveForm(Form):
    """A verb and what it asks for; the workflow judges what is missing."""

    verb = SelectField(choices=offered({verb.value: verb.value for verb in Verb}))
    until = Day(validators=[Optional()])
    outcome = Pick({code: words.OUTCOMES[code] for code in (*OUTCOMES, *DISMISSALS)})
    letter = Text()
    reason = Text(limit=2000)


class LevelForm(Form):
    """What leaked, what was changed, what stopped and for how long. "Nothing" is an answer; silence is none."""

    leaked = Choice(words.LEAKS, validators=[asked(_l("Say what leaked, or choose “Nothing”"))])
    tampered = Choice(words.TAMPERINGS, validators=[asked(_l("Say what was changed, or choose “Nothing”"))])
    halted = Choice(words.HALTS, validators=[asked(_l("Say what was disturbed or stopped, or choose “Nothing”"))])
    tolerable = Amount(A_YEAR_IN_HOURS, whole=False)
    expected = Amount(A_YEAR_IN_HOURS, whole=False)
    override = Pick({str(level): words.LEVELS[level] for level in (1, 2, 3, 4)})
    override_reason = Text(limit=2000)

    def impact(self) -> Impact:
        """The answers of a valid form."""
        return Impact(
            Leak(self.leaked.data),
            Tampering(self.tampered.data),
            Halt(self.halted.data),
            self.tolerable.number,
            self.expected.number,
        )

    def override_level(self) -> int | None:
        """The level that the person wants instead."""
        return int(self.override.data) if self.override.data else None


class NoteForm(Form):
    """A note for colleagues; `line` is the line of the timeline that it puts right."""

    note = Area(_l("Enter the note"))
    mention = Line(limit=120)
    happened = LocalMoment()
    line = Line(limit=20)


class ReasonForm(Form):
    """A reason."""

    why = Line(limit=500)


class AccessForm(Form):
    """A person to name, and why."""

    person = Line(limit=20)
    why_named = Line(limit=500)


class PersonForm(Form):
    """Name, roles, and whether the account may be used."""

    name = Line(asked(_l("Enter a name")), limit=120)
    roles = Choices({role.value: words.ROLES[role] for role in Role})
    organisation = Pick({})
    unit = Line(limit=120)
    active = BooleanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation.choices = offered({"": "", **organisations()})

    def validate_organisation(self, field: Pick) -> None:
        """Who reports for an organisation needs one."""
        if Role.MEMBER in (self.roles.data or []) and not field.data:
            raise ValidationError(_("Choose the organisation that this person reports for"))


class AddPersonForm(PersonForm):
    """A new account."""

    email = Line(asked(_l("Enter an e-mail address")), an_email, limit=320)
    passphrase = Line(limit=400)
    language = Choice(LANGUAGES, default=Language.EN.value)


class PassphraseForm(Form):
    """A new pass-phrase."""

    passphrase = Line(limit=400)


class HolidaysForm(Form):
    """Pasted holidays."""

    lines = Text()


class ClockForm(Form):
    """How long something may take."""

    amount = Amount(1000, whole=True)
    unit = SelectField(choices=offered({unit.value: words.UNITS[unit] for unit in ClockUnit}), validate_choice=False)
    warn = Amount(99, whole=True)
    enabled = BooleanField()

    def __init__(self, *args: Any, obj: Any = None, **kwargs: Any) -> None:
        given = {}
        if obj is not None:
            given = {"amount": str(obj.amount), "unit": obj.unit, "enabled": obj.enabled}
            given["warn"] = f"{obj.warn_fraction * 100:.0f}"
        super().__init__(*args, **given, **kwargs)

    def share(self) -> float:
        """The share of the time that is left when the clock warns; below zero for nonsense."""
        return -1.0 if self.warn.number is None else self.warn.number / 100


class SharedSearchForm(Form):
    """Name and place of a search that the team shares."""

    name = Line()
    position = Line()
