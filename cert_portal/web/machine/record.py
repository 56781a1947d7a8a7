"""The public record for programs: CSAF, feeds, signed texts, keys, and where to find them."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from flask import Response, abort, request

from cert_portal.config import current
from cert_portal.core import clock, crypto
from cert_portal.core.i18n import Language
from cert_portal.publishing import csaf, feeds, shown, tree
from cert_portal.web.limits import limiter
from cert_portal.web.machine.blueprint import machine

TYPES = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
}
OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
ZBASE32 = "ybndrfg8ejkmcpqxot1uwisza345h769"
EXPIRES_IN = timedelta(days=180)


@machine.get("/.well-known/csaf/white/<path:name>")
@limiter.exempt
def csaf_file(name: str) -> Response:
    """A CSAF document, its hashes and its signature, or the ROLIE feed; never by User-Agent, from any origin."""
    ending = name.rpartition(".")[2]
    kind = "application/json" if ending == "json" else "application/pgp-signature" if ending == "asc" else "text/plain"
    if name == feeds.ROLIE_NAME:
        return _file(f"csaf/white/{name}", kind, feeds.rolie(()))
    return _file(f"csaf/white/{name}", kind)


@machine.get("/feeds/advisories.<any('en', 'zh-hant'):lang>.<any('atom', 'rss', 'json'):shape>")
@limiter.exempt
def feed(lang: str, shape: str) -> Response:
    """The latest advisories for a feed reader; an empty feed before the first."""
    language = Language(lang)
    empty = {"atom": feeds.atom, "rss": feeds.rss, "json": feeds.json_feed}[shape]((), language)
    return _file(feeds.path(language, shape), f"{TYPES[shape]}; charset=utf-8", empty)


@machine.get("/advisories/<public_id>.<any('en', 'zh-hant'):lang>.txt.asc")
@limiter.exempt
def signed_text(public_id: str, lang: str) -> Response:
    """The clear-signed text of an advisory."""
    return _file(feeds.text_path(public_id, Language(lang)), "text/plain; charset=utf-8")


@machine.get("/.well-known/csaf/provider-metadata.json")
@limiter.exempt
def provider_metadata() -> Response:
    """Who publishes CSAF documents here, and where (section 7.1.7). Without TLS it claims no provider's role."""
    here = current()
    latest = shown.page(limit=1).rows
    rolie = f"{here.base_url}/.well-known/csaf/white/{feeds.ROLIE_NAME}"
    told: dict[str, Any] = {
        "canonical_url": f"{here.base_url}/.well-known/csaf/provider-metadata.json",
        "distributions": [{"rolie": {"feeds": [{"tlp_label": "WHITE", "url": rolie}]}}],
        "last_updated": csaf.timestamp(latest[0].issued if latest else clock.now()),
        "list_on_CSAF_aggregators": here.base_url.startswith("https://"),
        "metadata_version": "2.0",
        "mirror_on_CSAF_aggregators": here.base_url.startswith("https://"),
        "publisher": {
            "category": "coordinator",
            "contact_details": f"{here.report_address}, {here.hotline}",
            "name": here.centre_name(Language.EN),
            "namespace": here.base_url,
        },
        "role": "csaf_trusted_provider" if here.base_url.startswith("https://") else "csaf_publisher",
    }
    if here.publication_key:
        told["public_openpgp_keys"] = [{"fingerprint": here.publication_key, "url": f"{here.base_url}/pgp.asc"}]
    return _answer(json.dumps(told, ensure_ascii=False, indent=1).encode(), "application/json")


@machine.get("/.well-known/security.txt")
@limiter.exempt
def security_txt() -> Response:
    """How to tell us of a weakness in our own things (RFC 9116)."""
    here = current()
    lines = [
        f"Contact: mailto:{here.report_address}",
        f"Contact: {here.base_url}/en/report/",
        f"Contact: tel:{here.hotline.replace(' ', '')}",
        f"Expires: {csaf.timestamp((clock.now() + EXPIRES_IN).replace(hour=0, minute=0, second=0))}",
        f"Encryption: {here.base_url}/pgp.asc",
        "Preferred-Languages: en, zh-Hant",
        f"Canonical: {here.base_url}/.well-known/security.txt",
        f"Policy: {here.base_url}/en/contact",
        f"CSAF: {here.base_url}/.well-known/csaf/provider-metadata.json",
    ]
    return _answer(("\n".join(lines) + "\n").encode(), "text/plain; charset=utf-8")


@machine.get("/pgp.asc")
@limiter.exempt
def keys() -> Response:
    """The public keys: the one of publications, then the one of letters."""
    blocks = [ring.export() for ring in _rings().values()]
    return _answer("".join(blocks).encode("ascii"), "application/pgp-keys") if blocks else abort(404)


@machine.get("/.well-known/openpgpkey/hu/<name>")
@machine.get("/.well-known/openpgpkey/<domain>/hu/<name>")
@limiter.exempt
def web_key(name: str, domain: str = "") -> Response:
    """The key of one of our addresses (draft-koch-openpgp-webkey-service), direct and advanced."""
    for address, ring in _rings().items():
        local, _at, ours = address.partition("@")
        if name == web_key_name(local) and domain.lower() in ("", ours.lower()):
            return _answer(ring.export_binary(), "application/octet-stream")
    return abort(404)


@machine.get("/.well-known/openpgpkey/policy")
@machine.get("/.well-known/openpgpkey/<domain>/policy")
@limiter.exempt
def web_key_policy(domain: str = "") -> Response:
    """That there is a directory: the file may be empty, but must be there."""
    known = {address.rpartition("@")[2].lower() for address in _rings()}
    return _answer(b"", "text/plain") if not domain or domain.lower() in known else abort(404)


def web_key_name(local: str) -> str:
    """The name under which a key is found: SHA-1 of the lower-cased local part in z-base-32."""
    digest = int.from_bytes(hashlib.sha1(local.lower().encode()).digest(), "big")  # noqa: S324  # the draft asks for it
    return "".join(ZBASE32[digest >> shift & 31] for shift in range(155, -1, -5))


def _rings() -> dict[str, crypto.Keyring]:
    here = current()
    found = {}
    if here.publication_key:
        found[here.advisory_address] = crypto.publication()
    if here.desk_key:
        found.setdefault(here.report_address, crypto.desk())
    return found


def _file(path: str, kind: str, otherwise: bytes | None = None) -> Response:
    try:
        return _answer(tree.read(path), kind)
    except FileNotFoundError:
        return abort(404) if otherwise is None else _answer(otherwise, kind)


def _answer(body: bytes, kind: str) -> Response:
    response = Response(body, headers={"Content-Type": kind, "Cache-Control": "public, max-age=60", **OPEN})
    response.set_etag(hashlib.sha256(body).hexdigest()[:20])
    return response.make_conditional(request)  # type: ignore[return-value]  # the same response
