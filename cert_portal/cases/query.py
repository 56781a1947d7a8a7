"""The language of the search box and of every list: words, and conditions such as `kind:phishing level>=3 -tag:vip`.

One text says what a list shows: it stands in the address, is saved under a name, and is what the filters write.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from ipaddress import ip_network

from cert_portal.cases.query_words import LEVELS, code_of
from cert_portal.core import clock
from cert_portal.core.text import refang, tokens

_PIECE = re.compile(r'(-?)(?:([^\W\d]\w*)([:：≤≥≦≧]|[<>＜＞][=＝]?|[=＝]))?("[^"]*"?|“[^”]*”?|\S+)')
_STOPS = re.compile("[，、。；]+")
"""What ends words and values without quotes, as Chinese is written without spaces; what follows is read for itself."""
AND_ALSO = "、"
"""What parts the values of one condition; a comma does so, too, where a value holds none."""
_PARTS = re.compile(f"{_STOPS.pattern}|,+")
_FURTHER = re.compile(rf"[{AND_ALSO},]([^\s，、；。,\"“]+)")
_AT_THE_END = re.compile(rf"{_STOPS.pattern}(?=\s|$)")
_ADDRESS = re.compile(
    r"\w+:[\\/]|[a-z]:|[0-9a-f]{1,4}:[0-9a-f]{0,4}:|(?:mailto|urn|tel|data|cpe|magnet|bitcoin|re|fwd?):", re.IGNORECASE
)
"""What has a colon and is no condition: addresses of all kinds, the path of a file, the beginning of a subject."""
_SIGNS = {"≤": "<=", "≦": "<=", "≥": ">=", "≧": ">="}
_HAN = "\u2e80"
"""What comes before it is written with blanks between words."""
LONGEST = 300
"""As typed, and as it is written into addresses and kept, where names are English."""
OF_A_LIST = 25
"""So much longer is what a list shows, which has conditions of its own."""
MOST_TERMS = 20
"""Besides those of `is`, as the lists' own are."""
MOST_ADDRESSES = 1024
"""A network that is asked for has at most so many: four of /24."""
OPERATORS = ("AND", "OR", "NOT")
"""What other search boxes join words by; here everything must hold, and conditions of one name are alternatives."""

ALIASES = {
    "種類": "kind",
    "類別": "kind",
    "級別": "level",
    "等級": "level",
    "狀態": "state",
    "負責人": "owner",
    "標籤": "tag",
    "標記": "tag",
    "機構": "org",
    "報告人": "reporter",
    "舉報人": "reporter",
    "渠道": "channel",
    "收到方式": "channel",
    "來源": "origin",
    "報告來源": "origin",
    "開立": "opened",
    "開立時間": "opened",
    "更新": "updated",
    "最近更新": "updated",
    "結案": "closed",
    "之前": "before",
    "之後": "after",
    "標題": "title",
    "域名": "domain",
    "網址": "url",
    "電郵": "email",
    "電郵地址": "email",
    "電話": "phone",
    "電話號碼": "phone",
    "檔案": "file",
    "檔案名稱": "file",
    "雜湊值": "hash",
    "雜湊": "hash",
    "錢包": "wallet",
    "錢包地址": "wallet",
    "漏洞": "cve",
    "as編號": "asn",
    "ip地址": "ip",
    "mac地址": "mac",
    "屬於": "is",
    "演習": "drill",
}
"""What people type in Chinese, and the name that it stands for."""
VALUES = ("asn", "cve", "domain", "email", "file", "hash", "ip", "mac", "phone", "url", "wallet")
"""Conditions on what a report names; the name is the kind of observable."""
CODED = ("is", "kind", "state", "channel", "origin")
ORDERED = ("level", "opened", "updated", "closed")
NAMED = ("owner", "tag", "org", "reporter", "title")
FREE = ("tag", "org", "reporter", "title", "file", "url")
"""Conditions of which a value may hold any sign."""
NAMES = frozenset((*CODED, *ORDERED, *NAMED, *VALUES, "before", "after", "drill"))


class QueryRefused(Exception):
    """A query cannot be read: unknown, sign, date, year, level, value, no_value, asn, ip, owner, cases_only, too_long,
    lone, operator (`reason`).

    `piece` is the part that is meant.
    """

    def __init__(self, reason: str, piece: str) -> None:
        super().__init__(reason, piece)
        self.reason, self.piece = reason, piece


