"""Addresses, hashes and the like in a text: what tells that two reports speak of one thing."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import unicodedata
from collections.abc import Iterator, Set
from functools import lru_cache
from urllib.parse import urlsplit

from cert_portal.config import current
from cert_portal.core.text import defang, refang, without_unseen
from cert_portal.intake import chinese_names

_HOW = re.IGNORECASE | re.ASCII  # so that an address may follow a Chinese character without a blank
_URL = re.compile(r"\b(?:http|ftp)s?://[^\s\u00a0\u3000<>\"'）」』】，。；、|\\^`{}]{3,2000}", _HOW)
_HOST = re.compile(r"[^/?#\\]*")
_CUT = re.compile(r"[<>\"'|\\^`{}]+(?!\w+://)\w")
"""What goes on after a sign that ends a web address, and is no other address."""
_MORE = re.compile(r"@|(?:\w\.[\w-]+|\])[:/?#]\S")
_ALONE = re.compile(r"/(?:32|128)$")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-][\w.+'-]{0,63}@(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}\b", _HOW)
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)", _HOW)
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:]|\.\d)", _HOW)
_HASH = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\b", _HOW)
_CVE = re.compile(r"\bCVE-\d{4}-\d{4,7}\b", _HOW)
_DOMAIN = re.compile(
    r"(?<![\w@/.\u00c0-\u052f-])(?:[\w-]{1,63}\.){1,8}([a-z]{2,18}|xn--[a-z0-9-]{2,59})(?![\w@-]|\.\w)", _HOW
)
_ASN = re.compile(r"\bASN?[ #]?(\d{2,10})\b", re.ASCII)
_MAC = re.compile(r"(?<![\w:-])(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![\w:-])", _HOW)
_PHONE = re.compile(r"(?<![\w+])\+\d{1,3}(?:[ -]?\(?\d{2,4}\)?){2,4}(?!\d)", _HOW)
_WALLET = re.compile(r"\b(?:bc1[ac-hj-np-z02-9]{11,71}|0x[0-9a-fA-F]{40}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b", re.ASCII)
_FILE = re.compile(
    r"(?<![\w/.-])[\w()\[\]-]{1,80}(?:\.[\w-]{1,20}){0,3}"
    r"\.(?:exe|scr|dll|msi|js|jse|vbs|hta|bat|cmd|ps1|lnk|iso|img|docm|xlsm|apk|jar|zip|rar|7z)\b",
    re.IGNORECASE,
)
_WIDE = re.compile(
    "(?<![0-9A-Za-z\uff10-\uff19\uff21-\uff3a\uff41-\uff5a-])[0-9A-Za-z\uff10-\uff19\uff21-\uff3a\uff41-\uff5a-]+"
    "(?:[.@\uff0e\uff20][0-9A-Za-z\uff10-\uff19\uff21-\uff3a\uff41-\uff5a-]+)+"
)
_IS_WIDE = re.compile("[\uff0d-\uff1a\uff20-\uff3a\uff41-\uff5a]")
_WIDE_WHOLE = re.compile(
    "(?!(?:http|ftp)s?://)(?:[hｈ](?:[tｔ]{2}|[xｘ]{2})[pｐ]|[fｆ][tｔ][pｐ])[sｓ]?[:：][/／]{2}"
    "[!-~\uff03\uff05\uff06\uff0b\uff0d-\uff1a\uff1d\uff1f-\uff3a\uff3f\uff41-\uff5a\uff5e]{3,2000}"
    r"|[cｃ][vｖ][eｅ][-－]\d{4}[-－]\d{4,7}(?!\d)",
    re.IGNORECASE,
)
"""A web address or the number of a CVE of which signs are wide; a sentence ends it, as it ends a narrow one."""
_BULLET = re.compile("[0-9\uff10-\uff19]{1,2}\uff0e")
"""A number and a wide dot lead a list, unless an IP address follows."""
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
TOP = frozenset(
    [
        *(
            "com",
            "net",
            "org",
            "info",
            "biz",
            "edu",
            "gov",
            "mil",
            "int",
            "hk",
            "cn",
            "tw",
            "mo",
            "jp",
            "kr",
            "sg",
            "my",
        ),
        *("th", "vn", "ph", "id", "in", "au", "nz", "uk", "de", "fr", "nl", "it", "es", "pt", "pl", "ru", "ua", "us"),
        *("ca", "br", "mx", "za", "ch", "at", "be", "se", "no", "dk", "fi", "ie", "cz", "ro", "tr", "ir", "il", "ae"),
        *("eu", "asia", "io", "co", "me", "tv", "cc", "ai", "app", "dev", "top", "xyz", "shop", "online", "site"),
        *(
            "club",
            "vip",
            "work",
            "live",
            "store",
            "icu",
            "cyou",
            "buzz",
            "link",
            "click",
            "pro",
            "mobi",
            "name",
            "cloud",
        ),
        *("tech", "space", "website", "fun", "cfd", "sbs", "lol", "example", "test", "invalid"),
    ]
)
"""Last labels of a bare domain: those that are met in reports. A URL or a defanged name needs none of them."""
MOST = 500


def find(words: str) -> list[tuple[str, str]]:
    """Pairs (kind, value) in one spelling, once each, at most MOST; defanged forms and wide letters are understood.

    Kinds: url, domain, ip, email, hash, cve, asn, mac, phone, wallet, file.
    """
    found: dict[tuple[str, str], None] = {}
    for pair in _all(readable(words)):
        found[pair] = None
        if len(found) == MOST:
            break
    return list(found)


def readable(words: str) -> str:
    """The text with its addresses as programs write them: fanged, without unseen signs, in narrow letters."""
    seen = without_unseen(words)
    if _IS_WIDE.search(seen):
        seen = _WIDE_WHOLE.sub(lambda each: unicodedata.normalize("NFKC", each[0]), seen)
        seen = _WIDE.sub(_narrow, seen)
    return refang(seen)


def _narrow(match: re.Match[str]) -> str:
    """An address in narrow letters (NFKC), where it is not so already."""
    plain = unicodedata.normalize("NFKC", match[0])
    return match[0] if _BULLET.match(match[0]) and not _address(plain) else plain


def defanged(words: str) -> str:
    """A text in which no address can be clicked; all else (times, versions, file names, sentences) stays as it is."""
    safe = _URL.sub(lambda each: defang(url := _without_end(each[0])) + each[0][len(url) :], words)
    safe = _EMAIL.sub(lambda each: defang(each[0]), safe)
    safe = _IPV4.sub(lambda each: defang(each[0]) if _address(each[0]) else each[0], safe)
    safe = _DOMAIN.sub(lambda each: defang(each[0]) if _is_top(each[1]) else each[0], safe)
    return chinese_names.defanged(safe)


def digest(value: str) -> str:
    """The key by which values are compared: short enough to index whatever the length."""
    return hashlib.sha256(value.encode()).hexdigest()[:32]


def loses_part(told: str) -> bool:
    """Whether a text without blanks holds more than the value that is found in it: a path or a port without a scheme
    before, who signs in, or what follows a sign that no web address has.
    """
    plain = readable(told)
    if len(plain.split()) != 1:
        return False
    if web := _URL.search(plain):
        rest = web[0].partition("://")[2]
        return len("".join(_host(rest))) < len(rest) or bool(_CUT.match(plain, web.end()))
    kinds = [kind for kind, _value in find(plain)]
    return (kinds == ["domain"] or (kinds == ["ip"] and not _ALONE.search(plain))) and bool(_MORE.search(plain))


def is_network(told: str) -> bool:
    """Whether a text is the name of a network such as 192.0.2.0/24: no single address stands for it."""
    try:
        return "/" in told and ipaddress.ip_network(told.strip(), strict=False).num_addresses > 1
    except ValueError:
        return False


def is_range(told: str) -> bool:
    """Whether a text names the addresses from one to another: 192.0.2.1-192.0.2.9, 192.0.2.1-9."""
    first, dash, last = (each.strip() for each in told.replace("–", "-").partition("-"))
    return bool(dash and _address(first)) and (last.isdigit() or bool(_address(last)))


def _all(plain: str) -> Iterator[tuple[str, str]]:
    signed_in = set()
    for told in dict.fromkeys(_URL.findall(plain)):
        scheme, _, rest = _without_end(told).partition("://")
        host, path = _host(rest)
        signed_in.add(_signed_in(rest))
        yield "url", f"{scheme.lower()}://{host}{path}"
        name = host.partition(":")[0].rstrip(".")
        if "." in name and not _address(name) and (known := _name(name)):
            yield "domain", known
    yield from (("email", each) for each in _mails(plain, signed_in))
    for pattern in (_IPV4, _IPV6):
        for told in dict.fromkeys(pattern.findall(plain)):
            if address := _address(told):
                yield "ip", address
    yield from _less_sure(plain)
    for match in _HASH.finditer(plain):
        yield "hash", match[0].lower()
    for match in _CVE.finditer(plain):
        yield "cve", match[0].upper()


def _mails(plain: str, signed_in: Set[str]) -> Iterator[str]:
    """Addresses of mail that do not sign in to a URL."""
    for told in dict.fromkeys(_EMAIL.findall(plain)):
        if told.lower() not in signed_in:
            yield told.lower()
    for user, host in chinese_names.mails(plain):
        if (name := _name(host)) and f"{user}@{host}".lower() not in signed_in:
            yield f"{user.lower()}@{name}"


def _without_end(url: str) -> str:
    """Without the signs of the sentence around it; a bracket that was opened within it stays."""
    while url[-1] in ".,;:!?]" or (url[-1] == ")" and url.count(")") > url.count("(")):
        url = url[:-1]
    return url


def _host(rest: str) -> tuple[str, str]:
    """Of what follows the scheme of a URL: the host and its port without a user in front, and all that follows."""
    place = _HOST.match(rest)[0]  # type: ignore[index]  # an empty host matches too
    return place.rpartition("@")[2].lower(), rest[len(place) :]


def _signed_in(rest: str) -> str:
    """What looks like an address in front of a host, as in https://user:word@host; it is none."""
    user, _, host = _HOST.match(rest)[0].rpartition("@")  # type: ignore[index]  # an empty host matches too
    return f"{user.rpartition(':')[2]}@{host.partition(':')[0]}".lower()


