"""An advisory as a CSAF 2.0 document (OASIS, 18 November 2022), one for each language.

With products and CVE numbers it is a `csaf_security_advisory`, else a `csaf_informational_advisory`. The translation
has an id of its own and says from which language it was translated (sections 3.2.1.6 and 3.2.1.10). CSAF 2.0 knows
TLP 1.0 only: TLP:CLEAR is written WHITE.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cert_portal.config import current
from cert_portal.core.i18n import Language
from cert_portal.publishing.content import Content, Product, Vulnerability, Words
from cert_portal.publishing.text import CHANGES, LEVELS

SOURCE = Language.EN
"""The language that a translation names as its source; both are approved together."""
SCHEMA = "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json"
_CATEGORIES = ("csaf_security_advisory", "csaf_informational_advisory")
_ONE_VERSION = re.compile(r"v?\d[\w.+-]*", re.IGNORECASE)
_NOT_PLAIN = re.compile(r"[^+\-a-z0-9]+")
_NOTES = (
    ("summary", "summary", {Language.EN: "In one sentence", Language.ZH_HANT: "一句話說明"}),
    ("going_on", "description", {Language.EN: "What is going on", Language.ZH_HANT: "發生甚麼事"}),
    ("affected", "details", {Language.EN: "Who is affected", Language.ZH_HANT: "受影響的是誰"}),
    ("to_do", "general", {Language.EN: "What to do now", Language.ZH_HANT: "現在應該怎樣做"}),
    ("workaround", "general", {Language.EN: "If you cannot update", Language.ZH_HANT: "如未能更新"}),
    ("signs", "general", {Language.EN: "How to notice an attack", Language.ZH_HANT: "怎樣察覺攻擊"}),
    ("changed", "general", {Language.EN: "What has changed", Language.ZH_HANT: "更新內容"}),
)
_WHY = {Language.EN: "Why it is withdrawn", Language.ZH_HANT: "撤回原因"}
"""What a withdrawal says instead of what has changed."""
_EXPLOITED = {Language.EN: "Already used in attacks.", Language.ZH_HANT: "已有攻擊利用。"}
_PUBLIC = {Language.EN: "A way to exploit it is public.", Language.ZH_HANT: "利用方法已公開。"}
_UPDATE = {Language.EN: "Update to a fixed version.", Language.ZH_HANT: "更新至已修正的版本。"}
_FIRST = {Language.EN: "First version", Language.ZH_HANT: "首個版本"}


@dataclass(frozen=True)
class Revision:
    """One published version: its number, when it was issued, what changed by language."""

    number: int
    issued: datetime
    changed: dict[str, str]


def tracking_id(public_id: str, language: Language) -> str:
    """The id of a document; the translation's carries its language."""
    return public_id if language is SOURCE else f"{public_id}-{language.value}"


def file_name(public_id: str, language: Language) -> str:
    """The name of the file (section 5.1): lower case, other characters as underscores."""
    return _NOT_PLAIN.sub("_", tracking_id(public_id, language).lower()) + ".json"


def document(
    public_id: str, change: str, content: Content, revisions: Sequence[Revision], language: Language
) -> dict[str, Any]:
    """The whole document; `revisions` are all published versions with this one last."""
    words = content[language]
    is_full = bool(content.products and content.vulnerabilities)
    told = {
        "aggregate_severity": {"text": LEVELS[language][content.level]},
        "category": _CATEGORIES[0] if is_full else _CATEGORIES[1],
        "csaf_version": "2.0",
        "distribution": {"text": "TLP:CLEAR", "tlp": {"label": "WHITE", "url": "https://www.first.org/tlp/"}},
        "lang": language.tag,
        "notes": _notes(words, change, language),
        "publisher": _publisher(language),
        "references": _references(public_id, content, revisions[0].issued, language),
        "title": (f"{CHANGES[language][change]}: " if change == "withdrawal" else "") + words.title,
        "tracking": _tracking(public_id, revisions, language),
    }
    if language is not SOURCE:
        told["source_lang"] = SOURCE.tag
    whole: dict[str, Any] = {"document": told}
    if is_full:
        ids = [f"CSAFPID-{number:04d}" for number in range(1, 2 * len(content.products) + 1)]
        whole["product_tree"] = _tree(content.products, ids)
        whole["vulnerabilities"] = [_vulnerability(each, content, ids, language) for each in content.vulnerabilities]
    return whole


def as_bytes(whole: dict[str, Any]) -> bytes:
    """The document as it is signed: keys sorted (optional test 6.2.13), UTF-8."""
    return json.dumps(whole, sort_keys=True, ensure_ascii=False, indent=2).encode() + b"\n"


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _notes(words: Words, change: str, language: Language) -> list[dict[str, str]]:
    why = {"changed": _WHY} if change == "withdrawal" else {}
    return [
        {"category": category, "text": getattr(words, name), "title": why.get(name, titles)[language]}
        for name, category, titles in _NOTES
        if getattr(words, name)
    ]


