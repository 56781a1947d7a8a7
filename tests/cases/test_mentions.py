"""Colleagues named in notes."""

from __future__ import annotations

import pytest

from cert_portal.cases import mentions, service
from cert_portal.cases.mentions import MentionRefused
from cert_portal.cases.models import Case
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from tests.cases.desk import last, person


def add(email: str, name: str, role: str = "analyst") -> User:
    return accounts.add_user(f"{email}@portal.example", name, "four unrelated words", [role])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Ben Ho please look", ["Ben Ho"]),
        ("please look, @benho.", ["Ben Ho"]),
        ("@BEN and @ann", ["Ben Ho", "Ann"]),
        ("@second: see above", ["Ben Ho"]),
        ("@second@portal.example", ["Ben Ho"]),
        ("請＠陳大文跟進", ["陳大文"]),
        ("@陳大文@Ben", ["陳大文", "Ben Ho"]),
        ("write to x@second or a.b@ann", []),
        ("@Benjamin, @ben.other, @ben_1 and @nobody", []),
        ("@Eva may read no cases", []),
        ("@Ben @Ben Ho @second", ["Ben Ho"]),
    ],
)
def test_who_is_named(case: Case, ann: User, text: str, names: list[str]) -> None:
    add("second", "Ben Ho")
    add("tm", "陳大文")
    add("eva", "Eva", "editor")
    assert sorted(user.name for user in service.note(case, text, ann)) == sorted(names)
    assert len(last(case.number).data["mentions"]) == len(names)


@pytest.mark.parametrize(("email", "name"), [("@", "Old"), ("@portal.example", "Old"), ("@", "")])
def test_an_old_account_with_nothing_before_the_at_hinders_no_note(
    case: Case, ann: User, email: str, name: str
) -> None:
    add("second", "Ben Ho")
    old = add("old", "Old")
    old.email, old.name = email, name
    assert [user.name for user in service.note(case, "@Ben look @ me", ann)] == ["Ben Ho"]


def test_one_name_of_two_people_is_refused_and_the_address_helps(case: Case, ann: User) -> None:
    first, second = add("chan1", "Chan Tai Man"), add("chan2", "Chan Siu Ming")
    with pytest.raises(MentionRefused, match="many_called") as refused:
        service.note(case, "Ask @Chan about it", ann)
    assert refused.value.name == "@Chan"
    assert service.note(case, "Ask @chan1 and @Chan Siu Ming", ann) == [first, second]


def test_nobody_is_mentioned_into_a_restricted_case(case: Case, ann: User) -> None:
    ben = add("second", "Ben Ho")
    service.restrict(case, "a colleague", ann)
    with pytest.raises(MentionRefused, match="mention_not_named") as refused:
        service.note(case, "@Ben look", ann)
    assert refused.value.name == "Ben Ho"
    assert last(case.number).kind == "case.restricted"
    service.grant(case, ben, "helps", ann)
    assert service.note(case, "@Ben look", ann) == [ben]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Ben Ho and @ann, please", []),
        ("@Benjamin, @eva. and @nobody!", ["@Benjamin", "@eva", "@nobody"]),
        ("@nobody and @nobody", ["@nobody"]),
        ("請＠李小明 跟進", ["＠李小明"]),
        ("a@b.example, @ , @@ and user@x", []),
    ],
)
def test_who_cannot_be_told_is_named(ann: User, text: str, names: list[str]) -> None:
    add("second", "Ben Ho")
    add("eva", "Eva", "editor")
    assert mentions.unknown(text) == names


def test_a_name_that_is_chosen_stands_before_the_note(ann: User) -> None:
    add("second", "Ben Ho")
    assert mentions.put_before("Look", "@Ben Ho") == "@Ben Ho Look"
    assert mentions.put_before("Look", " ben ho ".strip()) == "@ben ho Look"
    for told in ("@Bert", "Ben Ho and others", ""):
        with pytest.raises(MentionRefused, match="nobody_called"):
            mentions.put_before("Look", told)


def test_names_of_those_who_were_told_are_marked(ann: User) -> None:
    ben = person("Ben")
    assert mentions.pieces("İ@Ben and @Ann.", [ben]) == [("İ", False), ("@Ben", True), (" and @Ann.", False)]
    assert mentions.pieces("@Ben", [ben]) == [("@Ben", True)]
    assert mentions.pieces("@Ben", []) == [("@Ben", False)]
