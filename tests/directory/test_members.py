"""For whom a person reports."""

from __future__ import annotations

import pytest
from flask import Flask

from cert_portal.core.events import of_subjects
from cert_portal.directory import accounts, members, organisations
from cert_portal.directory.models import User
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.directory.parties import Organisation
from cert_portal.directory.refusal import DirectoryRefused


def a_person(name: str, *roles: str) -> User:
    return accounts.add_user(f"{name}@harbour.example", name, "four unrelated words", roles or ["member"])


@pytest.fixture
def board(context: Flask) -> Organisation:
    """An organisation."""
    return organisations.add(OrganisationTold("member", "Harbour Board"), "system")


def test_a_person_belongs_to_a_unit_or_speaks_for_all(board: Organisation) -> None:
    sue, head = a_person("sue"), a_person("head")
    unit = members.enrol(sue, board, "  Survey ", "system")
    whole = members.enrol(head, board, "", "system")
    assert (unit.is_coordinator, whole.is_coordinator) == (False, True)
    organisation, named = members.named(unit)
    assert (organisation, named and named.name) == (board, "Survey")
    assert members.named(whole) == (board, None)
    assert [user.name for user in members.coordinators(board.id)] == ["head"]
    assert list(members.units(board.id).values()) == ["Survey"]
    assert {user: bool(unit) for user, (_body, unit) in members.everybody().items()} == {sue.id: True, head.id: False}


def test_telling_the_same_again_changes_nothing(board: Organisation) -> None:
    sue = a_person("sue")
    members.enrol(sue, board, "Survey", "system")
    members.enrol(sue, board, "Survey", "system")
    members.enrol(sue, board, "", "system")
    kinds = [event.kind for event in of_subjects([sue.actor])]
    assert kinds.count("user.enrolled") == 2
    members.leave(sue, "system")
    members.leave(sue, "system")
    assert members.of(sue) is None
    assert [event.kind for event in of_subjects([sue.actor])].count("user.left_organisation") == 1


def test_only_with_the_role(board: Organisation) -> None:
    with pytest.raises(DirectoryRefused, match="not a member"):
        members.enrol(a_person("ann", "analyst"), board, "", "system")


def test_who_lost_the_role_or_the_account_coordinates_no_more(board: Organisation) -> None:
    head, second = a_person("head"), a_person("second")
    for user in (head, second):
        members.enrol(user, board, "", "system")
    accounts.change(head, name="head", roles=["editor"], active=True, actor="system")
    accounts.change(second, name="second", roles=["member"], active=False, actor="system")
    assert members.coordinators(board.id) == []
