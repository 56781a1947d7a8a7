"""A stranger's HTML made safe to look at: nothing is fetched, nothing runs, nothing can be followed or filled in.

Links and pictures become words: where a link leads stands behind it, so that nobody clicks it. Show the result in a
sandboxed frame all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import urljoin

import nh3

from cert_portal.core.mail.message import MAX_TAGS
from cert_portal.core.text import defang, shortened, unturned

MOST = 500_000
TAGS = {
    *("p", "div", "span", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre"),
    *("b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "code", "center"),
    *("table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption"),
}
_WITHOUT_CONTENT = {"script", "style", "title", "noscript", "template"}
_REMOTE = re.compile(
    r"""(?:\b(?:src|srcset|background|poster|data)\s*=\s*["']?|url\(\s*["']?|@import\s+["'])\s*(?:https?:)?//"""
    r"""|<link\b[^>]{0,500}?\bhref\s*=\s*["']?\s*(?:https?:)?//""",
    re.IGNORECASE,
)
_ACTIVE = re.compile(r"<(?:script|iframe|object|embed|applet|svg|math)\b|\son[a-z]{3,20}\s*=", re.IGNORECASE)
_FORM = re.compile(r"<form\b", re.IGNORECASE)
_BASE = re.compile(r'<base href="([^"]*)">')
_TABLE = re.compile(r"<table\b", re.IGNORECASE)
_END_OF_TABLE = re.compile(r"</table\s*>", re.IGNORECASE)
_LINK = re.compile(r'<a(?: href="([^"]*)")?>|</a>')
_TARGET = re.compile(r'<(area|button|form|input)(?: (?:href|action|formaction)="([^"]*)")?>')
_SCHEME = re.compile(r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,200}(?=:)", re.IGNORECASE)
_TARGETS = {
    "a": {"href"},
    "base": {"href"},
    "area": {"href"},
    "form": {"action"},
    "button": {"formaction"},
    "input": {"formaction"},
}
LONGEST = 2000
_PICTURE = re.compile(r"<img([^>]*)>")
_ALT = re.compile(r' alt="([^"]*)"')


@dataclass(frozen=True)
class Shown:
    """HTML that is safe, and how much was taken out: what would have been fetched, programs, forms, links."""

    html: str
    remote: int
    active: int
    forms: int
    links: int


def make_safe(html: str) -> Shown:
    """What a message would show, without what could do harm."""
    few = "<".join(html[:MOST].split("<", MAX_TAGS)[:MAX_TAGS])
    kept = nh3.clean(
        _apart(few),
        tags=TAGS | {"img", *_TARGETS},
        clean_content_tags=_WITHOUT_CONTENT,
        attributes={"img": {"alt"}, **_TARGETS},
        url_schemes=_schemes(few),
        link_rel=None,
    )
    base = _BASE.search(kept)
    links = _Links(unescape(base[1]) if base else "")
    worded = _TARGET.sub(links.target, _LINK.sub(links.replace, _PICTURE.sub(_picture, kept)))
    safe = nh3.clean(unturned(worded), tags=TAGS, attributes={}, link_rel=None)
    remote, active, forms = (len(pattern.findall(few)) for pattern in (_REMOTE, _ACTIVE, _FORM))
    return Shown(safe, remote, active, forms, links.count)


def _apart(html: str) -> str:
    """The same with each table in a box of its own, before which a blank stands: where a paragraph ends before a table,
    a link around the table goes on.
    """
    return _END_OF_TABLE.sub("</table></div>", _TABLE.sub("<div> <table", html))


def _schemes(html: str) -> set[str]:
    """Everything that may be the beginning of an address: what a link would start is to be seen, whatever it is."""
    plain = re.sub(r"[\t\r\n]", "", unescape(html))
    return {each.lower() for each in _SCHEME.findall(plain)}


def _picture(found: re.Match[str]) -> str:
    alt = _ALT.search(found[1])
    return f"<code>[▣ {alt[1]}]</code>" if alt and alt[1].strip() else "<code>[▣]</code>"


class _Links:
    """Turns links, buttons and forms into words; a link that holds a table may hold others in it."""

    def __init__(self, base: str) -> None:
        self.count = 0
        self._base, self._open = base, list[str]()

    def replace(self, found: re.Match[str]) -> str:
        """An opening or a closing tag as words."""
        if found[0] != "</a>":
            self._open.append(self._whole(found[1]))
            self.count += bool(self._open[-1])
            return "<u>"
        to = self._open.pop()
        return f"</u> <code>[{_told(to)}]</code>" if to else "</u>"

    def target(self, found: re.Match[str]) -> str:
        """Where a form, a button or a part of a picture would lead, at its head."""
        to = self._whole(found[2])
        self.count += bool(to) and found[1] != "form"
        return f"<code>[⇒ {_told(to)}]</code>" if to else ""

    def _whole(self, address: str | None) -> str:
        """Where an address leads from the base that the message sets; "" where nothing leads anywhere."""
        if address is None:
            return ""
        try:
            return urljoin(self._base, unescape(address))
        except ValueError:
            return unescape(address)


def _told(address: str) -> str:
    return escape(defang(shortened(address, LONGEST)))
