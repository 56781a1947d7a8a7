"""What registries said about addresses and domains (RDAP), kept for a while; and who the registrar of a domain is.

Off until RDAP_BOOTSTRAP is set: a registry that is asked learns what we look at.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.config import current
from cert_portal.core import clock, rdap
from cert_portal.core.db import Base, BigId, session
from cert_portal.core.feeds import is_public
from cert_portal.core.queue import ASK_REGISTRY, after_commit
from cert_portal.core.rdap import Services
from cert_portal.directory import contacts, organisations
from cert_portal.directory.look_up import domain_name, who_answers
from cert_portal.directory.parties import Contact, ContactRole, Domain, Organisation, OrganisationKind

WAITING, DONE, FAILED = "waiting", "done", "failed"
BOOTSTRAP = "bootstrap"
KEPT_BOOTSTRAP = timedelta(days=1)
REGISTRARS = (OrganisationKind.REGISTRAR, OrganisationKind.REGISTRY)


class RegistryRefused(Exception):
    """No registry is asked; `reason` is a code: off, not_public, no_question (nothing that registries know)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RegistryAnswer(Base):
    """One question to a registry and what it said; `trouble` is a code when it said nothing.

    `kind` is ip, domain, asn, or bootstrap for the table of who answers for what.
    """

    __tablename__ = "registry_answers"
    __table_args__ = (UniqueConstraint("kind", "asked"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    asked: Mapped[str] = mapped_column(String(253))
    state: Mapped[str] = mapped_column(String(8), index=True)
    trouble: Mapped[str] = mapped_column(String(40), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Question:
    """A question under way; `services` is None when the table must be fetched from `bootstrap` first."""

    id: int
    kind: str
    value: str
    space: str
    bootstrap: str
    services: Services | None


@dataclass(frozen=True)
class Registrar:
    """Who registered a domain: by name, and as an organisation of the directory with its contact, where it is there.

    `how` tells where it comes from: rdap (the registry said so) or directory (who answers for what the name ends in).
    """

    name: str
    how: str
    organisation: Organisation | None
    contact: Contact | None


def subject(kind: str, value: str) -> tuple[str, str] | None:
    """What a registry is asked about a value: kind and name; None for what registries do not know."""
    if kind == "asn":
        return "asn", value.upper().removeprefix("AS")
    if kind not in ("url", "domain", "email", "ip"):
        return None
    host = _host(value) if kind == "url" else value.rpartition("@")[2]
    try:
        return "ip", str(ipaddress.ip_address(host))
    except ValueError:
        name = domain_name(host)
        return ("domain", name) if "." in name else None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def ask(kind: str, value: str) -> RegistryAnswer:
    """The answer that is kept, or a new question that a job carries out. Raises RegistryRefused."""
    if not current().rdap_bootstrap:
        raise RegistryRefused("off")
    about = subject(kind, value)
    if about is None:
        raise RegistryRefused("no_question")
    if about[0] == "ip" and not is_public(about[1]):
        raise RegistryRefused("not_public")
    row, now = kept(kind, value), clock.now()
    if row is not None and (row.state == WAITING or _is_fresh(row)):
        return row
    if row is None:
        row = RegistryAnswer(kind=about[0], asked=about[1], facts={}, trouble="")
        session.add(row)
    row.state, row.asked_at, row.claimed_at = WAITING, now, None
    session.flush()
    after_commit(ASK_REGISTRY, row.id)
    return row


def kept(kind: str, value: str) -> RegistryAnswer | None:
    """What was asked about a value, however long ago; None when nothing was."""
    about = subject(kind, value)
    return _row(*about) if about else None


def _row(kind: str, asked: str) -> RegistryAnswer | None:
    rows = select(RegistryAnswer).where(RegistryAnswer.kind == kind, RegistryAnswer.asked == asked)
    return session.scalars(rows).first()


def _is_fresh(row: RegistryAnswer) -> bool:
    """A trouble may be over soon; what was said holds for days."""
    days = timedelta(days=current().rdap_days) if row.state == DONE else timedelta(minutes=5)
    return row.answered_at is not None and row.answered_at > clock.now() - days


def claim(answer_id: int) -> Question | None:
    """Take a question up, once in a lease. None when it is done, taken, or registries are no longer asked."""
    row, now = session.get(RegistryAnswer, answer_id, with_for_update=True), clock.now()
    lease = timedelta(seconds=current().lease_seconds)
    taken = row is not None and row.claimed_at is not None and row.claimed_at > now - lease
    if row is None or row.state != WAITING or taken or not current().rdap_bootstrap:
        return None
    row.claimed_at = now
    space = rdap.FILES[rdap.space(row.kind, row.asked)]
    table = _row(BOOTSTRAP, space)
    fresh = table is not None and table.answered_at is not None and table.answered_at > now - KEPT_BOOTSTRAP
    services = table.facts["services"] if table and fresh else None
    return Question(
        row.id, row.kind, row.asked, space, f"{current().rdap_bootstrap.rstrip('/')}/{space}.json", services
    )


def keep_services(space: str, services: Services) -> None:
    """Keep the table of who answers for what."""
    row, now = _row(BOOTSTRAP, space), clock.now()
    if row is None:
        row = RegistryAnswer(kind=BOOTSTRAP, asked=space, asked_at=now, trouble="")
        session.add(row)
    row.state, row.facts, row.answered_at = DONE, {"services": services}, now
    session.flush()


def answered(answer_id: int, facts: dict[str, Any]) -> None:
    """Keep what the registry said."""
    row = session.get_one(RegistryAnswer, answer_id)
    row.state, row.trouble, row.facts, row.answered_at = DONE, "", facts, clock.now()


def failed(answer_id: int, trouble: str) -> None:
    """Note why it said nothing; what it said before is kept."""
    row = session.get_one(RegistryAnswer, answer_id)
    row.state, row.trouble, row.answered_at = FAILED, trouble[:40], clock.now()


def unfinished() -> list[int]:
    """Questions that nobody carries out."""
    before = clock.now() - timedelta(seconds=current().lease_seconds)
    rows = select(RegistryAnswer.id).where(RegistryAnswer.state == WAITING, RegistryAnswer.asked_at < before)
    idle = RegistryAnswer.claimed_at.is_(None) | (RegistryAnswer.claimed_at < before)
    return list(session.scalars(rows.where(idle))) if current().rdap_bootstrap else []


def registrar_of(kind: str, value: str, *, may_know: bool = True) -> Registrar | None:
    """Who registered the domain of a value, as far as a registry (`may_know` what it said) or the directory says."""
    about = subject(kind, value)
    if about is None or about[0] != "domain":
        return None
    row = _row(*about) if may_know else None
    name = str(row.facts.get("registrar", "")) if row else ""
    if row and name:
        return _registrar(name, "rdap", _by_name_or_mail(name, row.facts.get("abuse", [])))
    found = _registry_of(about[1])
    return _registrar(found.name_en or found.name_zh_hant, "directory", found) if found else None


def _registrar(name: str, how: str, found: Organisation | None) -> Registrar:
    return Registrar(name, how, found, contacts.best(found, ContactRole.ABUSE) if found else None)


def _by_name_or_mail(name: str, mails: list[str]) -> Organisation | None:
    by_mail = (who_answers(mail).organisation for mail in mails)
    return organisations.by_name(name) or next((each for each in by_mail if each and each.kind in REGISTRARS), None)


def _registry_of(name: str) -> Organisation | None:
    """The registry or registrar of the longest ending that the directory knows."""
    labels = name.split(".")
    endings = [".".join(labels[start:]) for start in range(len(labels))]
    rows = select(Domain.name, Organisation).join(Organisation, Organisation.id == Domain.organisation_id)
    rows = rows.where(Domain.name.in_(endings), Organisation.kind.in_(REGISTRARS))
    found = dict(iter(session.execute(rows)))
    return next((found[each] for each in endings if each in found), None)
