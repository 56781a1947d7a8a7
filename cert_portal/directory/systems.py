"""The systems of a member organisation: how important each is, and who supervises a shared one (004-02, 004-12)."""

from __future__ import annotations

from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.directory import contacts, events
from cert_portal.directory.parties import Contact, ContactRole, Importance, Organisation, OwnSystem


def mark(organisation: Organisation, code: str, importance: Importance, supervisor: Organisation | None) -> bool:
    """Say what a system is to its organisation, in place of what was said before; False when it was said already.

    A supervisor makes it a central, common system: its reports go to that unit in copy.
    """
    row = of(organisation.id, code)
    wanted = (importance, supervisor.id if supervisor else None)
    if row and (row.importance, row.supervisor_id) == wanted:
        return False
    row = row or OwnSystem(organisation_id=organisation.id, code=code)
    row.importance, row.supervisor_id = wanted
    session.add(row)
    session.flush()
    data = {"code": code, "importance": importance.value, "supervisor": row.supervisor_id}
    record(events.SYSTEM_MARKED, organisation.subject, "system", **data)  # type: ignore[arg-type]  # data by name
    return True


def of(organisation_id: int, code: str) -> OwnSystem | None:
    """What is said of a system."""
    return session.get(OwnSystem, (organisation_id, code))


def in_copy(organisation_id: int, code: str) -> tuple[Organisation, Contact] | None:
    """The supervising unit of a system and whom to write to there; None without one, or without an address."""
    row = of(organisation_id, code)
    unit = session.get(Organisation, row.supervisor_id) if row and row.supervisor_id else None
    contact = contacts.best(unit, ContactRole.SECURITY) if unit and unit.active else None
    return (unit, contact) if unit and contact and contact.email else None
