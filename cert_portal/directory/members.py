"""People of member organisations: for whom each reports, and through whom (004-11)."""

from __future__ import annotations

from sqlalchemy import select

from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.text import clean
from cert_portal.directory import events
from cert_portal.directory.models import User
from cert_portal.directory.parties import Member, Organisation, Unit
from cert_portal.directory.permissions import Role
from cert_portal.directory.refusal import DirectoryRefused


def enrol(user: User, organisation: Organisation, unit: str, actor: str) -> Member:
    """Let a person report for an organisation: for the unit of that name, or for all of it (the coordinator).

    A person reports for one organisation at a time; a unit that is not known yet is made. Telling the same again
    changes nothing. Raises DirectoryRefused: not_a_member (the role is missing).
    """
    if Role.MEMBER not in user.roles:
        raise DirectoryRefused("not_a_member")
    found = _unit(organisation, unit, actor)
    member = of(user)
    wanted = (organisation.id, found.id if found else None)
    if member and (member.organisation_id, member.unit_id) == wanted:
        return member
    member = member or Member(user_id=user.id)
    member.organisation_id, member.unit_id = wanted
    session.add(member)
    session.flush()
    record(events.ENROLLED, user.actor, actor, organisation=organisation.id, unit=member.unit_id)
    return member


def leave(user: User, actor: str) -> None:
    """A person reports for nobody any more. Twice is harmless."""
    member = of(user)
    if member is not None:
        record(events.LEFT, user.actor, actor, organisation=member.organisation_id)
        session.delete(member)
        session.flush()


def of(user: User) -> Member | None:
    """For whom a person reports."""
    return session.get(Member, user.id)


def named(member: Member) -> tuple[Organisation, Unit | None]:
    """The organisation of a member, and the unit if there is one."""
    unit = session.get(Unit, member.unit_id) if member.unit_id else None
    return session.get_one(Organisation, member.organisation_id), unit


def coordinators(organisation_id: int) -> list[User]:
    """Who may send the reports of an organisation to the centre: active accounts, by name."""
    rows = select(User).join(Member, Member.user_id == User.id)
    rows = rows.where(Member.organisation_id == organisation_id, Member.unit_id.is_(None), User.active)
    return [user for user in session.scalars(rows.order_by(User.name, User.id)) if Role.MEMBER in user.roles]


def everybody() -> dict[int, tuple[Organisation, Unit | None]]:
    """For whom each person reports, by the id of the account."""
    rows = select(Member.user_id, Organisation, Unit).join(Organisation, Organisation.id == Member.organisation_id)
    found = session.execute(rows.outerjoin(Unit, Unit.id == Member.unit_id))
    return {user: (organisation, unit) for user, organisation, unit in found}


def units(organisation_id: int) -> dict[int, str]:
    """The units of an organisation by name."""
    rows = select(Unit).where(Unit.organisation_id == organisation_id).order_by(Unit.name)
    return {unit.id: unit.name for unit in session.scalars(rows)}


def _unit(organisation: Organisation, told: str, actor: str) -> Unit | None:
    name = " ".join(clean(told).split())[:120]
    if not name:
        return None
    rows = select(Unit).where(Unit.organisation_id == organisation.id, Unit.name == name)
    unit = session.scalars(rows).first()
    if unit is None:
        unit = Unit(organisation_id=organisation.id, name=name)
        session.add(unit)
        session.flush()
        record(events.UNIT_ADDED, organisation.subject, actor, unit=unit.id)
    return unit
