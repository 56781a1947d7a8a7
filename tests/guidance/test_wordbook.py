"""Words that the centre chose: for kinds, reasons and tags, each change an event."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.i18n import Language
from cert_portal.guidance import kinds, wordbook
from cert_portal.guidance.wordbook import Shelf, Word

pytestmark = pytest.mark.usefixtures("context")


def test_a_kind_is_called_as_the_centre_likes_and_its_code_stays() -> None:
    assert wordbook.put(Shelf.KIND, "phishing", Word("  Bait\x00 mail ", "釣魚電郵", 1), "user:1")
    assert not wordbook.put(Shelf.KIND, "phishing", Word("Bait mail", "釣魚電郵", 1), "user:1")
    found = kinds.by_code("phishing")
    assert (found.name(Language.EN), found.name(Language.ZH_HANT)) == ("Bait mail", "釣魚電郵")
    session.commit()
    assert found.name(Language.EN) == "Bait mail"
    wordbook.put(Shelf.KIND, "phishing", Word("", "網釣"), "user:1")
    assert (found.name(Language.EN), found.name(Language.ZH_HANT)) == (found.names[Language.EN], "網釣")
    told = of_subjects(["setting:kind"])
    assert [(each.data["what"], each.data["after"]) for each in told] == [
        ("phishing", {"name_en": "Bait mail", "name_zh_hant": "釣魚電郵", "position": 1, "retired": False}),
        ("phishing", {"name_en": "", "name_zh_hant": "網釣", "position": None, "retired": False}),
    ]
    wordbook.take_away(Shelf.KIND, "phishing", "user:1")
    wordbook.take_away(Shelf.KIND, "phishing", "user:1")
    assert found.name(Language.ZH_HANT) == found.names[Language.ZH_HANT]
    assert len(of_subjects(["setting:kind"])) == 3


def test_kinds_are_ordered_and_hidden_for_new_reports_but_never_the_way_out() -> None:
    before = [kind.code for kind in kinds.offered()]
    assert before == [kind.code for kind in kinds.load()]
    last = before[-3]
    wordbook.put(Shelf.KIND, last, Word(position=0), "user:1")
    for code in ("spam", "other", "not_sure"):
        wordbook.put(Shelf.KIND, code, Word(retired=True), "user:1")
    now = [kind.code for kind in kinds.offered()]
    assert now[0] == last
    assert set(before) - set(now) == {"spam"}
    assert len(kinds.ordered()) == len(before)
    assert kinds.by_code("spam").code == "spam"


def test_without_a_database_the_shipped_words_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_told: object, **_more: object) -> None:
        raise OperationalError("select", {}, Exception("away"))

    session.rollback()
    monkeypatch.setattr(session(), "scalars", away)
    assert wordbook.of(Shelf.KIND, "phishing") == wordbook.SHIPPED
