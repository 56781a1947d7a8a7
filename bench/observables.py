"""What we find in texts against what they name, and against another library on real texts.

`observables.toml` is our own labelled set. Over real mails and notices we are compared with ioc-finder, which is well
kept: what only one of the two finds is a miss of the other or an error of its own. Names that end in .example are made
to end in .com for both: it knows only names that can be bought.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ioc_finder import find_iocs

from cert_portal.core.mail.message import parse
from cert_portal.intake.observables import find

SET = Path(__file__).with_name("observables.toml")
DATA = Path(__file__).parents[2] / "shared" / "data"
LONGEST = 20_000
_EXAMPLE = re.compile(r"\.example(?!\.\w|[\w-])")
THEIRS = {
    "urls": "url",
    "domains": "domain",
    "ipv4s": "ip",
    "ipv6s": "ip",
    "email_addresses": "email",
    "md5s": "hash",
    "sha1s": "hash",
    "sha256s": "hash",
    "cves": "cve",
}
BOTH = sorted(set(THEIRS.values()))
Found = set[tuple[str, str]]


@dataclass
class Score:
    """How many values were right, found and named."""

    right: int = 0
    found: int = 0
    named: int = 0

    def add(self, found: Found, named: Found) -> None:
        """Count one text."""
        self.right += len(found & named)
        self.found += len(found)
        self.named += len(named)

    @property
    def precision(self) -> float:
        """The share of what is found that is named."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of what is named that is found."""
        return self.right / self.named if self.named else 1.0


def run() -> None:
    """Print both: the labelled set for all kinds, the real texts for the kinds that both know."""
    for name, finder in (("ours", ours), ("ioc-finder", theirs)):
        show(f"labelled texts, {name}, kinds of both", labelled(finder, BOTH))
    show("labelled texts, ours, all kinds", labelled(ours))
    if not DATA.is_dir():
        print(f"observables: no real texts in {DATA}")
        return
    for kind, score in against_theirs().items():
        shares = (
            f"{score.recall:>11.2f} of their {score.named} by us, {score.precision:.2f} of our {score.found} by them"
        )
        print(f"  {f'real texts, {kind}, found':<42}{shares}")


def show(what: str, score: Score) -> None:
    """One line."""
    print(f"  {what:<42}{score.precision:>11.2f} precision{score.recall:>8.2f} recall of {score.named}")


def labelled(finder: Callable[[str], Found], kinds: list[str] | None = None) -> Score:
    """Our own set, all kinds or some."""
    score = Score()
    for each in tomllib.loads(re.sub(r"(?a)\bexample\b", "com", SET.read_text("utf-8")))["text"]:
        found, named = finder(each["words"]), {(kind, value) for kind, value in each["values"]}
        score.add(*({pair for pair in pairs if kinds is None or pair[0] in kinds} for pairs in (found, named)))
    return score


def against_theirs() -> dict[str, Score]:
    """Each kind over all real texts, as if they were right."""
    scores = {kind: Score() for kind in BOTH}
    for text in real_texts():
        mine, other = ours(text), theirs(text)
        for kind, score in scores.items():
            score.add(*({pair for pair in pairs if pair[0] == kind} for pairs in (mine, other)))
    return scores


def ours(text: str) -> Found:
    """What the portal finds."""
    return set(find(text))


def theirs(text: str) -> Found:
    """What ioc-finder finds, in our spelling; it takes an address in a mail for a domain too, we do not."""
    told = find_iocs(
        text, parse_domain_from_email_address=False, parse_from_url_path=False, parse_urls_without_scheme=False
    )
    pairs = ((kind, str(value)) for name, kind in THEIRS.items() for value in told.get(name, []))
    return {spelled for kind, value in pairs for spelled in _spelled(kind, value)}


def _spelled(kind: str, value: str) -> Iterator[tuple[str, str]]:
    """As we write it: by sending it through our own finder, or in small letters."""
    same = [each for each in find(value) if each[0] == kind]
    yield from same or [(kind, value.upper() if kind == "cve" else value.lower())]


def real_texts() -> Iterator[str]:
    """Texts of real mails, and notices of machines as they are."""
    for folder in ("mail-bounces", "mail-mixed"):
        for file in sorted((DATA / folder).rglob("*.eml")):
            yield _EXAMPLE.sub(".com", parse(file.read_bytes()).text[:LONGEST])
    for file in sorted([*(DATA / "xarf").rglob("*.json"), *(DATA / "iodef").glob("*.xml")]):
        yield _EXAMPLE.sub(".com", file.read_text("utf-8", "replace")[:LONGEST])
