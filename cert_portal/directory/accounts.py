"""Staff accounts: add, change, pass-phrases and one-time codes. Nobody can lock out the last administrator."""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Collection
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select

from cert_portal.config import current
from cert_portal.core import blobs, clock
from cert_portal.core.db import session
from cert_portal.core.events import declare, record
from cert_portal.core.text import is_email, whole
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Role

ADDED = declare("user.added", "A staff account was made", "roles")
CHANGED = declare("user.changed", "Something about a staff account was changed", "what", "roles", "active")
SIGNED_OUT = declare("user.signed_out_everywhere", "All sessions of a person were ended")

ARROW = " → "
"""Between the name before and after in the text of an event."""
SHORTEST, LONGEST = 12, 200
STEP_SECONDS = 30


class AccountRefused(Exception):
    """The change is not allowed; `reason` is a code that the face puts into words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def add_user(
    email: str, name: str, passphrase: str, roles: Collection[str], *, actor: str = "system", language: str = "en"
) -> User:
    """Make an account.

    Raises AccountRefused: bad_address, address_taken, no_role, unknown_role, too_short, too_long, like_address.
    """
    address = email.strip().lower()
    if not is_email(address):
        raise AccountRefused("bad_address")
    if by_email(address):
        raise AccountRefused("address_taken")
    user = User(
        email=address,
        name=name.strip() or address.partition("@")[0],
        password_hash=_hashed(address, passphrase),
        roles=_known(roles),
        language=language,
        created_at=clock.now(),
    )
    session.add(user)
    session.flush()
    record(ADDED, user.actor, actor, roles=user.roles)
    return user


def by_email(email: str) -> User | None:
    """The account of an address, whatever its capitals."""
    return session.scalars(select(User).where(User.email == email.strip().lower())).first()


def everybody() -> list[User]:
    """All accounts by name."""
    return list(session.scalars(select(User).order_by(User.name, User.id)))


def names() -> dict[str, str]:
    """Names by actor, for timelines."""
    return {user.actor: user.name for user in session.scalars(select(User))}


def with_role(*roles: Role) -> list[User]:
    """Active people who have one of these roles."""
    return [user for user in everybody() if user.active and set(user.roles) & set(roles)]


def of_session(kept: str) -> User | None:
    """The person of a session, unless the account was closed or signed out everywhere since."""
    number, _, epoch = kept.partition(".")
    user = session.get(User, whole(number))
    return user if user and user.active and str(user.session_epoch) == epoch else None


def change(user: User, *, name: str, roles: Collection[str], active: bool, actor: str) -> None:
    """Change name, roles and whether the account may be used. Another name stands in the text of the
    event, with the one before and the address.

    Raises AccountRefused: last_admin, no_role, unknown_role.
    """
    wanted = _known(roles)
    if _is_last_admin(user) and not (active and Role.ADMIN in wanted):
        raise AccountRefused("last_admin")
    if active != user.active or set(wanted) != set(user.roles):
        user.session_epoch += 1
    before = _named(user)
    user.name, user.roles, user.active = name.strip() or user.name, wanted, active
    renamed = f"{before}{ARROW}{_named(user)}" if before != _named(user) else None
    record(CHANGED, user.actor, actor, text=renamed, what="account", roles=wanted, active=active)


def set_passphrase(user: User, passphrase: str, actor: str) -> None:
    """Put a new pass-phrase in force and end every open session.

    Raises AccountRefused: too_short, too_long, like_address.
    """
    user.password_hash = _hashed(user.email, passphrase)
    user.session_epoch += 1
    _changed(user, "passphrase", actor)


def change_own_passphrase(user: User, old: str, new: str) -> None:
    """The same by the person; raises AccountRefused("wrong_passphrase") when the old one is not right."""
    if not is_passphrase(user.password_hash, old):
        raise AccountRefused("wrong_passphrase")
    set_passphrase(user, new, user.actor)


def set_language(user: User, language: str) -> None:
    """In which language the staff pages speak to this person."""
    user.language = language
    _changed(user, "language", user.actor)


def sign_out_everywhere(user: User, actor: str) -> None:
    """End every session that the person has open, this one too."""
    user.session_epoch += 1
    record(SIGNED_OUT, user.actor, actor)


def proposed_secret(user: User) -> str:
    """The secret that a person without one is asked to put into the authenticator.

    It is derived, not drawn, so that showing it needs no write; a reset raises the epoch and so gives another.
    """
    told = f"authenticator {user.id} {user.session_epoch} {user.created_at.isoformat()}"
    derived = hmac.new(current().secret_key.encode(), told.encode(), hashlib.sha256).digest()
    return base64.b32encode(derived[:20]).decode()


def secret_address(user: User, secret: str) -> str:
    """The otpauth address of a secret, for the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=current().centre_name_en)


