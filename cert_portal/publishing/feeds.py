"""Feeds of what is published: Atom (RFC 4287), RSS 2.0, JSON Feed 1.1, and ROLIE (RFC 8322) for CSAF documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from cert_portal.config import current
from cert_portal.core.i18n import Language
from cert_portal.publishing import csaf
from cert_portal.publishing.csaf import timestamp
from cert_portal.publishing.shown import Shown
from cert_portal.publishing.text import CHANGES, LEVELS

ATOM = "http://www.w3.org/2005/Atom"
MOST = 50
ROLIE_NAME = "csaf-feed-tlp-white.json"
_TITLES = {Language.EN: "Security advisories", Language.ZH_HANT: "保安公告"}
register_namespace("atom", ATOM)


def path(language: Language, ending: str) -> str:
    """Where a feed stands in the published tree, and under the portal's address."""
    return f"feeds/advisories.{language.value}.{ending}"


def all_feeds(advisories: Sequence[Shown]) -> dict[str, bytes]:
    """Every feed by its place in the tree; `advisories` are the latest first."""
    found = {f"csaf/white/{ROLIE_NAME}": rolie(advisories)}
    for language in Language:
        latest = advisories[:MOST]
        found[path(language, "atom")] = atom(latest, language)
        found[path(language, "rss")] = rss(latest, language)
        found[path(language, "json")] = json_feed(latest, language)
    return found


def headline(shown: Shown, language: Language) -> str:
    """The title in a list: the risk in words, and what a later version is."""
    told = CHANGES[language][shown.change] if shown.version > 1 else LEVELS[language][shown.content.level]
    title = shown.content[language].title
    return f"[{told}] {title}"


def atom(advisories: Sequence[Shown], language: Language) -> bytes:
    """Atom; an update keeps the id and changes `updated`."""
    feed = Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": language.tag})
    _add(feed, "id", _address(path(language, "atom")))
    _add(feed, "title", f"{_title(language)}")
    _add(feed, "updated", timestamp(_newest(advisories)))
    SubElement(feed, f"{{{ATOM}}}link", rel="self", type="application/atom+xml", href=_address(path(language, "atom")))
    SubElement(feed, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=_page(language))
    _add(SubElement(feed, f"{{{ATOM}}}author"), "name", current().centre_name(language))
    for each in advisories:
        entry = SubElement(feed, f"{{{ATOM}}}entry")
        _add(entry, "id", _page(language, each))
        _add(entry, "title", headline(each, language))
        _add(entry, "published", timestamp(each.first))
        _add(entry, "updated", timestamp(each.issued))
        SubElement(entry, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=_page(language, each))
        SubElement(entry, f"{{{ATOM}}}category", term=f"risk-{each.content.level}")
        _add(entry, "summary", each.content[language].summary)
    return _xml(feed)


def rss(advisories: Sequence[Shown], language: Language) -> bytes:
    """RSS 2.0."""
    root = Element("rss", version="2.0")
    channel = SubElement(root, "channel")
    for name, value in (("title", _title(language)), ("link", _page(language)), ("description", _title(language))):
        SubElement(channel, name).text = value
    SubElement(channel, "language").text = language.tag
    SubElement(channel, "lastBuildDate").text = format_datetime(_newest(advisories).astimezone(UTC), usegmt=True)
    SubElement(channel, f"{{{ATOM}}}link", rel="self", type="application/rss+xml", href=_address(path(language, "rss")))
    for each in advisories:
        item = SubElement(channel, "item")
        SubElement(item, "title").text = headline(each, language)
        SubElement(item, "link").text = _page(language, each)
        SubElement(item, "guid", isPermaLink="false").text = f"{_page(language, each)}#v{each.version}"
        SubElement(item, "pubDate").text = format_datetime(each.issued.astimezone(UTC), usegmt=True)
        SubElement(item, "description").text = each.content[language].summary
    return _xml(root)


def json_feed(advisories: Sequence[Shown], language: Language) -> bytes:
    """JSON Feed 1.1."""
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(language),
        "home_page_url": _page(language),
        "feed_url": _address(path(language, "json")),
        "language": language.tag,
        "authors": [{"name": current().centre_name(language)}],
        "items": [
            {
                "id": _page(language, each),
                "url": _page(language, each),
                "title": headline(each, language),
                "content_text": each.content[language].summary,
                "date_published": timestamp(each.first),
                "date_modified": timestamp(each.issued),
                "tags": [f"risk-{each.content.level}"],
            }
            for each in advisories
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def rolie(advisories: Sequence[Shown]) -> bytes:
    """The feed of all CSAF documents (requirement 15), each with its hashes and its signature."""
    here = _address(f".well-known/csaf/white/{ROLIE_NAME}")
    entries = [_rolie_entry(each, language) for each in advisories for language in Language]
    feed = {
        "id": "csaf-feed-tlp-white",
        "title": "CSAF feed (TLP:WHITE)",
        "link": [{"rel": "self", "href": here}],
        "category": [{"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}],
        "updated": timestamp(_newest(advisories)),
        "entry": entries,
    }
    return json.dumps({"feed": feed}, ensure_ascii=False, indent=1).encode() + b"\n"


def _rolie_entry(each: Shown, language: Language) -> dict[str, Any]:
    href = _address(f".well-known/{csaf_path(each, language)}")
    links = (("self", ""), ("hash", ".sha256"), ("hash", ".sha512"), ("signature", ".asc"))
    return {
        "id": csaf.tracking_id(each.public_id, language),
        "title": each.content[language].title,
        "link": [{"rel": rel, "href": href + ending} for rel, ending in links],
        "published": timestamp(each.first),
        "updated": timestamp(each.issued),
        "summary": {"content": each.content[language].summary},
        "content": {"type": "application/json", "src": href},
        "format": {"schema": csaf.SCHEMA, "version": "2.0"},
    }


def csaf_path(each: Shown, language: Language) -> str:
    """Where the CSAF document of an advisory stands in the tree: by the year in which it was first issued."""
    return f"csaf/white/{each.first.astimezone(UTC).year}/{csaf.file_name(each.public_id, language)}"


def text_path(public_id: str, language: Language) -> str:
    """Where the clear-signed text stands in the tree, and under the portal's address."""
    return f"advisories/{public_id}.{language.value}.txt.asc"


def _title(language: Language) -> str:
    return f"{_TITLES[language]} – {current().centre_name(language)}"


def _newest(advisories: Sequence[Shown]) -> datetime:
    return max((each.issued for each in advisories), default=datetime(2026, 1, 1, tzinfo=UTC))


def _address(place: str) -> str:
    return f"{current().base_url}/{place}"


def _page(language: Language, each: Shown | None = None) -> str:
    return _address(f"{language.value}/advisories/{each.public_id if each else ''}")


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{ATOM}}}{name}").text = text


def _xml(root: Element) -> bytes:
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="utf-8") + b"\n"
