"""Where the header leads: areas, the pages of the area one is in, and the way on from a page that one may not see."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.web.staff.desk import sign_in

MAIN = re.compile(r'<ul class="portal-nav">(.*?)</ul>', re.S)
AREA = re.compile(r'<nav class="staff-area".*?</nav>', re.S)
ENTRY = re.compile(r'<a href="([^"]+)"( aria-current="true")?>([^<]+)</a>')


def entries(page: str, part: re.Pattern[str]) -> list[tuple[str, str, str]]:
    """Address, mark of the current one, and words of what a bar of the header holds."""
    found = part.search(page)
    return ENTRY.findall(found[0]) if found else []


@pytest.mark.parametrize(
    ("roles", "areas"),
    [
        (("analyst",), ["Desk", "Coordination", "Figures"]),
        (("operator",), ["Desk", "Coordination"]),
        (("editor",), ["Directory", "Publishing"]),
        (("liaison",), ["Figures"]),
        (("supervisor",), ["Desk", "Coordination", "Publishing", "Figures", "Administration"]),
    ],
)
def test_everybody_sees_the_areas_that_they_may_open(app: Flask, roles: tuple[str, ...], areas: list[str]) -> None:
    client = sign_in(app, "Ann", *roles)
    page = client.get("/staff/account").text
    assert [words for _address, _mark, words in entries(page, MAIN)] == areas
    assert not any(mark for _address, mark, _words in entries(page, MAIN))
    for address, _mark, _words in entries(page, MAIN):
        assert client.get(address).status_code == 200


def test_every_page_of_an_area_stands_below_it_and_only_one_is_current(app: Flask) -> None:
    client = sign_in(app, "Zoe", "supervisor")
    for area, mark, _words in entries(client.get("/staff/").text, MAIN):
        page = client.get(area).text
        assert [words for _address, here, words in entries(page, MAIN) if here]
        for address, _mark, words in entries(page, AREA):
            below = client.get(address)
            assert below.status_code == 200
            assert [told for _where, here, told in entries(below.text, AREA) if here] == [words]
        assert bool(mark) == (area == "/staff/")


def test_a_page_that_one_may_not_see_keeps_the_way_on(app: Flask) -> None:
    client = sign_in(app, "Grace", "liaison")
    answer = client.get("/staff/")
    assert answer.status_code == 403
    assert [words for _address, _mark, words in entries(answer.text, MAIN)] == ["Figures"]
    assert 'href="/staff/figures">To your first page' in answer.text
    assert "Report an incident" not in answer.text
