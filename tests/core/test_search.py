"""One search on both databases."""

from __future__ import annotations

import pytest
from flask import Flask

from cert_portal.core import search
from cert_portal.core.db import on_postgresql, session


def test_what_was_indexed_is_found(context: Flask) -> None:
    search.index("R", 1, "My shop got 網絡釣魚 mail from http://bad.example/x and 192.0.2.7")
    search.index("R", 2, '其他事情 with O\'Brien "quoted"')
    search.index("C", 1, "釣魚")
    for words in ("釣魚", "網絡釣魚", "SHOP", "bad.example", "http://bad.example/x", "192.0.2.7", "shop 釣魚"):
        assert search.find("R", words) == [1], words
    assert search.find("R", "o'brien") == [2]
    assert search.find("R", "with") == [2]
    assert search.find("R", "nothing") == []
    assert search.find("R", "   ") == []


def test_signs_that_nobody_sees_part_no_word(context: Flask) -> None:
    search.index("R", 1, "包\u200b裹 運\u00ad費 pass\u200bword b\u2060ad.example")
    for words in ("包裹", "運費", "password", "bad.example", "包\u200b裹"):
        assert search.find("R", words) == [1], words


def test_new_words_take_the_place_of_old_ones(context: Flask) -> None:
    search.index("R", 1, "before")
    search.index("R", 1, "after")
    assert search.find("R", "before") == []
    assert search.find("R", "after") == [1]


@pytest.mark.parametrize("words", ["' OR 1=1 --", '" NEAR(', "a:b*", "\\", "&|!()", "㗎啲嘅"])
def test_no_query_is_an_error(context: Flask, words: str) -> None:
    search.index("R", 1, words)
    search.find("R", words)


def test_newest_first_and_limited(context: Flask) -> None:
    for number in range(1, 6):
        search.index("R", number, "same words")
    assert search.find("R", "same", limit=3) == [5, 4, 3]


def test_rows_are_found_by_the_age_of_what_holds_them(context: Flask) -> None:
    """Whatever comes first, their words or who holds them; on SQLite everything is looked through."""
    search.index("C", 9 * search.AGE, "case")
    search.index("R", 1, "ochre")
    search.mark_held("R", [1, 2, 3], "C", 9 * search.AGE)
    search.mark_held("R", [4], "C", 1)
    for number in range(1, 6):
        search.index("R", number, "ochre anew")
    spans = search.newest("C")
    assert [len(spans), len(search.newest("C", search.ERA)), len(search.newest("C", 3 * search.ERA))] == (
        [3, 1, 2] if on_postgresql() else [0, 0, 0]
    )
    for ids in spans:
        assert sorted(session.scalars(search.within("R", "ochre", ids, "C"))) == [1, 2, 3]
    assert len(session.scalars(search.within("R", "ochre", None, "C")).all()) == 5


def test_each_look_takes_in_more_and_the_last_everything(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "ERA", 4)
    monkeypatch.setattr(search, "LADDER", ((4, 2), (4, 3)))
    monkeypatch.setattr(search, "NEWEST", 3)
    for number in range(1, 20):
        search.index("R", number, f"same word{number % 2}")
    looks = [sorted(session.scalars(each)) for each in search.scopes("R", "same")]
    everything = list(range(1, 20))
    if on_postgresql():
        assert looks == [[17, 18, 19], list(range(8, 20)), everything]
    else:
        assert looks == [everything]
    assert sorted(session.scalars(search.scopes("R", "same", before=9)[0]))[-1] == (11 if on_postgresql() else 19)
    assert sorted(session.scalars(search.everything("R", "same word1"))) == everything[::2]
    assert search.scopes("R", " ") == []
