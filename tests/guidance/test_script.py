"""What the operator says on the telephone."""

from __future__ import annotations

from cert_portal.core.i18n import Language
from cert_portal.guidance import questions
from cert_portal.guidance.kinds import load
from cert_portal.guidance.script import script


def test_every_line_stands_in_both_languages() -> None:
    told = script()
    assert list(told.lines)[:3] == ["opening", "danger", "money"], "what may save somebody comes first"
    for words in (*told.lines.values(), *(each.words for each in told.questions)):
        assert words[Language.EN].isascii() or "…" in words[Language.EN]
        assert not words[Language.ZH_HANT].isascii()


def test_a_kind_has_its_own_questions() -> None:
    assert [each.code for each in script().of("phishing")] == [
        *("phishing_entered", "money_sent", "sent", "phishing_address"),
    ]
    assert [each.code for each in script().of("ransomware")] == [
        *("money_sent", "infection_vector", "machines", "ransom", "ransom_backup", "money_amount", "ransom_ending"),
    ]
    assert script().of("not_sure") == ()
    codes = [each.code for each in script().questions]
    assert len(codes) == len(set(codes))
    assert sum(bool(script().of(kind.code)) for kind in load()) >= 10


def test_the_telephone_asks_all_that_the_forms_ask_and_stores_it_alike() -> None:
    for kind in load():
        stored = {each.code: each.choices for each in script().of(kind.code) if each.stored}
        assert stored == {each.code: each.choices for each in questions.of_kind(kind.code)}
