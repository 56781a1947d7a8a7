"""What a report names and says, kept so that other reports can be compared with it and people can find it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select, update

from cert_portal.core import likeness, search, telephone
from cert_portal.core.db import insert_many, session
from cert_portal.core.events import of_subjects
from cert_portal.core.i18n import Language
from cert_portal.core.numbers import NumberKind
from cert_portal.core.text import tokens
from cert_portal.guidance.kinds import by_code
from cert_portal.intake import observables
from cert_portal.intake.events import CALLED
from cert_portal.intake.models import Call, Observable, Report, ReportAddition, ReportFile

CONTACT = frozenset({"name", "organisation", "email", "telephone", "contact_time", "address"})
MOST_INSIDE = 1_000_000
"""Characters of all files together by which a report is found and compared."""
CODES = frozenset(
    {
        *("consents", "reporter_kind", "kind", "affects", "still_going", "personal_data", "pcpd_told"),
        *("occurred_precision", "discovered_precision", "for_whom_contact"),
    }
)
"""Answers that are ticked: their codes are words of no person."""
UNCOMPARED = CONTACT | CODES | {"forwarded"}
"""The stations of a message are those of every message to the same house."""
_OBSERVABLES = Observable.metadata.tables[Observable.__tablename__]
_NAMED_LATER = (
    update(_OBSERVABLES)
    .where(_OBSERVABLES.c.report_id == bindparam("of"), _OBSERVABLES.c.kind == bindparam("what"))
    .where(_OBSERVABLES.c.digest == bindparam("which"))
    .values(named_at=bindparam("at"))
)


@dataclass(frozen=True)
class Seen:
    """What was found in a report: the observables that are new, the words by which it is found and compared, and when
    an observable (kind, digest) was named last, if that was later than the report came.
    """

    fresh: list[tuple[str, str]]
    words: str
    later: Mapping[tuple[str, str], datetime] = field(default_factory=dict)


def compare(report: Report) -> int:
    """Find what the report names and make its words searchable; answers how many observables are new."""
    seen = look(report)
    keep([(report, seen)])
    return len(seen.fresh)


def look(report: Report) -> Seen:
    """What a stored report and everything that was added to it names and says."""
    rows = select(ReportAddition).where(ReportAddition.report_id == report.id)
    added = session.scalars(rows.order_by(ReportAddition.at, ReportAddition.id)).all()
    files = session.scalars(select(ReportFile).where(ReportFile.report_id == report.id)).all()
    known = session.execute(select(Observable.kind, Observable.digest).where(Observable.report_id == report.id))
    seen = read(report, files, [each.text for each in added], {(kind, digest) for kind, digest in known})
    later = {key: each.at for each in added for key in _keys_of(each, files)}
    return Seen(seen.fresh, "\n".join([seen.words, *_called(report)]), later)


def read(
    report: Report, files: Sequence[ReportFile], added: Sequence[str] = (), known: Set[tuple[str, str]] = frozenset()
) -> Seen:
    """The same when it is known what came with the report, what was added, and what was found before."""
    inside = _inside(files)
    words = "\n".join([report.title, report.text, *_told(report), *added, *inside])
    named = _named(files, words)
    fresh = [(kind, value) for kind, value in named if (kind, observables.digest(value)) not in known]
    report.likeness = likeness.signature("\n".join(_said(report, inside, added)))
    systems = [f"{value} ASN{value[2:]} AS ASN {value[2:]}" for kind, value in named if kind == "asn"]
    return Seen(fresh, "\n".join([words, *systems, *(file.filename for file in files)]))


def keep(found: Sequence[tuple[Report, Seen]]) -> None:
    """Store what was found in reports that have their rows."""
    rows = [
        {"report_id": report.id, "kind": kind, "digest": observables.digest(value), "value": value}
        | {"known": observables.is_known(kind, value)}
        for report, seen in found
        for kind, value in seen.fresh
    ]
    insert_many(_OBSERVABLES, rows)
    later = [
        {"of": report.id, "what": kind, "which": digest, "at": at}
        for report, seen in found
        for (kind, digest), at in seen.later.items()
    ]
    if later:
        session.execute(_NAMED_LATER, later)
    search.index_many(NumberKind.REPORT, [_entry(report, seen) for report, seen in found])


def _entry(report: Report, seen: Seen) -> tuple[int, str, list[str]]:
    organisation = str(report.details.get("organisation", ""))
    person = "\n".join((report.reporter_name, report.reporter_email, report.reporter_telephone))
    marks = [*people_marks("org", organisation), *people_marks("reporter", person), *likeness.marks(report.likeness)]
    marks += [*_single("org", organisation), *_single("reporter", report.reporter_name)]
    if called := telephone.mark(report.reporter_telephone):
        marks += [called, f"reporter_{called}"]
    names = map(by_code(report.kind).name, Language)
    return report.id, "\n".join([seen.words, report.number, organisation, person, *names]), list(dict.fromkeys(marks))


def people_marks(name: str, told: str) -> list[str]:
    """Words of the index by which only who asks for a reporter or an organisation finds a report."""
    numbers, rest = telephone.pick(told) if name == "reporter" else ([], told)
    return [f"{name}_{token}"[:50] for token in [*map(telephone.mark, numbers), *tokens(rest)]]


def _single(name: str, told: str) -> list[str]:
    """The same of single Chinese characters: a family name alone is enough."""
    return [f"{name}_{each}" for each in told if tokens(each) == [each] and not each.isascii()]


def _inside(files: Sequence[ReportFile]) -> list[str]:
    """What stands in the files, up to a limit for all of them: no message keeps the desk busy."""
    found: list[str] = []
    left = MOST_INSIDE
    for file in files:
        found.append(file.words[:left])
        left -= len(found[-1])
    return found


def _said(report: Report, inside: Sequence[str], added: Sequence[str]) -> list[str]:
    """The words of people, without the codes of a form that all reports of a kind have in common."""
    answers = [value for value in report.details.get("answers", {}).values() if isinstance(value, str)]
    return [report.title, report.text, *answers, *added, *inside]


def _named(files: Sequence[ReportFile], words: str) -> list[tuple[str, str]]:
    hashes = [("hash", file.sha256) for file in files]
    return list(dict.fromkeys([*observables.find(words), *hashes]))


def _keys_of(added: ReportAddition, files: Sequence[ReportFile]) -> list[tuple[str, str]]:
    """Kind and digest of what an addition and its files name."""
    theirs = [each for each in files if each.addition_id == added.id]
    named = _named(theirs, "\n".join([added.text, *_inside(theirs)]))
    return [(kind, observables.digest(value)) for kind, value in named]


def _called(report: Report) -> list[str]:
    """What colleagues noted of calls about it: people find it by that, no other report is compared with it."""
    noted = [each.text or "" for each in of_subjects([report.number]) if each.kind == CALLED.name]
    return [*noted, *session.scalars(select(Call.note).where(Call.report_id == report.id))]


def _told(report: Report) -> list[str]:
    """All answers but the contact, which would make every report of one person look like one incident."""
    told = {name: value for name, value in report.details.items() if name not in UNCOMPARED}
    answers = list(told.pop("answers", {}).values())
    return [str(value) for value in [*told.values(), *answers] if isinstance(value, str | list) and value]
