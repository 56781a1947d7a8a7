"""Asking for advisories by mail, confirming, changing. Opening a link changes nothing: mail programs open links too."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.publishing.models import RiskLevel
from cert_portal.subscriptions import service
from cert_portal.subscriptions.models import Rhythm, Subscriber, SubscriberState
from cert_portal.subscriptions.service import Wishes
from cert_portal.web.forms.subscribe import RHYTHMS, RISKS, SubscribeForm, WishesForm, as_data
from cert_portal.web.limits import asking_for_mail, guessing
from cert_portal.web.public.blueprint import public
from cert_portal.web.public.report import INVALID

Answer = str | Response | tuple[str, int]
GONE = 410


@public.get("/subscribe")
def subscribe() -> str:
    """What there is, and the form."""
    usual = as_data(Wishes(g.language, RiskLevel.MEDIUM, Rhythm.BOTH))
    return render_template("public/subscribe/ask.html", form=SubscribeForm(data=usual))


@public.post("/subscribe")
@asking_for_mail
def ask_to_subscribe() -> Answer:
    """Write to the address; the answer is the same whoever it is."""
    form = SubscribeForm(request.form)
    if not form.validate():
        return render_template("public/subscribe/ask.html", form=form), INVALID
    service.request(form.address.data, form.wishes())
    session.commit()
    return redirect(url_for("public.asked_to_subscribe"))


@public.get("/subscribe/asked")
def asked_to_subscribe() -> str:
    """Look into your mailbox."""
    return render_template("public/subscribe/asked.html")


@public.get("/subscribe/confirm/<token>")
@guessing
def confirm_page(token: str) -> Answer:
    """A button to agree."""
    found = service.awaiting(token)
    if found is None:
        return _dead()
    wishes = Wishes(
        Language(found.wanted.get("language", found.language)),
        int(found.wanted.get("least_level", found.least_level)),
        Rhythm(found.wanted.get("rhythm", found.rhythm)),
    )
    done = found.state == SubscriberState.ACTIVE
    return render_template("public/subscribe/confirm.html", token=token, done=done, **_words(wishes))


@public.post("/subscribe/confirm/<token>")
@guessing
def confirm(token: str) -> Answer:
    """Agree."""
    found = service.confirm(token)
    if found is None:
        return _dead()
    session.commit()
    return redirect(url_for("public.preferences", token=service.token_of(found), done="confirmed"))


@public.get("/subscribe/preferences/<token>")
@guessing
def preferences(token: str) -> Answer:
    """What is sent, and how to change or stop it."""
    found = _active(token)
    return _preferences(found, token, WishesForm(data=as_data(service.wishes_of(found)))) if found else _dead()


@public.post("/subscribe/preferences/<token>")
@guessing
def change_preferences(token: str) -> Answer:
    """Send something else from now on."""
    found = _active(token)
    if found is None:
        return _dead()
    form = WishesForm(request.form)
    if not form.validate():
        return _preferences(found, token, form), INVALID
    service.change(found, form.wishes())
    session.commit()
    return redirect(url_for("public.preferences", token=token, done="changed"))


def _active(token: str) -> Subscriber | None:
    found = service.of_token(token)
    return found if found and found.state == SubscriberState.ACTIVE else None


def _preferences(found: Subscriber, token: str, form: WishesForm) -> str:
    facts = {"token": token, "form": form, "done": request.args.get("done", "")}
    return render_template("public/subscribe/preferences.html", address=_masked(found.address or ""), **facts)


def _masked(address: str) -> str:
    name, _at, domain = address.partition("@")
    return f"{name[:2]}…@{domain}"


def _words(wishes: Wishes) -> dict[str, object]:
    return {"risk": RISKS[str(wishes.least_level)], "rhythm": RHYTHMS[wishes.rhythm], "wanted": wishes.language}


def _dead() -> tuple[str, int]:
    return render_template("public/subscribe/dead.html"), GONE
