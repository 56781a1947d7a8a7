"""Letters of exercises are marked and go to registered addresses; what is TLP:RED goes nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from cert_portal.core.events import of_subjects
from cert_portal.core.mail import exercise, outbox
from cert_portal.core.mail.exercise import AddressRefused
from cert_portal.core.mail.outbox import Draft, NotByMail
from cert_portal.core.tlp import TLP


def draft(recipient: str = "ann@player.example", **more: Any) -> Draft:
    told = {"drill": True, **more}
    return Draft("case_letter", "R26-000001-5", "en", recipient, "[R26-000001-5] Hello", "Dear Ann\n", **told)


def test_addresses_are_registered_and_each_change_is_an_event(context: object) -> None:
    exercise.add(" Ann@Player.example ", "a  player", "user:1")
    exercise.add("@team.example", "", "user:1")
    assert [(each.address, each.note) for each in exercise.listed()] == [
        ("@team.example", ""),
        ("ann@player.example", "a player"),
    ]
    for address in ("ann@player.example", "ANN@player.example", "bob@team.example"):
        assert exercise.is_registered(address)
    for unknown in ("bob@player.example", "ann@sub.team.example", "", "team.example"):
        assert not exercise.is_registered(unknown)
    with pytest.raises(AddressRefused, match="address_taken"):
        exercise.add("@TEAM.example", "", "user:1")
    for wrong in (
        "",
        "*@team.example",
        "ann@*.example",
        "ann",
        "@",
        "a b@c.example",
        "a@b",
        "a@" + "b" * 330 + ".example",
    ):
        with pytest.raises(AddressRefused, match="bad_address"):
            exercise.add(wrong, "", "user:1")
    exercise.remove("@team.example", "user:1")
    exercise.remove("@team.example", "user:1")
    assert not exercise.is_registered("bob@team.example")
    kinds = [(each.kind, each.data["address"]) for each in of_subjects(["exercise:addresses"])]
    assert kinds == [
        ("exercise.address_added", "ann@player.example"),
        ("exercise.address_added", "@team.example"),
        ("exercise.address_removed", "@team.example"),
    ]


def test_a_letter_of_an_exercise_is_marked_once_in_both_languages(context: object) -> None:
    exercise.add("ann@player.example", "", "system")
    letter = outbox.post(outbox.ready(draft()))
    assert letter.subject == "[EXERCISE 演習] [R26-000001-5] Hello"
    assert letter.text.count(exercise.TEXT_MARK) == 2
    assert letter.text.startswith("*** EXERCISE")
    assert "此乃演習" in letter.text
    assert letter.drill


def test_a_letter_of_an_exercise_reaches_nobody_else(context: object) -> None:
    with pytest.raises(NotByMail, match="exercise"):
        outbox.post(draft())
    assert outbox.about(["R26-000001-5"]) == []
    assert outbox.post(draft("desk@portal.example", inside=True)).subject.startswith("[EXERCISE")
    assert "EXERCISE" not in outbox.post(draft(drill=False)).subject


@pytest.mark.parametrize("how", [{"tlp": TLP.RED}, {"tlp": "TLP:RED"}])
def test_what_is_red_leaves_by_no_mail(context: object, how: dict[str, str]) -> None:
    with pytest.raises(NotByMail, match="red"):
        outbox.post(draft(drill=False, **how))
    with pytest.raises(NotByMail, match="red"):
        outbox.post(Draft("x", "R26-000001-5", "en", "a@b.example", "[TLP:RED] Hello", "x"))
    assert outbox.about(["R26-000001-5"]) == []