def confirm_authenticator(user: User, code: str) -> None:
    """Keep the proposed secret once the person has typed a right code. Raises AccountRefused: wrong_code."""
    secret = proposed_secret(user)
    step = matching_step(secret, code)
    if step is None:
        raise AccountRefused("wrong_code")
    keep_secret(user, secret, user.actor)
    user.totp_last_step = step


def keep_secret(user: User, secret: str, actor: str) -> None:
    """Put a one-time code secret in force; it is stored encrypted. Raises AccountRefused: bad_secret."""
    try:
        pyotp.TOTP(secret)
    except ValueError as error:
        raise AccountRefused("bad_secret") from error
    user.totp_secret = base64.b64encode(blobs.encrypt(secret.encode())).decode()
    user.totp_last_step = 0
    _changed(user, "authenticator", actor)


def secret_of(user: User) -> str | None:
    """The one-time code secret in force."""
    return blobs.decrypt(base64.b64decode(user.totp_secret)).decode() if user.totp_secret else None


def code_of(secret: str) -> str:
    """The code of the moment: what the person's authenticator shows."""
    return pyotp.TOTP(secret).at(clock.now())


def reset_authenticator(user: User, actor: str) -> None:
    """Forget the secret: the person is asked to set up a new one at the next sign-in."""
    user.totp_secret = None
    user.session_epoch += 1
    _changed(user, "authenticator_reset", actor)


def matching_step(secret: str, code: str) -> int | None:
    """The time step of a code, one step early or late allowed (RFC 6238, section 5.2); None when it is wrong."""
    typed = "".join(unicodedata.normalize("NFKC", code).split())
    now = int(clock.now().timestamp()) // STEP_SECONDS
    maker = pyotp.TOTP(secret)
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(maker.at(step * STEP_SECONDS).encode(), typed.encode()):
            return step
    return None


def is_passphrase(hashed: str, passphrase: str) -> bool:
    """Whether the pass-phrase is the one that was hashed."""
    try:
        return hasher().verify(hashed, _normal(passphrase))
    except VerifyMismatchError:
        return False


def renew_hash(user: User, passphrase: str) -> None:
    """Hash a right pass-phrase again when the parameters have changed since."""
    if hasher().check_needs_rehash(user.password_hash):
        user.password_hash = hasher().hash(_normal(passphrase))


@cache
def hasher() -> PasswordHasher:
    """Argon2id with the parameters of RFC 9106, section 4 (second choice: 64 MiB)."""
    return PasswordHasher()


def _normal(passphrase: str) -> str:
    return unicodedata.normalize("NFKC", passphrase).strip()[: LONGEST * 4]


def _hashed(address: str, passphrase: str) -> str:
    plain = _normal(passphrase)
    if len(plain) < SHORTEST:
        raise AccountRefused("too_short")
    if len(plain) > LONGEST:
        raise AccountRefused("too_long")
    if plain.lower() in (address, address.partition("@")[0]):
        raise AccountRefused("like_address")
    return hasher().hash(plain)


def _known(roles: Collection[str]) -> list[str]:
    if not roles:
        raise AccountRefused("no_role")
    if set(roles) - set(Role):
        raise AccountRefused("unknown_role")
    return [role.value for role in Role if role in roles]


def _named(user: User) -> str:
    return f"{user.name} <{user.email}>"


def _is_last_admin(user: User) -> bool:
    return [each.id for each in with_role(Role.ADMIN)] == [user.id]


def _changed(user: User, what: str, actor: str) -> None:
    record(CHANGED, user.actor, actor, what=what, roles=user.roles, active=user.active)
