"""Addresses, hashes and the like, as people write them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from cert_portal import config
from cert_portal.intake.observables import MOST, defanged, digest, find, is_known


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("see HTTPS://Bad.Example/Pay?x=1.", [("url", "https://bad.example/Pay?x=1"), ("domain", "bad.example")]),
        ("hxxp://bad[.]example/x", [("url", "http://bad.example/x"), ("domain", "bad.example")]),
        ("連結是https://bad.example/x，好奇怪", [("url", "https://bad.example/x"), ("domain", "bad.example")]),
        ("電郵eve@bad.example", [("email", "eve@bad.example")]),
        ("在hxxp://bad[.]example/y\u3000呀", [("url", "http://bad.example/y"), ("domain", "bad.example")]),
        ("http://me:pw@192.0.2.7:81/x", [("url", "http://192.0.2.7:81/x"), ("ip", "192.0.2.7")]),
        (
            "https://me:pw@bad.example:8443/?to=rita@shop.example",
            [
                ("url", "https://bad.example:8443/?to=rita@shop.example"),
                ("domain", "bad.example"),
                ("email", "rita@shop.example"),
            ],
        ),
        ("http://intranet/x", [("url", "http://intranet/x")]),
        ("write to Eve[at]bad.example", [("email", "eve@bad.example")]),
        ("from 198.51.100.23, not 999.1.1.1 or 1.2.3.4.5", [("ip", "198.51.100.23")]),
        ("over 2001:DB8::1 today 12:30", [("ip", "2001:db8::1")]),
        ("from ::ffff:203.0.113.5 and 2001:db8::2.", [("ip", "203.0.113.5"), ("ip", "2001:db8::2")]),
        ("A" * 32 + " and " + "b" * 64, [("hash", "a" * 32), ("hash", "b" * 64)]),
        ("cve-2026-12345", [("cve", "CVE-2026-12345")]),
        ("nothing here", []),
        ("visit evil-site.top now, or 網址bad[.]example.", [("domain", "evil-site.top"), ("domain", "bad.example")]),
        ("http://例子.example/", [("url", "http://例子.example/"), ("domain", "xn--fsqu00a.example")]),
        ("see report.pdf and e.g. this.", []),
        ("AS4760 and asn 9304", [("asn", "AS4760")]),
        ("00-1A-2B-3C-4D-5e", [("mac", "00:1a:2b:3c:4d:5e")]),
        ("call +852 5550 0100 or 12345678", [("phone", "+85255500100")]),
        ("+1 23 45", []),
        ("pay 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", [("wallet", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2")]),
        ("pay 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", []),
        ("0x" + "aB" * 20, [("wallet", "0x" + "aB" * 20)]),
        ("opened 發票.pdf.exe today", [("file", "發票.pdf.exe")]),
        ("http://a..b/", [("url", "http://a..b/")]),
        ("http://bad.example?a=1", [("url", "http://bad.example?a=1"), ("domain", "bad.example")]),
        ("http://bad.example#top.", [("url", "http://bad.example#top"), ("domain", "bad.example")]),
        ("(see http://bad.example/a_(b))", [("url", "http://bad.example/a_(b)"), ("domain", "bad.example")]),
        ("fxp", []),
        ("ftp://bad.example/x.bin", [("url", "ftp://bad.example/x.bin"), ("domain", "bad.example")]),
        ("Eve [at] bad [dot] example", [("email", "eve@bad.example")]),
        ("see exam\u200bple.exa\u00admple", [("domain", "example.example")]),
        ("bad\u2060[.]example/x", [("domain", "bad.example")]),
        ("由１９８．５１．１００．９發出，ｂａｄ．example亦然", [("ip", "198.51.100.9"), ("domain", "bad.example")]),
        ("eve＠bad．example", [("email", "eve@bad.example")]),
        ("１．bad.example", [("domain", "bad.example")]),
        ("電郵Test@例子.example然後", [("email", "test@xn--fsqu00a.example")]),
        (
            "a@例子.公司.hk, b@m\u00fcnchen.example",
            [("email", "a@xn--fsqu00a.xn--55qx5d.hk"), ("email", "b@xn--mnchen-3ya.example")],
        ),
        ("http://me:pw@例子.example/", [("url", "http://例子.example/"), ("domain", "xn--fsqu00a.example")]),
    ],
)
def test_what_is_named(words: str, found: list[tuple[str, str]]) -> None:
    assert find(words) == found


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("假網站：例如.香港，唔好入", ["例如.香港"]),
        ("see 中文.tw and 例子.公司.hk.", ["中文.tw", "例子.公司.hk"]),
        ("網址是例子銀行.com", ["例子銀行.com"]),
        ("去www.例子.香港/pay睇", ["www.例子.香港"]),
        ("我的網站.tw", ["我的網站.tw"]),
        ("例如[.]香港 同 harbour-fee[.]网址", ["例如.香港", "harbour-fee.网址"]),
        ("「銀行-2.台灣」", ["銀行-2.台灣"]),
        ("1.香港 2.公司 a.政府 ABC Co., Ltd.香港", []),
        ("收到短訊.香港郵政話我未交錢", []),
        ("公司.hk 及 教育.香港 是公用的", []),
        ("今日收到短訊話我中獎叫我即刻入去看看.香港", []),
        ("報告完成.in the end 多謝.me", []),
        ("我們的facebook.com", ["facebook.com"]),
        ("https://bad.example/例子.香港", ["bad.example"]),
        ("eve@例子.香港", []),
    ],
)
def test_names_in_chinese_characters(words: str, names: list[str]) -> None:
    found = [value for kind, value in find(words) if kind == "domain"]
    assert found == [name.encode("idna").decode() for name in names]


@pytest.mark.parametrize(
    ("words", "safe"),
    [
        (
            "2026-05-05 10:11:12.345 GET http://bad.example/a.php",
            "2026-05-05 10:11:12.345 GET hxxp://bad[.]example/a[.]php",
        ),
        ("Apache 2.4.62, TLS1.3, 3.5 s; from 192.0.2.7:443", "Apache 2.4.62, TLS1.3, 3.5 s; from 192[.]0[.]2[.]7:443"),
        ("See http://a.example. Or\nHTTPS://b.example?x", "See hxxp://a[.]example. Or\nhxxpS://b[.]example?x"),
        ("eve@bad.example, mx.bad.example.", "eve[@]bad[.]example, mx[.]bad[.]example."),
        ("例如.香港 bad[.]example report.pdf e.g. 2.", "例如[.]香港 bad[.]example report.pdf e.g. 2."),
        ("ftp://bad.example/x and 999.1.1.1", "ftp://bad[.]example/x and 999.1.1.1"),
    ],
)
def test_a_text_is_made_safe_and_stays_readable(words: str, safe: str) -> None:
    assert defanged(words) == safe


@given(st.text())
def test_any_text_can_be_made_safe(words: str) -> None:
    safe = defanged(words)
    assert defanged(safe) == safe


def test_a_flood_is_cut() -> None:
    assert len(find(" ".join(f"a{n}@bad.example" for n in range(2 * MOST)))) == MOST


@given(st.text())
def test_any_text_can_be_searched(words: str) -> None:
    assert all(kind and value and len(digest(value)) == 32 for kind, value in find(words))


def test_what_says_nothing_is_known(context: Flask) -> None:
    here = config.current()
    config.use(replace(here, allow_list="google.com 8.8.8.8"))
    known = [
        ("email", "report@portal.example"),
        ("url", "https://www.google.com/x"),
        ("url", "https://me:pw@Google.com:443?x"),
        ("ip", "8.8.8.8"),
        ("ip", "10.1.2.3"),
    ]
    assert all(is_known(*each) for each in known)
    others = [
        ("domain", "notgoogle.com"),
        ("ip", "192.0.2.1"),
        ("ip", "2001:db8::1"),
        ("hash", "a" * 32),
        ("url", "x://["),
        ("url", "https://evil.example?.google.com"),
        ("url", "https://evil.example#.portal.example/x"),
        ("url", "https://evil.example\\.google.com/x"),
        ("url", "https://google.com@evil.example/"),
        ("url", "https://google.com:pw@evil.example/"),
    ]
    assert not any(is_known(*each) for each in others)
    config.use(here)


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ("網址：ｈｔｔｐｓ：／／ｆｕｌｌ．ｅｘａｍｐｌｅ／ａ？ｂ＝ｃ，謝謝", "https://full.example/a?b=c"),
        ("http：／／full.example/a。", "http://full.example/a"),
        ("ｈｘｘｐ：／／full[.]example/a）", "http://full.example/a"),
        ("http://full.example/ａ，http://more.example/", "http://full.example/ａ"),
        ("ＣＶＥ－２０２４－３０９４", "CVE-2024-3094"),
    ],
)
def test_an_address_in_wide_signs_keeps_its_path(told: str, value: str) -> None:
    assert find(told)[0][1] == value