@dataclass(frozen=True)
class Term:
    """One condition: a name, a sign (":" where no order is meant) and a value; `no` turns it round.

    A word that must not occur has neither name nor sign.
    """

    name: str
    sign: str
    value: str
    no: bool = False

    def __str__(self) -> str:
        is_bare = bool(self.value) and " " not in self.value and (bool(self.name) or not _is_read(self.value))
        is_bare = is_bare and not _stops(self.name).search(self.value)
        value = self.value if is_bare else f'"{self.value}"'
        return f"{'-' if self.no else ''}{self.name}{self.sign}{value}"


@dataclass(frozen=True)
class Query:
    """What a list shows. Every word must occur and every condition hold; conditions of one name are alternatives."""

    words: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        words = (f'"{word}"' if " " in word or _STOPS.search(word) or _is_read(word) else word for word in self.words)
        return " ".join([*(str(term) for term in self.terms), *words])

    def __bool__(self) -> bool:
        return bool(self.words or self.terms)

    def values(self, name: str) -> list[str]:
        """The values that are asked for under this name, without those that are excluded."""
        return [term.value for term in self.terms if term.name == name and not term.no]

    def unwanted(self) -> list[str]:
        """The words that must not occur."""
        return [term.value for term in self.terms if not term.name]

    def without(self, *names: str) -> Query:
        """The same without the conditions of these names."""
        return Query(self.words, tuple(term for term in self.terms if term.name not in names))

    def parts(self) -> list[Term | str]:
        """The conditions, then the words."""
        return [*self.terms, *self.words]

    def minus(self, one: Term | str) -> Query:
        """The same without this condition or word."""
        return Query(tuple(w for w in self.words if w != one), tuple(term for term in self.terms if term != one))

    def with_words(self, words: tuple[str, ...]) -> Query:
        """The same with more words."""
        return Query(tuple(dict.fromkeys((*self.words, *words))), self.terms)

    def with_(self, *terms: Term) -> Query:
        """The same with more conditions."""
        return Query(self.words, (*self.terms, *(term for term in terms if term not in self.terms)))


def parse(told: str, *, whole: bool = False) -> Query:
    """Read what somebody typed. An address as `http://x` or `fe80::1` is a word, and so is what stands in quotes.

    `whole`: it may be all that a list shows, what was typed with what the list itself asks for. Raises QueryRefused,
    also for a condition that nobody knows: it would find nothing without saying why.
    """
    longest = LONGEST + (OF_A_LIST if whole else 0)
    if len(told) > longest:
        raise QueryRefused("too_long", told[:40])
    words, terms = [], []
    for no, name, sign, value in _pieces(told):
        if not name and not (no and tokens(value)):
            words.append(f"-{value}" if no else value)  # a minus before signs alone is one more sign
            continue
        if not name and lone([value]):
            raise QueryRefused("lone", f"-{value}")
        terms.append(_checked(Term(name, sign, value, no)))
    if len([term for term in terms if term.name != "is"]) > MOST_TERMS:
        raise QueryRefused("too_long", str(terms[-1]))
    query = Query(tuple(dict.fromkeys(words)), tuple(dict.fromkeys(terms)))
    if len(str(query)) > longest:
        raise QueryRefused("too_long", told[:40])
    return query


def lone(words: Iterable[str]) -> str:
    """The first of these words that is a Chinese character by itself: the index holds pairs of these; "" if none."""
    return next((each for each in words if len(each) == 1 and each >= _HAN), "")


def _cut(told: str) -> Iterator[tuple[re.Match[str], str]]:
    """The pieces of what was typed, each with its value as far as that goes, and once more with each further value.
    Raises QueryRefused("no_value").
    """
    at = 0
    while match := _PIECE.search(told, at):
        at, value, name = match.end(), match[4], _known(match[2] or "")
        if value[0] not in '"“' and (stop := _stops(name).search(told, match.start(4), at)):
            at, value = stop.start(), told[match.start(4) : stop.start()]
        if not value and name in NAMES:
            raise QueryRefused("no_value", match[0])
        if value:
            yield match, value
        while further := _further(name, told, at):
            at = further.end()
            yield match, further[1]
        after = (_STOPS if name in FREE else _stops(name)).match(told, at)
        at = after.end() if after else at


def _stops(name: str) -> re.Pattern[str]:
    """What ends a value of this condition, or a word."""
    return _AT_THE_END if name in FREE else _PARTS if name in NAMES else _STOPS


