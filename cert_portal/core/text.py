"""Words for searching, and addresses that nobody can click by accident."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator

_HAN_RUN = re.compile(r"(?:(?![\W_])[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])+")
"""Letters that are written without blanks between words; the signs among them part words."""
_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]+\.[^@\s.<>,;\"]+")
_WORD = re.compile(r"[^\W_]+(?:[.\-@_/:][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_HOSTS, _SIGN = re.compile(r"[/:@]+"), re.compile(r"\W")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Signs that turn the direction of what follows: `exe.pdf` may be shown where fdp.exe stands."""
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_WITHOUT_WIDTH = re.compile(
    f"[\u00ad\u034f\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufe00-\ufe0f\ufeff{_DIRECTION}"
    "\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
MAX_LABELS = 6
LONGEST_NAME = 127
"""So many labels has a name of a host at most (RFC 1035)."""
MAX_TOKENS = 20_000
MAX_TOKEN_BYTES = 50
"""PostgreSQL keeps at most 1 MiB of tokens per row, and beyond that loses them without a word: 20,000 x 50 fit."""


def tokens(words: str) -> list[str]:
    """Search tokens: lower-case words, addresses both whole, by host and in parts, Chinese as pairs of neighbours.

    Two-character Chinese words hit, which neither FTS5 nor PostgreSQL's parser gives by itself. Each token is made of
    letters, digits and underscores only, so that both databases store it as it is.
    """
    plain = unicodedata.normalize("NFKC", without_unseen(words)).lower()
    found: list[str] = []
    for run in _HAN_RUN.findall(plain):
        found.extend(run[i : i + 2] for i in range(max(1, len(run) - 1)))
    for word in dict.fromkeys(_WORD.findall(_HAN_RUN.sub(" ", plain))):
        if word.isalnum():
            found.append(word)
            continue
        found.extend(_PART.findall(word))
        for whole in (*_HOSTS.split(word), word):
            if _SIGN.search(whole):
                found.append(_SIGN.sub("_", whole))
    return list(dict.fromkeys(_short(token) for token in dict.fromkeys(found)))[:MAX_TOKENS]


def spellings(words: str) -> dict[str, str]:
    """How a text writes the tokens of its addresses, for people to read; a token of one word is that word."""
    plain = unicodedata.normalize("NFKC", without_unseen(words)).lower()
    whole = (each for word in _WORD.findall(_HAN_RUN.sub(" ", plain)) for each in (*_HOSTS.split(word), word))
    return {_short(_SIGN.sub("_", each)): each for each in whole}


def parts(words: str) -> list[str]:
    """Tokens for pieces of addresses in a text: what several labels of a host say that follow each other, as in
    `bad-bank.example` of www.bad-bank.example and `192.0.2` of 192.0.2.7. A query asks for none of them by itself.
    """
    plain = unicodedata.normalize("NFKC", without_unseen(words)).lower()
    hosts = (host for word in _WORD.findall(_HAN_RUN.sub(" ", plain)) for host in _HOSTS.split(word) if "." in host)
    return list(dict.fromkeys(_short(_SIGN.sub("_", run)) for host in hosts for run in _runs(host.split("."))))


def _runs(labels: list[str]) -> Iterator[str]:
    """Neighbouring labels, one that has a sign in it or several; of a long name those that end it."""
    size = len(labels)
    if size > MAX_LABELS:
        spans = [(i, size) for i in range(max(0, size - LONGEST_NAME), size)]
    else:
        spans = [(i, j) for i in range(size) for j in range(i + 1, size + 1)]
    runs = (".".join(labels[i:j]) for i, j in spans if j - i < size)
    return (run for run in runs if _SIGN.search(run))


def _short(token: str) -> str:
    data = token.encode()
    return token if len(data) <= MAX_TOKEN_BYTES else hashlib.blake2s(data, digest_size=16).hexdigest()


def defang(value: str) -> str:
    """An address that cannot be clicked: hxxps://bad[.]example/x."""
    return re.sub(r"^http", "hxxp", value, flags=re.IGNORECASE).replace(".", "[.]").replace("@", "[@]")


def refang(words: str) -> str:
    """Undo the common ways of defanging in a text."""
    plain = re.sub(r"(?<![a-z0-9])h(?:xx|\*\*)p(s?)(?=\[?:)", r"http\1", words, flags=re.IGNORECASE)
    plain = re.sub(r"\s?[\[({]\s*(?:\.|dot)\s*[\])}]\s?", ".", plain, flags=re.IGNORECASE)
    plain = re.sub(r"\s?[\[({]\s*(?:@|at)\s*[\])}]\s?", "@", plain, flags=re.IGNORECASE)
    return re.sub(r"[\[({]\s*(:|://)\s*[\])}]", r"\1", plain)


def is_blank(words: str) -> bool:
    """Whether nothing of a text is to be seen: blanks, and what has no shape of its own, as U+200B."""
    return not _UNSEEN.sub("", words).strip()


def without_unseen(words: str) -> str:
    """A text without the signs that take no room: they hide in an address, and nobody can type them."""
    return _WITHOUT_WIDTH.sub("", words)


def clean(words: str) -> str:
    """A text as a person may have typed it: no control characters but line ends and tabs, no surrogates."""
    return _CONTROL.sub("", words.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(words: str) -> str:
    """A title, subject or name: on one line, without what no text has and without signs that turn its direction."""
    return " ".join(clean(without_turns(words)).split())


def narrow(words: str) -> str:
    """A day, time or number in plain signs, without blanks around: a Chinese keyboard may write full-width ones."""
    return unicodedata.normalize("NFKC", words).strip()


def same_name(words: str) -> str:
    """What all spellings of a name share: small letters, plain signs for full-width ones, none that nobody sees."""
    return " ".join(without_unseen(unicodedata.normalize("NFKC", words)).split()).casefold()


def without_turns(words: str) -> str:
    """A text without signs that turn the direction of what follows."""
    return _TURNS.sub("", words)


def unturned(words: str) -> str:
    """The name of a file with such signs to be seen: invoice[U+202E]fdp.exe."""
    return _TURNS.sub(lambda each: f"[U+{ord(each[0]):04X}]", words)


def shortened(words: str, limit: int) -> str:
    """The words in at most `limit` signs; what is cut ends with an ellipsis, after a whole word where one is near."""
    if len(words) <= limit:
        return words
    cut = words[: limit - 1]
    whole = cut.rpartition(" ")[0] if not words[limit - 1].isspace() else cut
    return f"{(whole if len(whole) > limit * 0.8 else cut).rstrip()}…"


def is_email(told: str) -> bool:
    """Whether it is one address of mail that a letter can be sent to."""
    return len(told) <= 320 and told.isascii() and bool(_EMAIL.fullmatch(told))


def whole(told: str, digits: int = 17) -> int:
    """The whole number that an address or a form tells, of at most so many digits; 0 for whatever is none."""
    return int(told) if told.isascii() and told.isdigit() and len(told) <= digits else 0
