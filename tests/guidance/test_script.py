"""What the operator says on the telephone."""

from __future__ import annotations

from cert_portal.core.i18n import Language
from cert_portal.guidance.kinds import load
from cert_portal.guidance.script import script


def test_every_line_stands_in_both_languages() -> None:
    told = script()
    assert list(told.lines)[:3] == ["opening", "danger", "money"], "what may save somebody comes first"
    for words in (*told.lines.values(), *(each.words for each in told.questions)):
        assert words[Language.EN].isascii() or "…" in words[Language.EN]
        assert not words[Language.ZH_HANT].isascii()


def test_a_kind_has_its_own_questions() -> None:
    assert [each.code for each in script().of("phishing")] == ["entered", "sent", "address"]
    assert [each.code for each in script().of("ransomware")] == ["infection", "machines", "ransom"]
    assert script().of("not_sure") == ()
    assert sum(bool(script().of(kind.code)) for kind in load()) >= 10
