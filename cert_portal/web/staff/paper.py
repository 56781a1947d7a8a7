"""What a page of the desk bears when it is printed: the label, so that paper travels no further than a file would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cert_portal.cases.bounds import widest_of
from cert_portal.cases.links import Linked
from cert_portal.cases.models import Case
from cert_portal.cases.search import Found
from cert_portal.core.pages import Page
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.intake.models import Report


def label_of(facts: Iterable[Any], user: User) -> TLP:
    """The narrowest label of the cases and reports among what a page shows, no wider than TLP:AMBER.

    The desk shows what reporters say about themselves (catalogue 000-49 to 000-60).
    """
    shown = [each for fact in facts for each in _shown(fact)]
    cases = [each for each in shown if isinstance(each, Case)]
    marks = {each.details.get("restriction") for each in shown if isinstance(each, Report)}
    told = {TLP.AMBER, *(label for label in TLP if label in marks)}
    if cases:
        told.update(widest_of(cases, user).values())
    return min(told, key=list(TLP).index)


def _shown(fact: Any) -> Iterator[Case | Report]:
    if isinstance(fact, Case | Report):
        yield fact
    elif isinstance(fact, Linked):
        yield fact.case
    elif isinstance(fact, Page | Found | list | tuple):
        parts = (fact.rows,) if isinstance(fact, Page) else (fact.cases,) if isinstance(fact, Found) else fact
        for part in parts:
            yield from _shown(part)
