"""Documents of other teams, posted as they are: IODEF version 2 and STIX 2.1."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext as _

from cert_portal.core.i18n import Language, language_of
from cert_portal.intake import iodef, stix
from cert_portal.intake.incident import Incident
from cert_portal.intake.submission import Origin, ReporterKind, Submission

READERS: Mapping[str, Callable[[bytes], list[Incident]]] = {
    "application/xml": iodef.read,
    "text/xml": iodef.read,
    "application/stix+json": stix.read,
}


def read(mimetype: str, raw: bytes, origin: Origin = Origin.OVERSEAS) -> list[Submission]:
    """What the document reports, one submission for each incident. Raises DocumentRefused."""
    return [_submission(each, origin) for each in READERS[mimetype](raw)]


def reasons() -> dict[str, str]:
    """Why a document was refused, in words."""
    return {
        "not_xml": _("is not XML that is read here"),
        "not_json": _("The content is not JSON"),
        "wrong_root": _("is not the document that is expected here"),
        "no_incident": _("holds no incident"),
        "missing": _("is missing"),
        "wrong_time": _("must be in the past"),
        "too_many": _("holds too many incidents"),
    }


def _submission(told: Incident, origin: Origin) -> Submission:
    tag = told.language.lower()
    language = Language.ZH_HANT if tag.startswith("zh") else Language.EN if tag else language_of(told.description)
    return Submission(
        language,
        description=told.description or told.reference,
        kind=told.kind,
        reporter_kind=ReporterKind.OVERSEAS_CERT if origin is Origin.OVERSEAS else ReporterKind.NOT_SURE,
        name=told.name,
        organisation=told.organisation,
        email=told.email,
        telephone=told.telephone,
        occurred_at=told.started,
        occurred_precision="exact" if told.started else "unknown",
        discovered_at=told.detected,
        discovered_precision="exact" if told.detected else "unknown",
        indicators="\n".join(f"AS{value}" if kind == "asn" else value for kind, value in told.observables),
        reference=told.reference,
        restriction=told.restriction,
    )
