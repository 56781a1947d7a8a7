"""Accounts, pass-phrases, authenticators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from argon2 import PasswordHasher

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.directory import accounts
from cert_portal.directory.accounts import AccountRefused
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Role

GOOD = "four unrelated words here"
NOW = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)


def ann(**more: object) -> User:
    told = {"email": "Ann@Portal.example", "name": "Ann", "passphrase": GOOD, "roles": ["analyst"], **more}
    return accounts.add_user(**told)  # type: ignore[arg-type]


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(AccountRefused) as refused:
        act()
    return refused.value.reason


@pytest.mark.usefixtures("context")
class TestAdding:
    def test_an_address_is_kept_in_small_letters_and_found_in_any(self) -> None:
        user = ann()
        assert user.email == "ann@portal.example"
        assert accounts.by_email(" ANN@portal.EXAMPLE") is user
        assert [event.kind for event in of_subjects([user.actor])] == ["user.added"]

    def test_a_name_is_made_up_where_none_was_given(self) -> None:
        assert ann(name="  ").name == "ann"

    def test_the_pass_phrase_is_hashed_with_argon2id(self) -> None:
        assert ann().password_hash.startswith("$argon2id$")

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            ({"email": "nobody"}, "bad_address"),
            ({"email": "a@" + "b" * 330}, "bad_address"),
            *(
                ({"email": each}, "bad_address")
                for each in ("@", "foo@", "@portal.example", "a@b@c.example", "x@y.example,z@w.example")
            ),
            *(({"email": each}, "bad_address") for each in ("n5@x .example", "f@x.example bcc: q@q.example")),
            ({"passphrase": "short"}, "too_short"),
            ({"passphrase": " " * 30}, "too_short"),
            ({"passphrase": "x" * 201}, "too_long"),
            ({"passphrase": "ANN@portal.example"}, "like_address"),
            ({"roles": []}, "no_role"),
            ({"roles": ["king"]}, "unknown_role"),
        ],
    )
    def test_what_is_refused(self, more: dict[str, object], reason: str) -> None:
        assert refusal(lambda: ann(**more)) == reason

    def test_an_address_is_taken_once(self) -> None:
        ann()
        assert refusal(ann) == "address_taken"


@pytest.mark.usefixtures("context")
class TestChanging:
    def test_the_last_administrator_stays(self) -> None:
        boss = ann(roles=["admin"])
        one = {"name": "Ann", "actor": "system"}
        assert refusal(lambda: accounts.change(boss, roles=["analyst"], active=True, **one)) == "last_admin"
        assert refusal(lambda: accounts.change(boss, roles=["admin"], active=False, **one)) == "last_admin"
        ann(email="second@portal.example", roles=["admin"])
        accounts.change(boss, roles=["analyst"], active=True, **one)
        assert boss.roles == ["analyst"]

    def test_another_role_ends_the_sessions_and_another_name_does_not(self) -> None:
        user = ann()
        accounts.change(user, name="Anne", roles=["analyst"], active=True, actor="system")
        assert (user.name, user.session_epoch) == ("Anne", 1)
        accounts.change(user, name=" ", roles=["operator"], active=True, actor="system")
        assert (user.name, user.session_epoch) == ("Anne", 2)

    def test_a_session_ends_with_its_epoch_or_account(self) -> None:
        user = ann()
        kept = user.get_id()
        assert accounts.of_session(kept) is user
        assert accounts.of_session("x.1") is None
        assert accounts.of_session("999.1") is None
        accounts.sign_out_everywhere(user, user.actor)
        assert accounts.of_session(kept) is None
        user.active = False
        assert accounts.of_session(user.get_id()) is None
        assert not user.is_active

    def test_the_session_protocol(self) -> None:
        user = ann()
        assert user.is_authenticated
        assert not user.is_anonymous

    def test_a_person_changes_the_pass_phrase(self) -> None:
        user = ann()
        assert refusal(lambda: accounts.change_own_passphrase(user, "wrong", "another good phrase")) == (
            "wrong_passphrase"
        )
        accounts.change_own_passphrase(user, GOOD, "another good phrase")
        assert accounts.is_passphrase(user.password_hash, "another good phrase")
        assert user.session_epoch == 2

    def test_language_and_names(self) -> None:
        user = ann()
        accounts.set_language(user, "zh-hant")
        assert user.language == "zh-hant"
        assert accounts.names() == {user.actor: "Ann"}
        assert accounts.with_role(Role.ANALYST) == [user]
        assert accounts.with_role(Role.ADMIN) == []

    def test_a_hash_is_renewed_when_the_parameters_changed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        user = ann()
        before = user.password_hash
        accounts.renew_hash(user, GOOD)
        assert user.password_hash == before
        monkeypatch.setattr(accounts, "hasher", lambda: PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
        accounts.renew_hash(user, GOOD)
        assert user.password_hash != before
        assert accounts.is_passphrase(user.password_hash, GOOD)


@pytest.mark.usefixtures("context")
class TestAuthenticator:
    def test_set_up_and_reset(self) -> None:
        user = ann()
        with clock.turned_to(NOW):
            secret = accounts.proposed_secret(user)
            assert accounts.proposed_secret(user) == secret
            assert refusal(lambda: accounts.confirm_authenticator(user, "000000")) == "wrong_code"
            accounts.confirm_authenticator(user, pyotp.TOTP(secret).at(NOW))
        session.flush()
        assert accounts.secret_of(user) == secret
        assert secret not in (user.totp_secret or "")
        assert user.totp_last_step == int(NOW.timestamp()) // 30
        accounts.reset_authenticator(user, "system")
        assert accounts.secret_of(user) is None
        assert accounts.proposed_secret(user) != secret

    @pytest.mark.parametrize("secret", ["", "ABCDEFGH", "no base 32!"])
    def test_a_key_that_is_none_is_refused(self, secret: str) -> None:
        assert refusal(lambda: accounts.keep_secret(ann(), secret, "system")) == "bad_secret"

    @pytest.mark.parametrize(("seconds", "right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
    def test_one_step_early_or_late_is_allowed(self, seconds: int, right: bool) -> None:
        secret = pyotp.random_base32()
        code = pyotp.TOTP(secret).at(NOW + timedelta(seconds=seconds))
        with clock.turned_to(NOW):
            assert (accounts.matching_step(secret, f" {code[:3]} {code[3:]}") is not None) is right

    def test_the_code_of_the_moment_is_right(self) -> None:
        secret = pyotp.random_base32()
        with clock.turned_to(NOW):
            assert accounts.matching_step(secret, accounts.code_of(secret)) is not None

    def test_the_address_for_the_picture_names_the_centre(self) -> None:
        assert accounts.secret_address(ann(), pyotp.random_base32()).startswith("otpauth://totp/")


def test_the_real_hasher_uses_argon2id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert accounts.hasher().type.name == "ID"
    assert accounts.hasher().memory_cost >= 65536
