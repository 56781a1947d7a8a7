"""Asking, confirming, changing, leaving: nobody else's address is told anything, and nobody is flooded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.i18n import Language
from cert_portal.core.mail import outbox
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.outbox import Letter
from cert_portal.subscriptions import service
from cert_portal.subscriptions.models import Rhythm, Subscriber, SubscriberState
from cert_portal.subscriptions.service import Wishes
from tests.cases.desk import NOW
from tests.subscriptions.readers import WISHES, subscribed, token

ANN = "ann@shop.example"


def letters() -> list[str]:
    """Names of the letters that were written."""
    return [letter.name for letter in session.query(Letter).order_by(Letter.id)]


def test_nothing_is_sent_before_the_owner_agrees(context: Flask) -> None:
    service.request(" Ann@Shop.example ", WISHES)
    [row] = session.query(Subscriber)
    assert (row.address, row.state) == (ANN, SubscriberState.PENDING)
    assert letters() == ["subscription_confirm"]
    assert service.awaiting(token(ANN)) is row
    assert row.state == SubscriberState.PENDING, "opening the link changes nothing"
    assert service.confirm(token(ANN)) is row
    assert service.confirm(token(ANN)) is row
    assert [each.kind for each in of_subjects([row.subject])] == ["subscription.requested", "subscription.confirmed"]
    assert ANN not in str([each.data for each in of_subjects([row.subject])])


def test_an_address_is_written_to_once_an_hour_whoever_asks(context: Flask) -> None:
    with clock.turned_to(NOW):
        for _ in range(5):
            service.request(ANN, WISHES)
        assert len(letters()) == 1
    with clock.turned_to(NOW + timedelta(minutes=59)):
        service.request(ANN.upper(), WISHES)
        assert len(letters()) == 1
    with clock.turned_to(NOW + timedelta(minutes=61)):
        service.request(ANN, WISHES)
        assert len(letters()) == 2


def test_who_is_subscribed_gets_the_way_to_change_it(context: Flask) -> None:
    with clock.turned_to(NOW):
        found = subscribed(ANN)
    with clock.turned_to(NOW + timedelta(hours=2)):
        service.request(ANN, Wishes(Language.ZH_HANT, 4, Rhythm.DIGEST))
    assert letters() == ["subscription_confirm", "subscription_known"]
    assert service.wishes_of(found) == WISHES, "a stranger's wishes change nothing"
    assert service.of_token(token(ANN)) is found
    service.change(found, Wishes(Language.ZH_HANT, 4, Rhythm.DIGEST))
    service.change(found, Wishes(Language.ZH_HANT, 4, Rhythm.DIGEST))
    assert [each.kind for each in of_subjects([found.subject])].count("subscription.changed") == 1


def test_wishes_count_once_they_are_confirmed(context: Flask) -> None:
    service.request(ANN, WISHES)
    row = session.query(Subscriber).one()
    row.told_at = None
    service.request(ANN, Wishes(Language.ZH_HANT, 3, Rhythm.AT_ONCE))
    assert service.wishes_of(row) == WISHES
    service.confirm(token(ANN))
    assert service.wishes_of(row) == Wishes(Language.ZH_HANT, 3, Rhythm.AT_ONCE)


def test_links_are_not_guessed_and_end(context: Flask) -> None:
    with clock.turned_to(NOW):
        service.request(ANN, WISHES)
        good = token(ANN)
        number, ends, mark = good.split(".")
        for bad in (
            "",
            "x",
            "1",
            f"{number}.{ends}",
            f"{number}.{int(ends) + 1}.{mark}",
            f"999.{ends}.{mark}",
            "1.x.y",
        ):
            assert service.awaiting(bad) is None, bad
            assert service.of_token(bad) is None, bad
    with clock.turned_to(NOW + timedelta(days=7, seconds=1)):
        assert service.confirm(good) is None


def test_who_leaves_is_forgotten(context: Flask) -> None:
    found = subscribed(ANN)
    link = service.token_of(found)
    service.end(found, "page")
    service.end(found, "page")
    assert (found.address, found.state) == (None, SubscriberState.ENDED)
    assert service.of_token(link) is found
    assert [each.kind for each in of_subjects([found.subject])].count("subscription.ended") == 1
    again = subscribed(ANN)
    assert again.id != found.id
    assert service.counts() == {"pending": 0, "active": 1, "suspended": 0, "ended": 1}


def a_letter(name: str = "advisory") -> int:
    """A letter to Ann."""
    return outbox.post(outbox.Draft(name, "CP-A-2026-0001", "en", ANN, "x", "y")).id


def test_a_hard_bounce_suspends(context: Flask) -> None:
    found = subscribed(ANN)
    for name, verdict in (("advisory", Verdict.DELIVERED), ("case_letter", Verdict.HARD)):
        service.take_bounce(a_letter(name), verdict)
    service.take_bounce(999_999, Verdict.HARD)
    assert found.state == SubscriberState.ACTIVE
    service.take_bounce(a_letter(), Verdict.HARD)
    service.take_bounce(a_letter(), Verdict.HARD)
    assert found.state == SubscriberState.SUSPENDED
    assert [each.kind for each in of_subjects([found.subject])].count("subscription.suspended") == 1
    found.told_at = None
    service.request(ANN, WISHES)
    assert service.confirm(token(ANN)) is found
    assert (found.state, found.soft_bounces) == (SubscriberState.ACTIVE, 0)


def test_soft_bounces_are_counted(context: Flask) -> None:
    found = subscribed(ANN)
    for count in range(1, 6):
        assert found.state == SubscriberState.ACTIVE
        service.take_bounce(a_letter("digest"), Verdict.SOFT)
        assert found.soft_bounces == count
    assert found.state == SubscriberState.SUSPENDED


@pytest.mark.parametrize("language", Language)
def test_letters_name_what_is_asked(context: Flask, language: Language) -> None:
    service.request(ANN, Wishes(language, 3, Rhythm.BOTH))
    letter = session.query(Letter).one()
    assert letter.language == language
    assert ("高度" if language is Language.ZH_HANT else "High") in letter.text
