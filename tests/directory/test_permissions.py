"""Who may do what."""

from __future__ import annotations

import pytest

from cert_portal.directory.permissions import MAY, NEVER_PERSONAL, Permission, Role, permissions_of, table


def test_every_role_stands_in_the_table() -> None:
    assert set(MAY) == set(Role)


@pytest.mark.parametrize("role", [Role.LIAISON, Role.AUDITOR, Role.MEMBER, Role.EDITOR, Role.APPROVER])
def test_roles_that_never_read_personal_data(role: Role) -> None:
    assert not permissions_of([role]) & NEVER_PERSONAL


def test_an_administrator_reads_no_reports() -> None:
    assert not permissions_of([Role.ADMIN]) & {Permission.READ_REPORTS, Permission.READ_CASES}


def test_several_roles_add_up() -> None:
    both = permissions_of(["analyst", "admin"])
    assert {Permission.HANDLE, Permission.MANAGE_USERS} <= both


def test_no_role_allows_nothing() -> None:
    assert permissions_of([]) == frozenset()


def test_the_table_of_the_manual_names_every_role_and_permission() -> None:
    words = table()
    assert all(f"`{role}`" in words for role in Role)
    assert all(permission in words for permission in Permission)
