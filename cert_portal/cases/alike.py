"""Which reports may tell of what somebody is telling just now: looked for while the operator types (000-34)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select, tuple_

from cert_portal.cases.models import Case
from cert_portal.cases.related import cases_of_reports
from cert_portal.cases.visible import reports_visible_to
from cert_portal.config import current
from cert_portal.core import search, telephone
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind
from cert_portal.core.text import defang, tokens
from cert_portal.directory.models import User
from cert_portal.intake import observables
from cert_portal.intake.models import Observable, Report

MOST, MOST_OF_A_VALUE = 8, 50
MOST_WORDS, LEAST_WORDS = 10, 3
TELEPHONE, ORGANISATION, WORDS = "telephone", "organisation", "words"
_WEIGHTS = {TELEPHONE: 4, ORGANISATION: 2, WORDS: 1}
_OF_AN_OBSERVABLE = 3


@dataclass(frozen=True)
class Told:
    """What was typed so far."""

    telephone: str = ""
    organisation: str = ""
    words: str = ""


@dataclass(frozen=True)
class Alike:
    """A report, its cases, and what it has in common with what was typed: pairs (kind, value), values defanged."""

    report: Report
    cases: list[Case]
    values: list[tuple[str, str]]


def alike(told: Told, user: User) -> list[Alike]:
    """The likeliest first, as far as the person may see them; nothing typed, nothing found."""
    values: dict[int, dict[tuple[str, str], None]] = defaultdict(dict)
    for report_id, kind, value in (*_by_telephone(told), *_by_organisation(told), *_by_value(told), *_by_words(told)):
        values[report_id][(kind, value)] = None
    rows = session.scalars(select(Report).where(Report.id.in_(values), reports_visible_to(user)))
    ranked = sorted(rows, key=lambda each: (_weight(values[each.id]), each.id), reverse=True)[:MOST]
    cases = cases_of_reports([each.id for each in ranked], user)
    return [Alike(each, cases[each.id], list(values[each.id])) for each in ranked]


def _weight(values: dict[tuple[str, str], None]) -> int:
    return sum(_WEIGHTS.get(kind, _OF_AN_OBSERVABLE) for kind, _value in values)


def _by_telephone(told: Told) -> Iterator[tuple[int, str, str]]:
    key = telephone.key(told.telephone)
    if not key:
        return
    rows = select(Report.id, Report.reporter_telephone).where(Report.telephone_key == key)
    for report_id, number in session.execute(rows.order_by(Report.id.desc()).limit(MOST_OF_A_VALUE)):
        yield report_id, TELEPHONE, number


def _by_organisation(told: Told) -> Iterator[tuple[int, str, str]]:
    wanted = " ".join(told.organisation.casefold().split())
    ids = search.find(NumberKind.REPORT, wanted, MOST_OF_A_VALUE)
    for report_id, details in session.execute(select(Report.id, Report.details).where(Report.id.in_(ids))):
        name = str(details.get("organisation", ""))
        if wanted in " ".join(name.casefold().split()):
            yield report_id, ORGANISATION, name


def _by_value(told: Told) -> Iterator[tuple[int, str, str]]:
    named = [(kind, value) for kind, value in observables.find(told.words) if value != current().report_address]
    keys = [(kind, observables.digest(value)) for kind, value in named]
    same = tuple_(Observable.kind, Observable.digest).in_(keys)
    rows = select(Observable.report_id, Observable.kind, Observable.value).where(same)
    for report_id, kind, value in session.execute(rows.order_by(Observable.report_id.desc()).limit(MOST_OF_A_VALUE)):
        yield report_id, kind, defang(value)


def _by_words(told: Told) -> Iterator[tuple[int, str, str]]:
    """Reports that hold at least three, and at least half, of the longest words typed."""
    asked = sorted({each for each in tokens(told.words) if _tells(each)}, key=lambda each: (-len(each), each))
    asked = asked[:MOST_WORDS]
    shared: dict[int, list[str]] = defaultdict(list)
    for word in asked:
        for report_id in search.find(NumberKind.REPORT, word, MOST_OF_A_VALUE):
            shared[report_id].append(word)
    enough = max(LEAST_WORDS, (len(asked) + 1) // 2)
    counted = Counter({report_id: len(words) for report_id, words in shared.items() if len(words) >= enough})
    for report_id, _count in counted.most_common(MOST):
        yield report_id, WORDS, " ".join(shared[report_id])


def _tells(word: str) -> bool:
    """Whether a word says anything: a pair of Chinese characters, or letters enough."""
    return word != "https" and "_" not in word and (len(word) > 4 or not word.isascii()) and not word.isdigit()