def _publisher(language: Language) -> dict[str, str]:
    here = current()
    return {
        "category": "coordinator",
        "contact_details": f"{here.report_address}, {here.hotline}",
        "name": here.centre_name(language),
        "namespace": here.base_url,
    }


def _references(public_id: str, content: Content, first: datetime, language: Language) -> list[dict[str, str]]:
    """The document itself (its canonical address, optional test 6.2.11), its page, and the sources."""
    base, place = current().base_url, f"{first.astimezone(UTC).year}/{file_name(public_id, language)}"
    document, page = f"{base}/.well-known/csaf/white/{place}", f"{base}/{language.value}/advisories/{public_id}"
    told = [("self", document), ("self", page), *(("external", each) for each in content.references)]
    return [{"category": category, "summary": url, "url": url} for category, url in told]


def _tracking(public_id: str, revisions: Sequence[Revision], language: Language) -> dict[str, Any]:
    history = [
        {
            "date": timestamp(each.issued),
            "number": str(each.number),
            "summary": each.changed.get(language.value) or _FIRST[language],
        }
        for each in revisions
    ]
    return {
        "current_release_date": history[-1]["date"],
        "id": tracking_id(public_id, language),
        "initial_release_date": history[0]["date"],
        "revision_history": history,
        "status": "final",
        "version": history[-1]["number"],
    }


def _tree(products: Sequence[Product], ids: list[str]) -> dict[str, Any]:
    vendors: dict[str, list[dict[str, Any]]] = {}
    for position, product in enumerate(products):
        versions = [_range(product, product.affected, ids[2 * position])]
        if product.fixed:
            versions.append(_range(product, product.fixed, ids[2 * position + 1]))
        branch = {"branches": versions, "category": "product_name", "name": product.name}
        vendors.setdefault(product.vendor, []).append(branch)
    branches = [{"branches": names, "category": "vendor", "name": vendor} for vendor, names in vendors.items()]
    return {"branches": branches}


def _range(product: Product, versions: str, product_id: str) -> dict[str, Any]:
    versions = "vers:all/*" if versions == "*" else versions
    return {
        "category": "product_version" if _ONE_VERSION.fullmatch(versions) else "product_version_range",
        "name": versions,
        "product": {"name": f"{product.called} {versions}", "product_id": product_id},
    }


def _vulnerability(each: Vulnerability, content: Content, ids: list[str], language: Language) -> dict[str, Any]:
    affected, fixed = ids[::2], [ids[2 * n + 1] for n, product in enumerate(content.products) if product.fixed]
    told: dict[str, Any] = {
        "cve": each.cve,
        "notes": [{"category": "summary", "text": content[language].summary}],
        "product_status": {"known_affected": affected, **({"fixed": fixed} if fixed else {})},
        "remediations": [_remediation(content, affected, language)],
    }
    threats = [(content.exploited, _EXPLOITED), (content.proof_of_concept, _PUBLIC)]
    found = [{"category": "exploit_status", "details": words[language]} for holds, words in threats if holds]
    if found:
        told["threats"] = found
    if each.vector:
        told["scores"] = [{"cvss_v3": _cvss(each), "products": affected}]
    return told


def _remediation(content: Content, affected: list[str], language: Language) -> dict[str, Any]:
    is_fixed = any(product.fixed for product in content.products)
    details = content[language].to_do or _UPDATE[language]
    return {"category": "vendor_fix" if is_fixed else "mitigation", "details": details, "product_ids": affected}


def _cvss(each: Vulnerability) -> dict[str, Any]:
    score = each.score or 0.0
    bands = ((9.0, "CRITICAL"), (7.0, "HIGH"), (4.0, "MEDIUM"), (0.1, "LOW"))
    return {
        "baseScore": score,
        "baseSeverity": next((name for least, name in bands if score >= least), "NONE"),
        "vectorString": each.vector,
        "version": each.vector.partition("/")[0].removeprefix("CVSS:"),
    }


def problems(told: Any, name: str) -> Iterator[str]:
    """What is wrong with a document as far as this portal writes them: profile, versions, name of the file."""
    try:
        document, tracking = told["document"], told["document"]["tracking"]
        history = [int(each["number"]) for each in tracking["revision_history"]]
        if document["csaf_version"] != "2.0" or document["category"] not in _CATEGORIES:
            yield "is no CSAF 2.0 document of ours"
        if history != sorted(set(history)) or history[-1] != int(tracking["version"]):
            yield "the version is not the last of the history"
        if _NOT_PLAIN.sub("_", tracking["id"].lower()) + ".json" != name:
            yield "the file is not named after the id"
        if document["category"] == _CATEGORIES[0] and not (told["product_tree"] and told["vulnerabilities"]):
            yield "products or vulnerabilities are missing"
    except (KeyError, TypeError, ValueError, IndexError) as error:
        yield f"is no CSAF document: {type(error).__name__} {error}"
