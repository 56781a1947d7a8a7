"""A case as a file: a PDF with everything, signed by the desk, or JSON."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Response, abort, g, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _

from cert_portal.cases import export, values
from cert_portal.cases.bounds import labels
from cert_portal.cases.ignored import ValueRefused
from cert_portal.cases.models import Case
from cert_portal.config import current
from cert_portal.coordination.case_file import referrals_of_case
from cert_portal.coordination.lists import of_case
from cert_portal.coordination.timeline import entries
from cert_portal.core import crypto
from cert_portal.core.crypto import CryptoError
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.pdf import to_pdf
from cert_portal.core.tlp import TLP
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff import case_file_words, referral_words, value_words
from cert_portal.web.staff.case import find
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.exports import as_file

ZIP = "application/zip"


@desk.get("/cases/<number>/export", Permission.READ_CASES)
def case_file(number: str) -> Answer:
    """In which form, language and with which label it leaves, and how the signature is checked."""
    return _page(find(number))


@desk.post("/cases/<number>/export.json", Permission.READ_CASES)
def export_case(number: str) -> Answer:
    """All that the person may see of a case, as data."""
    found = find(number)
    tlp, notes = _label(found), "notes" in request.form
    told = {**_whole(found, tlp, notes), "referrals": referrals_of_case(found, me())}
    answer = as_file(json.dumps(told, ensure_ascii=False, indent=2), "application/json", f"{_name(number, tlp)}.json")
    export.left(found.number, me().actor, "json", tlp, notes=notes)
    session.commit()
    return answer


@desk.post("/cases/<number>/export.zip", Permission.READ_CASES)
def export_signed_case(number: str) -> Answer:
    """The same on paper: a PDF, the signature of the desk over its very bytes, and how to check it."""
    found = find(number)
    tlp, spoken, notes = _label(found), _language(), "notes" in request.form
    told, actor, name = _whole(found, tlp, notes), me().actor, _name(number, tlp)
    with _speaking(spoken):
        page, how = _paper(found, told), case_file_words.how_to_check(f"{name}.pdf", current().desk_key)
    session.rollback()  # neither making the PDF nor gpg holds a transaction open
    pdf = to_pdf(page)
    try:
        signature = crypto.desk().sign(pdf)
    except CryptoError:
        return _page(find(number), INVALID, [(_("The file could not be signed, so nothing was made."), "#tlp")])
    export.left(told["number"], actor, f"pdf {spoken.value}", tlp, notes=notes)
    session.commit()
    parts = {f"{name}.pdf": pdf, f"{name}.pdf.asc": signature.encode(), "README.txt": how.encode()}
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"', "Cache-Control": "no-store"}
    return Response(_zip(parts), content_type=ZIP, headers=headers)


def _whole(case: Case, tlp: TLP, notes: bool) -> dict[str, Any]:
    try:
        return export.whole(case, me(), tlp, notes=notes)
    except ValueRefused:
        abort(400)


def _label(case: Case) -> TLP:
    told = request.form.get("tlp") or labels(case, me())[0].value
    return TLP(told) if told in set(TLP) else abort(400)


def _language() -> Language:
    told = request.form.get("language") or me().language
    return Language(told) if told in set(Language) else abort(400)


def _name(number: str, tlp: TLP) -> str:
    found = find(number)
    return f"{'EXERCISE-' if found.drill else ''}{found.number}-{tlp.value.removeprefix('TLP:')}"


@contextmanager
def _speaking(spoken: Language) -> Iterator[None]:
    """Words in this language, whatever the reader's own is."""
    before, g.language = g.get("language"), spoken
    try:
        with force_locale(spoken.locale):
            yield
    finally:
        g.language = before
        if before is None:
            del g.language


def _paper(case: Case, told: dict[str, Any]) -> str:
    referrals = [(row, entries([row.referral])) for row in of_case(case, me())]
    facts: dict[str, Any] = {
        "book": referral_words,
        "file_words": case_file_words,
        "value_words": value_words,
    }
    facts |= {"told": told, "referrals": referrals, "names": accounts.names(), "at": datetime.fromisoformat}
    lines, held = export.lines(case, me(), notes=told["with_notes"]), values.of_case(case, me())
    return render_template("staff/case_paper.html", case=case, lines=lines, held=held, **facts)


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def _page(found: Case, status: int = 200, wrong: list[tuple[str, str]] | None = None) -> Answer:
    facts: dict[str, Any] = {
        "tlps": labels(found, me()),
        "languages": list(Language),
        "fingerprint": current().desk_key,
    }
    return show("case_file", status, wrong=wrong or [], case=found, **facts)
