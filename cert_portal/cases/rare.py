"""Words that hardly any other report holds: names, sums, accounts, file names. Some of them in common say much.

A word counts as rare while at most `IN_REPORTS` reports hold it. Only so many words are asked for: a page waits. On a
desk with few reports every word is rare, and none says anything.
"""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select

from cert_portal.core import search
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind
from cert_portal.core.text import spellings, tokens
from cert_portal.intake import observables
from cert_portal.intake.models import Observable, Report

IN_REPORTS = 4
LEAST = 3
"""So many rare words in common are told. Tuned on one half of `bench/alike.toml`, checked on the other."""
ASKED = 40
ENOUGH = 50
"""With fewer things in the index than this it is a young desk."""


def sharing(report: Report) -> dict[int, list[str]]:
    """Ids of other reports that hold at least `LEAST` of the rare words of this one, with those words as they are
    written; addresses among them are defanged.
    """
    found: dict[int, list[str]] = defaultdict(list)
    for word in telling(report) if search.size() >= ENOUGH else []:
        for report_id in search.holders(NumberKind.REPORT, word, IN_REPORTS):
            found[report_id].append(word)
    written = spellings(f"{report.title}\n{report.text}") if found else {}
    return {
        each: [observables.defanged(written.get(word, word)) for word in words]
        for each, words in found.items()
        if len(words) >= LEAST and each != report.id
    }


def telling(report: Report) -> list[str]:
    """The words that tell most, as search tokens: those with digits first, then long ones.

    None of who reports, and none of addresses that are known to say nothing.
    """
    known = session.scalars(select(Observable.value).where(Observable.report_id == report.id, Observable.known))
    people = (report.reporter_name, report.reporter_email, str(report.details.get("organisation", "")))
    own = set(tokens(" ".join([*people, *known])))
    words = set(tokens(f"{report.title}\n{report.text}")) - own
    return sorted(words, key=lambda each: (not any(c.isdigit() for c in each), not each.isascii(), -len(each), each))[
        :ASKED
    ]
