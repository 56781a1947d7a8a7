"""What we read in delivery reports against flufl.bounce and Sisimai, over real reports: the verdict, and who bounced.

The two differ between themselves: flufl.bounce calls hard what failed, with a full mailbox and a refused sender;
Sisimai calls soft even a "User unknown" that comes after the text. We agree where we say the same as one of them.
"""

from __future__ import annotations

import email
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flufl.bounce import all_failures

from cert_portal.core.mail import bounce, nature
from cert_portal.core.mail.message import parse

REPORTS = Path(__file__).parents[2] / "shared" / "data" / "mail-bounces"
_SISIMAI = """
use strict; use Sisimai; use JSON;
my $read = Sisimai->can('rise') || Sisimai->can('make');
my %no_bounce = map { $_ => 1 } qw(delivered feedback vacation);
sub soft { $no_bounce{$_->reason} ? -1 : $_->can('hardbounce') ? 1 - $_->hardbounce : $_->softbounce + 0 }
for my $file (@ARGV) {
  my $found = Sisimai->$read($file, 'delivered' => 1) || [];
  print encode_json([map { [$_->recipient->address, $_->reason, soft($_)] } @$found]), "\\n";
}
"""
"""With the interface of Sisimai 4 (Debian 12) or 5 (Debian 13), whichever there is."""


@dataclass(frozen=True)
class Reading:
    """What one program says of a report: verdicts (hard, soft, delivered, none), and addresses in small letters."""

    verdicts: frozenset[str]
    who: frozenset[str]


@dataclass(frozen=True)
class Compared:
    """One report and what three programs say of it."""

    name: str
    ours: Reading
    sisimai: Reading
    flufl: Reading

    @property
    def same_verdict(self) -> bool:
        """Whether one of the others says of it what we say."""
        return bool(self.ours.verdicts & (self.sisimai.verdicts | self.flufl.verdicts))

    @property
    def same_who(self) -> bool:
        """Whether one of the others names exactly whom we name."""
        return self.ours.who in (self.sisimai.who, self.flufl.who)


def run() -> None:
    """Print the share of agreement, and each report of which nobody says what we say."""
    if not REPORTS.is_dir():
        print(f"bounces: no reports in {REPORTS}")
        return
    found = compare()
    print(f"{f'{len(found)} delivery reports, agreement with':<44}{'verdict':>10}{'who':>8}")
    for other, name in (("sisimai", f"sisimai {sisimai_version()}"), ("flufl", "flufl")):
        verdict = sum(bool(each.ours.verdicts & getattr(each, other).verdicts) for each in found)
        who = sum(each.ours.who == getattr(each, other).who for each in found)
        print(f"  {name:<42}{verdict / len(found):>10.3f}{who / len(found):>8.3f}")
    verdict, who = sum(each.same_verdict for each in found), sum(each.same_who for each in found)
    print(f"  {'one of them':<42}{verdict / len(found):>10.3f}{who / len(found):>8.3f}")
    for each in found:
        if not (each.same_verdict and each.same_who):
            print(f"  {each.name}: {each.ours}, sisimai {each.sisimai}, flufl {each.flufl}")


def compare() -> list[Compared]:
    """All reports, in the order of their names."""
    files = sorted(REPORTS.glob("*.eml"))
    return [
        Compared(file.name, _ours(file.read_bytes()), theirs, _flufl(file.read_bytes()))
        for file, theirs in zip(files, _sisimai(files), strict=True)
    ]


def sisimai_version() -> str:
    """Which Sisimai there is; 4 does not know the reports of mail systems that are younger, DragonFly's among them."""
    asked = ["perl", "-MSisimai", "-e", "print Sisimai->version"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def _ours(raw: bytes) -> Reading:
    if not nature.is_bounce(parse(raw)):
        return Reading(frozenset(["none"]), frozenset())
    told = bounce.verdict(raw).value.replace("delayed", "soft")  # the others know no third word
    return Reading(frozenset([told]), frozenset(bounce.who(raw)))


def _flufl(raw: bytes) -> Reading:
    temporary, permanent = all_failures(email.message_from_bytes(raw))
    verdict = "hard" if permanent else "soft" if temporary else "none"
    named = (each.decode("utf-8", "replace") if isinstance(each, bytes) else each for each in temporary | permanent)
    return Reading(frozenset([verdict]), frozenset(each.lower() for each in named))


def _sisimai(files: list[Path]) -> Iterator[Reading]:
    done = subprocess.run(["perl", "-e", _SISIMAI, *map(str, files)], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        found = [(address, reason, soft) for address, reason, soft in json.loads(line) if soft != -1]
        delivered = [address for address, reason, _ in json.loads(line) if reason == "delivered"]
        verdicts = {"soft" if soft else "hard" for _, _, soft in found} | ({"delivered"} if delivered else set())
        named = {address.lower() for address, *_ in found} | {address.lower() for address in delivered}
        yield Reading(frozenset(verdicts or {"none"}), frozenset(named))
