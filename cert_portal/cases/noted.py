"""Values that stand in the notes of a case: offered for review, never added by themselves.

A note may name what belongs to somebody else, or to nobody; a person says which of it is of the incident.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cert_portal.cases import ignored, reviewing, timeline, values
from cert_portal.cases.ignored import ValueRefused
from cert_portal.cases.models import Case, Verdict
from cert_portal.cases.values import Value
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.intake import observables

SOURCE = "note"
MOST = 500


@dataclass(frozen=True)
class Noted:
    """A value of a note that nobody has reviewed: who wrote the note and when, and the key of its line."""

    kind: str
    value: str
    who: str
    at: datetime
    line: str

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.kind}.{observables.digest(self.value)}"


def of_case(case: Case, user: User, every: Sequence[Value]) -> list[Noted]:
    """What notes name and the case does not hold yet, in the order of the notes; `every` is what it holds.

    Addresses of colleagues are left out, and what says nothing or is ignored everywhere.
    """
    have = {(each.kind, each.digest) for each in every} | ignored.everywhere()
    have |= {("email", observables.digest(each.email.lower())) for each in accounts.everybody()}
    return list(_fresh(timeline.of_case(case, user), have))[:MOST]


def _fresh(lines: Iterable[timeline.Entry], have: set[tuple[str, str]]) -> Iterator[Noted]:
    for line in (each for each in lines if each.is_note):
        for kind, value in observables.find(line.text):
            key = (kind, observables.digest(value))
            if key not in have and not observables.is_known(kind, value):
                have.add(key)
                yield Noted(kind, value, line.who, line.at, line.key)


def review(case: Case, keys: Iterable[str], verdict: Verdict, actor: User) -> int:
    """Take values of notes into the case, confirmed or rejected; answers how many. Raises ValueRefused("no_value")."""
    wanted = set(keys)
    picked = [each for each in of_case(case, actor, values.of_case(case, actor)) if each.key in wanted]
    if not picked:
        raise ValueRefused("no_value")
    reviewing.add(case, [(each.kind, each.value) for each in picked], actor, SOURCE)
    held = values.chosen(values.of_case(case, actor), (each.key for each in picked))
    return reviewing.judge(case, held, verdict, actor)
