"""Signing in, and what an attacker can and cannot do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.directory import accounts, sign_in
from cert_portal.directory.models import SignInAttempt, User
from cert_portal.directory.sign_in import Refusal, SignedIn

GOOD, ADDRESS, SECRET = "four unrelated words here", "ann@portal.example", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def user(context: object) -> User:
    made = accounts.add_user(ADDRESS, "Ann", GOOD, ["analyst"])
    accounts.keep_secret(made, SECRET, "system")
    return made


def attempt(
    passphrase: str = GOOD,
    at: datetime = NOW,
    *,
    source: str = "192.0.2.1",
    code: str = "",
    email: str = ADDRESS,
    device: str = "",
) -> SignedIn | Refusal:
    with clock.turned_to(at):
        return sign_in.sign_in(email, passphrase, code or pyotp.TOTP(SECRET).at(at), source, device)


def enter(at: datetime = NOW, **more: str) -> SignedIn:
    done = attempt(at=at, **more)
    assert isinstance(done, SignedIn)
    return done


def last_failure() -> str:
    event = session.scalars(select(Event).where(Event.kind == "user.sign_in_failed").order_by(Event.id.desc())).first()
    assert event
    return f"{event.subject} {event.data['why']}"


def test_the_right_person_gets_in(user: User) -> None:
    done = enter()
    assert done.user is user
    assert user.last_sign_in_at == NOW
    assert session.scalar(select(func.count()).where(Event.kind == "user.signed_in")) == 1


def test_a_code_works_once_and_who_uses_it_again_is_told_and_not_locked_out(user: User) -> None:
    enter()
    for _ in range(sign_in.PER_ACCOUNT_AND_PLACE):
        assert attempt() is Refusal.USED
    assert last_failure() == f"{user.actor} used"
    assert attempt("a wrong pass-phrase") is Refusal.WRONG
    enter(NOW + timedelta(seconds=30))


def test_every_wrong_answer_looks_the_same_and_is_recorded_without_the_address(user: User) -> None:
    assert attempt("a wrong pass-phrase") is Refusal.WRONG
    assert last_failure() == f"{user.actor} passphrase"
    assert attempt(code="000000") is Refusal.WRONG
    assert last_failure() == f"{user.actor} code"
    assert attempt(email="nobody@portal.example") is Refusal.WRONG
    assert last_failure() == "user:unknown unknown"
    user.active = False
    assert attempt() is Refusal.WRONG
    assert last_failure() == f"{user.actor} inactive"


def test_an_unknown_address_costs_the_same_work(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    def check(hashed: str, told: str) -> bool:
        checked.append(hashed)
        return False

    monkeypatch.setattr(accounts, "is_passphrase", check)
    attempt(email="nobody@portal.example")
    assert checked[0].startswith("$argon2id$")


def test_without_an_authenticator_the_pass_phrase_is_enough_for_the_set_up(user: User) -> None:
    accounts.reset_authenticator(user, "system")
    assert isinstance(attempt(code="x"), SignedIn)


def test_five_failures_from_one_place_close_it_for_a_while(user: User) -> None:
    for _ in range(5):
        assert attempt("a wrong pass-phrase") is Refusal.WRONG
    assert attempt() is Refusal.TOO_MANY
    enter(source="192.0.2.2")
    enter(NOW + timedelta(minutes=16))


def test_an_attacker_elsewhere_cannot_lock_out_a_known_device(user: User) -> None:
    token = enter().device_token
    for number in range(sign_in.PER_ACCOUNT):
        assert attempt("a wrong pass-phrase", source=f"198.51.100.{number}") is Refusal.WRONG
    later = NOW + timedelta(minutes=1)
    assert attempt(at=later, source="203.0.113.9") is Refusal.TOO_MANY
    done = enter(later, source="203.0.113.9", device=token)
    assert done.device_token == token


def test_a_known_device_has_its_own_counter(user: User) -> None:
    token = enter().device_token
    for _ in range(5):
        attempt("a wrong pass-phrase", device=token)
    assert attempt(at=NOW + timedelta(minutes=1), device=token) is Refusal.TOO_MANY


def test_a_token_of_somebody_else_or_a_made_up_one_is_no_known_device(user: User) -> None:
    accounts.add_user("bob@portal.example", "Bob", GOOD, ["analyst"])
    foreign = attempt(email="bob@portal.example")
    assert isinstance(foreign, SignedIn)
    for number, token in enumerate((foreign.device_token, "abc.def", ".", "x", "ü.ü")):
        assert enter(NOW + timedelta(minutes=number), device=token).device_token != token


def test_many_accounts_tried_from_one_place_close_it(user: User) -> None:
    for number in range(sign_in.PER_PLACE):
        attempt(email=f"guess{number}@portal.example")
    assert attempt() is Refusal.TOO_MANY


def test_old_attempts_are_forgotten(user: User) -> None:
    attempt("a wrong pass-phrase")
    enter(NOW + timedelta(days=2))
    assert session.scalar(select(func.count(SignInAttempt.id))) == 1
