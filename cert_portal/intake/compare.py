"""What a report names and says, kept so that other reports can be compared with it and people can find it."""

from __future__ import annotations

from collections.abc import Sequence, Set

from sqlalchemy import select

from cert_portal.core import likeness, search
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind
from cert_portal.intake import observables
from cert_portal.intake.models import Observable, Report, ReportAddition, ReportFile

CONTACT = frozenset({"name", "organisation", "email", "telephone", "contact_time", "address"})


def compare(report: Report) -> int:
    """Find what the report names and make its words searchable; answers how many observables are new."""
    added = session.scalars(select(ReportAddition.text).where(ReportAddition.report_id == report.id)).all()
    files = session.scalars(select(ReportFile).where(ReportFile.report_id == report.id)).all()
    known = session.execute(select(Observable.kind, Observable.digest).where(Observable.report_id == report.id))
    return keep(report, files, added, {(kind, digest) for kind, digest in known})


def keep(
    report: Report, files: Sequence[ReportFile], added: Sequence[str] = (), known: Set[tuple[str, str]] = frozenset()
) -> int:
    """The same when it is known what came with the report, what was added, and what was found before."""
    words = "\n".join([report.title, report.text, *_told(report), *added, *(file.words for file in files)])
    fresh = [(kind, value) for kind, value in _named(files, words) if (kind, observables.digest(value)) not in known]
    for kind, value in fresh:
        known_value = observables.is_known(kind, value)
        digest = observables.digest(value)
        session.add(Observable(report_id=report.id, kind=kind, digest=digest, value=value, known=known_value))
    organisation = str(report.details.get("organisation", ""))
    people = (report.number, organisation, report.reporter_name, report.reporter_email, report.reporter_telephone)
    report.likeness = likeness.signature("\n".join(_said(report, files, added)))
    told = "\n".join([words, *people, *(file.filename for file in files)])
    search.index(NumberKind.REPORT, report.id, told, likeness.marks(report.likeness))
    return len(fresh)


def _said(report: Report, files: Sequence[ReportFile], added: Sequence[str]) -> list[str]:
    """The words of people, without the codes of a form that all reports of a kind have in common."""
    answers = [value for value in report.details.get("answers", {}).values() if isinstance(value, str)]
    return [report.title, report.text, *answers, *added, *(file.words for file in files)]


def _named(files: Sequence[ReportFile], words: str) -> list[tuple[str, str]]:
    hashes = [("hash", file.sha256) for file in files]
    return list(dict.fromkeys([*observables.find(words), *hashes]))


def _told(report: Report) -> list[str]:
    """All answers but the contact, which would make every report of one person look like one incident."""
    told = {name: value for name, value in report.details.items() if name not in CONTACT}
    answers = list(told.pop("answers", {}).values())
    return [str(value) for value in [*told.values(), *answers] if isinstance(value, str | list) and value]
