"""What may stand in an advisory: lines that are read with care, and nothing half in one language."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cert_portal.core.i18n import Language
from cert_portal.publishing import content as words
from cert_portal.publishing.content import Content, ContentRefused, Product, Vulnerability, Words, digest, missing
from tests.publishing.press import CHINESE, ENGLISH, FULL


def test_products_are_lines() -> None:
    read = words.read_products("Example; Mail; 4.0 to 4.1; 4.2\n\n例子；郵件；全部\n")
    assert read == (Product("Example", "Mail", "4.0 to 4.1", "4.2"), Product("例子", "郵件", "全部", ""))


@pytest.mark.parametrize("line", ["only this", "a; b", "a; ; c", "a; b; c; d; e", f"a; b; {'x' * 300}"])
def test_a_bad_product_is_named_by_its_line(line: str) -> None:
    with pytest.raises(ContentRefused) as refused:
        words.read_products(f"Example; Mail; 4\n{line}")
    assert (refused.value.field, refused.value.reason, refused.value.line) == ("products", "bad_line", 2)


def test_vulnerabilities_carry_their_score() -> None:
    [first, second] = words.read_vulnerabilities(
        "cve-2026-12345; CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\nCVE-2026-9999"
    )
    assert (first.cve, first.score, second.score) == ("CVE-2026-12345", 9.8, None)


@pytest.mark.parametrize("line", ["CVE-26-1", "CVE-2026-12345; CVSS:3.1/nonsense", "x"])
def test_a_bad_vulnerability_is_named_by_its_line(line: str) -> None:
    with pytest.raises(ContentRefused) as refused:
        words.read_vulnerabilities(line)
    assert refused.value.line == 1


def test_a_vulnerability_stands_once() -> None:
    with pytest.raises(ContentRefused, match="twice"):
        words.read_vulnerabilities("CVE-2026-9999\ncve-2026-9999")


@pytest.mark.parametrize("line", ["javascript:alert(1)", "ftp://x.example/", "https://", "https://[bad", "no address"])
def test_references_are_web_addresses(line: str) -> None:
    with pytest.raises(ContentRefused):
        words.read_references(line)


def test_a_reference_stands_once() -> None:
    assert words.read_references("https://a.example/\nhttps://a.example/") == ("https://a.example/",)


def test_too_many_lines_and_too_long_words() -> None:
    with pytest.raises(ContentRefused, match="too_many"):
        words.read_references("https://a.example/\n" * 201)
    with pytest.raises(ContentRefused, match="too_long"):
        words.read_words({"title": "x" * 201})
    assert words.read_words({"title": " a \n b ", "to_do": "x\r\ny"}) == Words(title="a b", to_do="x\ny")


def test_no_language_may_be_behind() -> None:
    assert missing(FULL, 1) == []
    assert ("en", "changed") in missing(FULL, 2)
    half = replace(FULL, words={"en": ENGLISH, "zh-hant": replace(CHINESE, to_do="")})
    assert missing(half, 1) == [("zh-hant", "to_do")]
    assert ("", "references") in missing(replace(FULL, references=()), 1)
    assert missing(replace(FULL, products=()), 1) == [("", "products")]


@given(st.integers(1, 4), st.booleans(), st.text(max_size=30), st.lists(st.text(max_size=8), max_size=3))
def test_what_is_stored_is_what_was_said(level: int, exploited: bool, title: str, versions: list[str]) -> None:
    content = Content(
        level=level,
        exploited=exploited,
        products=tuple(Product("v", "n", each) for each in versions),
        vulnerabilities=(Vulnerability("CVE-2026-9999"),),
        words={"en": Words(title=title), "zh-hant": CHINESE},
    )
    again = Content.of_json(content.as_json())
    assert again == content
    assert digest(again) == digest(content)
    assert again[Language.EN].title == title
    assert digest(replace(content, level=level % 4 + 1)) != digest(content)


@pytest.mark.parametrize(
    ("vendor", "name", "called"),
    [("Example", "Mail", "Example Mail"), ("Peak", "Peak Backup", "Peak Backup"), ("Peak", "Peaks", "Peak Peaks")],
)
def test_a_vendor_is_not_said_twice(vendor: str, name: str, called: str) -> None:
    assert Product(vendor, name, "all").called == called
