"""A file of settings holds what it says: nothing in it is rounded, guessed, cut or lost without a word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cert_portal.cases import exchange, templates
from cert_portal.cases.exchange_file import ExchangeRefused
from cert_portal.cases.templates import TemplateRefused
from cert_portal.core.mail import exercise
from cert_portal.directory import calendar
from cert_portal.directory.models import User
from cert_portal.guidance import wordbook
from cert_portal.guidance.wordbook import Shelf, Word
from tests.cases.desk import person
from tests.cases.test_exchange import file
from tests.cases.test_templates import WORDS

pytestmark = pytest.mark.usefixtures("context")

CLOCK = {"code": "referral", "amount": 3, "unit": "hours", "warn_fraction": 0.5, "enabled": False}
DAY = {"day": "2031-02-03", "name_en": "A day", "name_zh_hant": "某日"}
VIEW = {"name": "x", "query": "", "sort": "newest"}


@pytest.fixture
def ann(context: object) -> User:
    calendar.seed()
    return person()


def refusal(told: str, user: User) -> tuple[str, str, str]:
    """Why a file is not taken: place, code and what is meant."""
    with pytest.raises(ExchangeRefused) as refused:
        exchange.read(told, user)
    return refused.value.place, refused.value.reason, refused.value.told


@pytest.mark.parametrize(
    ("section", "row", "named"),
    [
        ("clocks", {**CLOCK, "amount": 30.9}, "amount"),
        ("clocks", {**CLOCK, "amount": "45"}, "amount"),
        ("clocks", {**CLOCK, "amount": True}, "amount"),
        ("clocks", {**CLOCK, "amount": float("inf")}, "amount"),
        ("clocks", {**CLOCK, "amount": float("nan")}, "amount"),
        ("clocks", {**CLOCK, "warn_fraction": "0.5"}, "warn_fraction"),
        ("clocks", {**CLOCK, "warn_fraction": True}, "warn_fraction"),
        ("clocks", {**CLOCK, "warn_fraction": float("nan")}, "warn_fraction"),
        ("clocks", {**CLOCK, "warn_fraction": 10**400}, "warn_fraction"),
        ("clocks", {**CLOCK, "warn_fraction": 1e-320}, "warn_fraction"),
        ("clocks", {**CLOCK, "warn_fraction": 0.255}, "warn_fraction"),
        ("clocks", {**CLOCK, "enabled": "true"}, "enabled"),
        ("kinds", {"code": "other", "retired": True}, "retired"),
        ("kinds", {"code": "not_sure", "retired": True}, "retired"),
        ("refusals", {"code": "../x <b>", "name_en": "X", "name_zh_hant": "甲"}, "code"),
        ("refusals", {"code": f"own_{'x' * 33}", "name_en": "X", "name_zh_hant": "甲"}, "code"),
        ("kinds", {"code": "phishing", "position": 1.9}, "position"),
        ("kinds", {"code": "phishing", "position": True}, "position"),
        ("kinds", {"code": "phishing", "position": 5000}, "position"),
        ("kinds", {"code": "phishing", "position": -1}, "position"),
        ("kinds", {"code": "phishing", "retired": 1}, "retired"),
        ("tags", {"code": "wave", "name_en": "W" * 81}, "name_en"),
        ("tags", {"code": "wave", "name_zh_hant": None}, "name_zh_hant"),
        ("views", {**VIEW, "position": 1.9}, "position"),
        ("views", {**VIEW, "position": True}, "position"),
        ("views", {**VIEW, "name": "x" * 61}, "name"),
        ("holidays", {**DAY, "name_en": "\0"}, "name_en"),
        ("holidays", {**DAY, "name_en": "d" * 121}, "name_en"),
        ("templates", {"code": "ask", **WORDS, "retired": "true"}, "retired"),
        ("templates", {"code": "ask", **WORDS, "en": "text"}, "en"),
        ("templates", {"code": "ask", **WORDS, "en": {"name": "Ask", "subject": "Ask", "text": 7}}, "text"),
        ("templates", {"code": "ask", "en": WORDS["en"]}, "zh-hant"),
        ("exercise_addresses", {"address": "x@example.org", "note": "n" * 201}, "note"),
        ("holidays", {**DAY, "name_en": "\u200b"}, "name_en"),
        ("views", {**VIEW, "name": "\u2060 \ufeff"}, "name"),
        ("people", {"address": "ann@portal.example", "name": "\u200b", "roles": ["analyst"]}, "name"),
        ("people", {"address": "ann@portal.example", "name": "N" * 121, "roles": ["analyst"]}, "name"),
    ],
)
def test_a_field_that_holds_something_else_is_refused_by_name(
    ann: User, section: str, row: dict[str, Any], named: str
) -> None:
    assert refusal(file(**{section: [row]}), ann) == (f"{section} 1", "field", named)


def test_every_share_of_the_page_is_taken(ann: User) -> None:
    for per_cent in range(100):
        exchange.read(file(clocks=[{**CLOCK, "warn_fraction": per_cent / 100}]), ann)


def test_what_a_file_of_old_days_left_comes_back_as_it_is(ann: User) -> None:
    wordbook.put(Shelf.REFUSAL, "far away", Word("Too far", "太遠"), ann.actor)
    wordbook.put(Shelf.KIND, "other", Word("Else", "別的", retired=True), ann.actor)
    assert [each.what for each in exchange.read(exchange.export(), ann)] == ["other"], "it is offered all the same"


def test_no_two_reasons_are_called_the_same(ann: User) -> None:
    shipped = {"refusals": {"spam": ["Spam", "垃圾"], "own_x": ["", ""]}}
    wordbook.put(Shelf.REFUSAL, "own_x", Word("Too far", "太遠"), ann.actor)
    for rows in (
        [("own_a", "Same", "同"), ("own_b", "Same", "同")],
        [("own_a", "SPAM", "甲")],
        [("own_a", "A", "太遠")],
        [("test", "Too far", "")],
    ):
        told = file(refusals=[dict(zip(("code", "name_en", "name_zh_hant"), row, strict=True)) for row in rows])
        with pytest.raises(ExchangeRefused) as refused:
            exchange.read(told, ann, shipped)
        assert (refused.value.place, refused.value.reason) == ("refusals", "same_word")
        assert refused.value.told == rows[0][0]


def test_a_field_that_nobody_reads_is_refused_inside_a_template_too(ann: User) -> None:
    odd = {"code": "ask", **WORDS, "en": {**WORDS["en"], "colour": "red"}}
    assert refusal(file(templates=[odd]), ann) == ("templates 1", "unknown_field", "colour")
    ask = {"code": "ask", **WORDS}
    unseen = {**ask, "en": {**WORDS["en"], "subject": "\u200b"}}
    assert refusal(file(templates=[unseen]), ann) == ("templates 1", "field", "subject-en")
    labelled = {**ask, "en": {**WORDS["en"], "subject": "TLP:RED"}}
    assert refusal(file(templates=[labelled]), ann) == ("templates 1", "label", "TLP:RED")
    odd_fact = {**ask, "en": {**WORDS["en"], "text": "Dear {friend}"}}
    assert refusal(file(templates=[odd_fact]), ann) == ("templates 1", "unknown_fact", "friend")
    for rows in ([odd], [{**ask, "retired": "true"}], [{**ask, "colour": "red"}], [ask, ask]):
        with pytest.raises(TemplateRefused, match="bad_file"):
            templates.read_file(json.dumps({"format": templates.FORMAT, "templates": rows}), ann)
    with pytest.raises(TemplateRefused) as refused:
        templates.read_file(json.dumps({"format": templates.FORMAT, "templates": [{**ask, "code": "a\ud800"}]}), ann)
    assert refused.value.told == "a"


@pytest.mark.parametrize(
    ("section", "rows"),
    [
        ("holidays", [{**DAY, "day": "2026-12-24"}, {**DAY, "day": "20261224"}]),
        ("exercise_addresses", [{"address": "+852 91234567"}, {"address": "+85291234567"}]),
        ("tags", [{"code": "big wave"}, {"code": "Big, wave"}]),
        ("templates", [{"code": "ask", **WORDS}, {"code": "ask", **WORDS}]),
    ],
)
def test_what_stands_there_twice_is_seen_in_another_spelling(ann: User, section: str, rows: list[Any]) -> None:
    place, reason, named = refusal(file(**{section: rows}), ann)
    assert (place, reason) == (f"{section} 2", "twice")
    assert named


def test_signs_that_no_text_holds_are_left_out_everywhere(ann: User) -> None:
    told = file(
        holidays=[{**DAY, "name_en": "A\0\ud800 day"}],
        tags=[{"code": "wa\0ve", "name_en": "A\ud800B"}],
        exercise_addresses=[{"address": "@players.example", "note": "A\0B"}],
    )
    assert [(each.what, *each.after.values()) for each in exchange.read(told, ann)] == [
        ("2031-02-03", "A day", "某日"),
        ("wave", "AB", "", None, False),
        ("@players.example", "AB"),
    ]
    for odd in (
        file(**{"tg\ud800as": []}),
        file(tags=["\ud800"]),
        file(tags=[["\ud800"]]),
        file(tags=[{"code": "x", "od\ud800d": 1}]),
        file(people=[{"address": "ann@portal.example", "name": "Ann", "roles": ["\ud800"]}]),
        file(people=[{"address": "ann@portal.example", "name": "Ann", "roles": [[]]}]),
        file(tags=[{"code": "a", "co\0de": "b"}]),
    ):
        assert "\ud800" not in "".join(refusal(odd, ann))


def test_a_note_of_the_page_holds_no_such_sign_either(ann: User) -> None:
    exercise.add("@players.example", "A\0B\ud800", ann.actor)
    assert [each.note for each in exercise.listed()] == ["AB"]
    calendar.import_holidays("2031-02-03; A\0 day; 某\t日", ann.actor)
    assert next((each.name_en, each.name_zh_hant) for each in calendar.listed() if each.day.year == 2031) == (
        *("A day", "某 日"),
    )
