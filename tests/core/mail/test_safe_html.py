"""A stranger's HTML: what is left shows, and does nothing."""

from __future__ import annotations

import re

import pytest

from cert_portal.core.mail.safe_html import TAGS, make_safe


def test_links_and_pictures_become_words_and_what_was_blocked_is_counted() -> None:
    shown = make_safe(
        '<html><head><title>x</title><style>@import "//evil.example/a.css"; p{background:url(http://evil.example/b)}</style>'
        '<link rel=stylesheet href="https://evil.example/c.css"><script src="https://evil.example/d.js">alert(1)</script></head>'
        '<body background="http://evil.example/e.png" onload="go()"><p style="color:red">Dear <b>Rita</b>,</p>'
        '<a href="https://evil.example/login?a=1&amp;b=2">https://bank.example</a>'
        '<img src="https://evil.example/f.gif" alt="Logo of the bank"><img src="cid:1"><a>bare</a>'
        '<form action="//evil.example/g"><input name=pin><button>Pay</button></form>'
        "<table><tr><td colspan=2>Cell</td></tr></table></body></html>"
    )
    assert "<p>Dear <b>Rita</b>,</p>" in shown.html
    assert "<u>https://bank.example</u> <code>[hxxps://evil[.]example/login?a=1&amp;b=2]</code>" in shown.html
    assert "<code>[▣ Logo of the bank]</code><code>[▣]</code><u>bare</u>" in shown.html
    assert "Pay" in shown.html
    assert (shown.remote, shown.active, shown.forms, shown.links) == (6, 2, 1, 1)


@pytest.mark.parametrize(
    ("evil", "told"),
    [
        ('<a href="ms-msdt:/id PCWDiagnostic">x</a>', "ms-msdt:/id PCWDiagnostic"),
        ('<a href="file://\\\\host\\share">x</a>', "file://\\\\host\\share"),
        (
            '<a href="search-ms:query=a&amp;crumb=location:\\\\host">x</a>',
            "search-ms:query=a&amp;crumb=location:\\\\host",
        ),
        ("<a href=JavaScript:alert(1)>x</a>", "JavaScript:alert(1)"),
        ('<a href=" java\tscript&colon;alert(1)">x</a>', "script:alert(1)"),
        ("<a href='&#106;avascript:alert(1)'>x</a>", "javascript:alert(1)"),
        ("<a href=data:text/html,hello>x</a>", "data:text/html,hello"),
        ("<area href=https://evil.example/map>", "hxxps://evil[.]example/map"),
        ("<button formaction=https://evil.example/b>x</button>", "hxxps://evil[.]example/b"),
        ("<input type=image formaction=vbscript:x>", "vbscript:x"),
    ],
)
def test_where_a_link_leads_is_told_whatever_it_would_start(evil: str, told: str) -> None:
    shown = make_safe(f"<p>{evil}</p>")
    assert f"{told}]</code>" in shown.html
    assert shown.links == 1
    assert set(re.findall(r"<[^>]*>", shown.html)) <= {"<p>", "</p>", "<u>", "</u>", "<code>", "</code>"}


def test_where_a_form_would_go_is_told_at_its_head() -> None:
    shown = make_safe("<form action=https://evil.example/g><p>Pin</p></form><form>x</form>")
    assert shown.html == "<code>[⇒ hxxps://evil[.]example/g]</code><p>Pin</p>x"
    assert (shown.forms, shown.links) == (2, 0)


def test_a_link_around_a_table_is_told_with_the_links_inside() -> None:
    table = "<table><tr><td><a href=http://f.example>b</a></td></tr></table>"
    shown = make_safe(f"<a href=http://e.example>a{table}c</a><a>bare</a>")
    assert shown.links == 2
    assert "<u>b</u> <code>[hxxp://f[.]example]</code>" in shown.html
    assert "c</u> <code>[hxxp://e[.]example]</code><u>bare</u>" in shown.html


@pytest.mark.parametrize("end", ["</table></a></p>", "</TABLE ></a>", ""])
def test_the_words_of_a_link_around_a_table_look_like_one_in_a_paragraph_too(end: str) -> None:
    shown = make_safe(f"<p><a href=http://e.example><table><tr><td>Pay here</td></tr>{end}")
    assert re.search(r"<u>[^u]*<td>Pay here</td>[^u]*</u> <code>\[hxxp://e\[\.\]example\]</code>", shown.html), (
        shown.html
    )


def test_signs_that_turn_the_direction_are_to_be_seen() -> None:
    shown = make_safe(
        '<a href="http://evil.example/\u202egpj.exe">x&#x202e;</a><img alt="a\u2066b">'
        '<form action="//e.example/\u202e">'
    )
    assert "<u>x[U+202E]</u> <code>[hxxp://evil[.]example/[U+202E]gpj[.]exe]</code>" in shown.html
    assert "[▣ a[U+2066]b]" in shown.html
    assert "[⇒ //e[.]example/[U+202E]]" in shown.html


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("<a href=login>x</a>", "hxxp://evil[.]example/x/login"),
        ("<a href=''>x</a>", "hxxp://evil[.]example/x/"),
        ("<a href=//other.example/y>x</a>", "hxxp://other[.]example/y"),
        ("<a href=javascript:x>x</a>", "javascript:x"),
        ("<a href='//[x'>x</a>", "//[x"),
        ("<form action=g>", "hxxp://evil[.]example/x/g"),
        ("<button formaction=../h>x</button>", "hxxp://evil[.]example/h"),
    ],
)
def test_relative_addresses_are_told_as_the_message_sets_their_base(link: str, told: str) -> None:
    base = "<base target=_blank><base href='http://evil.example/x/'><base href='http://late.example/'>"
    shown = make_safe(f"<html><head>{base}</head><body>{link}").html
    assert f"[{told}]" in shown.replace("⇒ ", "")


def test_an_address_without_end_is_cut() -> None:
    shown = make_safe(f"<a href=data:text/html,{'a' * 100_000}>x</a>")
    assert shown.links == 1
    assert len(shown.html) < 3000
    assert "…]</code>" in shown.html


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="https://x.example/&quot;&gt;<script>alert(1)</script>">x</a>',
        '<img alt="&quot;&gt;<script>alert(1)</script>">',
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<base href=https://evil.example>",
        "<<script>script>alert(1)<</script>/script>",
        "<a href='https://x.example'><a href='https://y.example'>z",
    ],
)
def test_nothing_that_does_anything_is_left(evil: str) -> None:
    left = make_safe(f"<div>{evil}</div>").html
    for tag in re.findall(r"<[^>]*>", left):
        name = re.fullmatch(r"</?([a-z0-9]+)>", tag)  # no attribute at all
        assert name, left
        assert name[1] in TAGS


def test_a_message_that_never_ends_takes_no_longer() -> None:
    assert len(make_safe("<div>" * 200_000).html) < 200_000
    assert make_safe("").html == ""