def _less_sure(plain: str) -> Iterator[tuple[str, str]]:
    latin = dict.fromkeys(match[0] for match in _DOMAIN.finditer(plain) if _is_top(match[1]))
    for told in (*latin, *chinese_names.find(plain)):
        yield from (("domain", name) for name in [_name(told)] if name)
    for match in _ASN.finditer(plain):
        yield "asn", f"AS{int(match[1])}"
    for match in _MAC.finditer(plain):
        yield "mac", match[0].lower().replace("-", ":")
    for match in _PHONE.finditer(plain):
        digits = re.sub(r"\D", "", match[0])
        if 8 <= len(digits) <= 15:
            yield "phone", f"+{digits}"
    for match in _WALLET.finditer(plain):
        if not match[0][0].isdigit() or match[0].startswith("0x") or _is_base58(match[0]):
            yield "wallet", match[0]
    for match in _FILE.finditer(plain):
        yield "file", match[0].strip()


def _is_top(label: str) -> bool:
    return label.lower() in TOP or label.lower().startswith("xn--")


def _name(told: str) -> str:
    """The name of a host as DNS knows it; "" for one that cannot be."""
    try:
        return told.lower().rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _is_base58(told: str) -> bool:
    """Whether the checksum of a Bitcoin address holds: else any word in capitals could be one."""
    number = 0
    for sign in told:
        number = number * 58 + _BASE58.index(sign)
    data = number.to_bytes(25, "big") if number < 1 << 200 else bytes(25)
    return hashlib.sha256(hashlib.sha256(data[:21]).digest()).digest()[:4] == data[21:] and any(data)


def is_known(kind: str, value: str) -> bool:
    """Whether a value says nothing about an incident: our own, on the list of the deployment, or a private address."""
    here = current()
    if kind == "ip":
        return value in here.allow_list.split() or any(ipaddress.ip_address(value) in each for each in _LOCAL)
    if kind not in ("url", "domain", "email"):
        return False
    host = _host(value.partition("://")[2])[0].partition(":")[0] if kind == "url" else value.rpartition("@")[2]
    own = [here.mail_domain, urlsplit(here.base_url).hostname, *here.allow_list.lower().split()]
    return any(host == each or host.endswith(f".{each}") for each in own if each)


_LOCAL = [
    ipaddress.ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "::1")
]


@lru_cache(1000)
def _address(told: str) -> str:
    try:
        return str(ipaddress.ip_address(told))
    except ValueError:
        return ""