def _further(name: str, told: str, at: int) -> re.Match[str] | None:
    """Another value of the same condition, which stands here after its sign; not a word, nor a condition of its own."""
    match = _FURTHER.match(told, at)
    piece = _PIECE.match(told, at + 1)
    if match is None or piece is None or _known(piece[2] or "") in NAMES:
        return None
    value = unicodedata.normalize("NFKC", match[1])
    return match if _is_value(name, value) else None


def _is_value(name: str, told: str) -> bool:
    """Whether this is meant as a value of a condition, rather than as a word: whatever it is where few are possible, so
    that a wrong one is refused, and of other conditions what is no plain word.
    """
    if name in ("owner", "level", "drill", *CODED):
        return True
    return name in NAMES and name not in FREE and told.isascii() and not told.isalpha()


def _known(name: str) -> str:
    """The name of a condition in any spelling; whatever else in small letters."""
    plain = unicodedata.normalize("NFKC", name).lower()
    return ALIASES.get(plain, plain)


def _pieces(told: str) -> Iterator[tuple[bool, str, str, str]]:
    for match, value in _cut(told.replace("\x00", " ")):
        no, name, sign = match[1] == "-", _known(match[2] or ""), match[3] or ""
        plain = value.strip('"“”').strip()
        if name in NAMES:
            yield no, name, _SIGNS.get(sign) or unicodedata.normalize("NFKC", sign), plain
        elif name:
            whole = f"{match[2]}{sign}{plain}"
            if _is_named(whole):
                raise QueryRefused("unknown", whole)
            yield no, "", "", whole
        elif value[-1] in ":：" and _known(value[:-1]) in NAMES:
            raise QueryRefused("no_value", value)
        elif value in OPERATORS and not _is_shouted(told):
            raise QueryRefused("operator", value)
        elif _is_network(value):
            yield no, "ip", ":", value
        elif plain:
            yield no, "", "", plain


def _is_shouted(told: str) -> bool:
    """Whether all of it is written in capitals, as some subjects are."""
    return "".join(word for word in told.split() if word not in OPERATORS).isupper()


def _is_read(word: str) -> bool:
    """Whether a word that stands alone without quotes is read as something else."""
    return word in OPERATORS or _is_named(word) or _is_network(word) or (word[:1] == "-" and word != "-")


def _is_network(word: str) -> bool:
    return "/" in word and bool(networks(word))


def _is_named(word: str) -> bool:
    """Whether a word that stands alone without quotes is read as a condition, ours or not."""
    match = _PIECE.match(word)
    if match is None or not match[2]:
        return False
    return _known(match[2]) in NAMES or not (match[3] in ("=", "＝") or _ADDRESS.match(word.lstrip("-")))


def _checked(term: Term) -> Term:
    if not term.name:
        return term
    if term.name not in FREE:
        term = replace(term, value=unicodedata.normalize("NFKC", term.value))
    term = replace(term, value=code_of(term.name, term.value))
    if term.sign != ":" and term.name not in ORDERED:
        raise QueryRefused("sign", str(term))
    if term.name == "level" and term.value not in LEVELS:
        raise QueryRefused("level", str(term))
    if term.name in ("before", "after", "opened", "updated", "closed"):
        _check_day(term)
    if term.name == "asn" and not is_system(term.value):
        raise QueryRefused("asn", str(term))
    if term.name == "ip" and not networks(term.value):
        raise QueryRefused("ip", str(term))
    if term.name == "drill":
        return _drill(term)
    if term.name in ("before", "after"):
        return Term("opened", "<" if term.name == "before" else ">=", term.value, term.no)
    return term


def is_system(told: str) -> bool:
    """Whether this is the number of a network, as 4760 or AS4760."""
    digits = told.upper().removeprefix("AS")
    return digits.isascii() and digits.isdigit() and 0 < int(digits[:11]) < 2**32


def networks(told: str) -> list[str]:
    """The addresses that an address or a network of at most MOST_ADDRESSES stands for; none for anything else."""
    try:
        network = ip_network(refang(told), strict=False)
    except ValueError:
        return []
    return [str(each) for each in network] if network.num_addresses <= MOST_ADDRESSES else []


def _drill(term: Term) -> Term:
    """`drill:yes` is another way to say `is:drill`."""
    if term.value not in ("yes", "no"):
        raise QueryRefused("value", str(term))
    return Term("is", ":", "drill", term.no == (term.value == "yes"))


def _check_day(term: Term) -> None:
    try:
        day = date.fromisoformat(term.value)
    except ValueError as error:
        raise QueryRefused("date", str(term)) from error
    if not clock.is_plausible(day):
        raise QueryRefused("year", str(term))
