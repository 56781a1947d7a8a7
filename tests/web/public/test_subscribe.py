"""Advisories by mail: twice agreed, nothing told about anybody, nothing changed by opening a link."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.mail.outbox import Letter
from cert_portal.subscriptions import service
from cert_portal.subscriptions.models import Subscriber
from tests.cases.desk import NOW
from tests.subscriptions.readers import token

ANN = "ann@shop.example"
WISHES = {"language": "en", "risk": "2", "rhythm": "both"}


def ask(client: FlaskClient, address: str = ANN, lang: str = "en", **more: str) -> tuple[int, str]:
    """Send the form; answers status and where it leads, or the page."""
    answer = client.post(f"/{lang}/subscribe", data={**WISHES, "address": address, **more})
    return answer.status_code, answer.location or answer.text


def link(app: Flask, address: str = ANN) -> str:
    """The link of the last letter."""
    with app.app_context():
        return token(address)


def row(app: Flask) -> tuple[str, str | None, str, int]:
    """State, address, language and least risk of the only subscriber."""
    with app.app_context():
        [found] = session.query(Subscriber)
        return found.state, found.address, found.language, found.least_level


@pytest.mark.parametrize("lang", ["en", "zh-hant"])
def test_from_the_form_to_the_last_letter(app: Flask, client: FlaskClient, lang: str) -> None:
    assert client.get(f"/{lang}/subscribe").status_code == 200
    assert ask(client, lang=lang, language=lang, risk="3") == (302, f"/{lang}/subscribe/asked")
    assert client.get(f"/{lang}/subscribe/asked").status_code == 200
    with app.app_context():
        letter = session.query(Letter).one()
        assert f"/{lang}/subscribe/confirm/" in letter.text
    confirm = f"/{lang}/subscribe/confirm/{link(app)}"
    for _ in range(2):
        assert "govuk-button" in client.get(confirm).text
    assert row(app)[0] == "pending", "opening the link changes nothing"
    answer = client.post(confirm)
    assert row(app) == ("active", ANN, lang, 3)
    page = client.get(answer.location).text
    assert "an…@shop.example" in page
    assert ANN not in page
    own = answer.location.partition("?")[0]
    client.get(own)
    answer = client.post(own, data={**WISHES, "risk": "4", "language": lang})
    assert answer.status_code == 302
    assert row(app) == ("active", ANN, lang, 4)
    assert client.post(f"/unsubscribe/{own.rpartition('/')[2]}").status_code == 200
    assert row(app)[:2] == ("ended", None)
    assert client.get(own).status_code == 410
    assert client.post(own, data=WISHES).status_code == 410


def test_the_answer_is_the_same_for_everybody(app: Flask, client: FlaskClient) -> None:
    unknown = ask(client)
    client.post(f"/en/subscribe/confirm/{link(app)}")
    assert ask(client) == unknown
    with clock.turned_to(clock.now() + timedelta(hours=2)):
        assert ask(client) == unknown
    with app.app_context():
        names = [each.name for each in session.query(Letter).order_by(Letter.id)]
    assert names == ["subscription_confirm", "subscription_known"]


@pytest.mark.parametrize("address", ["", "no address", "ann@", "陳@shop.example", "a@b.example\nBcc: c@d.example"])
def test_an_address_that_is_none(app: Flask, client: FlaskClient, address: str) -> None:
    status, page = ask(client, address)
    assert status == 422
    assert "Enter an e-mail address" in page
    assert 'href="#address"' in page
    with app.app_context():
        assert session.query(Letter).count() == 0


def test_wrong_choices_are_named(app: Flask, client: FlaskClient) -> None:
    status, page = ask(client, risk="9", rhythm="", language="fr")
    assert status == 422
    assert f'value="{ANN}"' in page, "what was typed is kept"
    assert set(re.findall(r'href="#(risk|rhythm|language)', page)) == {"risk", "rhythm", "language"}
    ask(client)
    own = client.post(f"/en/subscribe/confirm/{link(app)}").location.partition("?")[0]
    assert client.post(own, data={**WISHES, "risk": "x"}).status_code == 422
    assert row(app)[3] == 2


def test_dead_links(app: Flask, client: FlaskClient) -> None:
    with clock.turned_to(NOW):
        ask(client)
        good = link(app)
    number = good.partition(".")[0]
    for bad in ("x", good[:-1], f"{number}.1.{'0' * 32}", f"{number}..", "9" * 40, good.replace(".", "٣.", 1)):
        for verb in (client.get, client.post):
            assert verb(f"/en/subscribe/confirm/{bad}").status_code == 410
            assert verb(f"/en/subscribe/preferences/{bad}").status_code == 410
    with clock.turned_to(NOW + timedelta(days=8)):
        assert "This link no longer works" in client.get(f"/en/subscribe/confirm/{good}").text
        assert client.post(f"/en/subscribe/confirm/{good}").status_code == 410
    assert row(app)[0] == "pending"


def test_confirming_twice_does_no_harm(app: Flask, client: FlaskClient) -> None:
    ask(client)
    path = f"/en/subscribe/confirm/{link(app)}"
    client.post(path)
    assert "You have confirmed this already." in client.get(path).text
    assert client.post(path).status_code == 302
    with app.app_context():
        assert service.counts()["active"] == 1
