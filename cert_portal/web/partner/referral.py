"""The page of a party. GET shows and writes nothing; "seen" is recorded when somebody presses the button."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import Form

from cert_portal.config import current
from cert_portal.coordination import link, service
from cert_portal.coordination.answers import Told
from cert_portal.coordination.link import Standing
from cert_portal.coordination.models import Referral
from cert_portal.coordination.service import ReferralRefused
from cert_portal.coordination.workflow import State, Verb
from cert_portal.core.db import session
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory.parties import Organisation
from cert_portal.intake.files import FileRefused
from cert_portal.web import frame
from cert_portal.web.forms.fields import Line, Text
from cert_portal.web.limits import guessing
from cert_portal.web.partner.blueprint import partner

INVALID = 422
VERBS = {"acknowledge": Verb.ACKNOWLEDGE, "answer": Verb.ANSWER, "resolved": Verb.RESOLVE, "not-ours": Verb.DISOWN}
Answer = str | Response | tuple[str, int]


class TellForm(Form):
    """What the party says: words, and the number in its own books."""

    reference = Line(limit=80)
    text = Text()


@partner.get("/<token>")
@guessing
def open_page(token: str) -> Answer:
    """Before it was opened a cover, then the referral; a link scanner that follows the link changes nothing."""
    referral, standing = link.find(token)
    if referral is None:
        return _closed(standing, token)
    return _cover(referral, token) if referral.state == State.SENT else _page(referral, token)


@partner.post("/<token>/open")
@guessing
def open_referral(token: str) -> Answer:
    """Somebody presses the button: the referral was seen."""
    referral, standing = link.find(token)
    if referral is None:
        return _closed(standing, token)
    service.see(referral)
    session.commit()
    return redirect(url_for("partner.open_page", token=token))


@partner.post("/<token>/<any('acknowledge', 'answer', 'resolved', 'not-ours'):act>")
@guessing
def tell(token: str, act: str) -> Answer:
    """What the party says: that it has it, an answer, that it is over, that it is not theirs."""
    referral, standing = link.find(token)
    if referral is None:
        return _closed(standing, token)
    form, sent = TellForm(request.form), _files()
    if not form.validate():
        return _page(referral, token, INVALID, form=form, act=act)
    try:
        service.by_page(referral, VERBS[act], Told(form.text.data, form.reference.data, sent))
    except (ReferralRefused, FileRefused) as error:
        session.rollback()
        return _again(token, form, act, _why(error, [name for name, _data in sent]))
    session.commit()
    return redirect(url_for("partner.open_page", token=token, done=act))


def _files() -> list[tuple[str, bytes]]:
    found = []
    for each in request.files.getlist("files"):
        with closing(each):
            found += [(each.filename, each.read())] if each.filename else []
    return found


def _again(token: str, form: TellForm, act: str, said: str) -> Answer:
    referral, standing = link.find(token)
    if referral is None:
        return _closed(standing, token)
    return _page(referral, token, INVALID, form=form, act=act, wrong=[(said, f"#{act}-text")])


def _why(error: ReferralRefused | FileRefused, names: list[str]) -> str:
    if isinstance(error, ReferralRefused):
        return _("Write an answer or choose a file")
    said = {
        "empty": _("A file is empty: choose another one (%(names)s)", names=_(", ").join(names)),
        "too_big": _(
            "Each file must be smaller than %(mb)s MB (%(names)s)",
            mb=current().upload_megabytes,
            names=_(", ").join(names),
        ),
        "too_many": _("No more files can be added here: send them by e-mail"),
        "type_lies": _(
            "A file is not what its name says: check it and choose again (%(names)s)", names=_(", ").join(names)
        ),
        "archive_bomb": _("An archive unpacks to far more than it should (%(names)s)", names=_(", ").join(names)),
    }
    return said[error.code]


def _cover(referral: Referral, token: str) -> str:
    return _render("cover", referral, token)


def _page(referral: Referral, token: str, status: int = 200, **facts: Any) -> Answer:
    form = facts.pop("form", None) or TellForm(reference=referral.their_reference)
    told = {"form": form, "act": "", "wrong": [], "done": request.args.get("done", ""), **facts}
    page = _render("referral", referral, token, letter=session.get_one(Letter, referral.letter_id), **told)
    return (page, status) if status != 200 else page


def _render(name: str, referral: Referral, token: str, **facts: Any) -> str:
    organisation = session.get_one(Organisation, referral.organisation_id)
    known = {"referral": referral, "token": token, "party": organisation.name(frame.language())}
    return render_template(f"partner/{name}.html", other=_other(token), **known, **facts)


def _other(token: str) -> str:
    return url_for("partner.open_page", token=token, lang=frame.language().other.value)


def _closed(standing: Standing, token: str) -> tuple[str, int]:
    status = 404 if standing is Standing.UNKNOWN else 410
    return render_template("partner/closed.html", standing=standing.value, other=_other(token)), status
