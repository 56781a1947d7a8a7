"""Files that a browser sends: taken one by one, and why one cannot be, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from cert_portal import config
from cert_portal.intake import drafts
from cert_portal.intake.files import FileRefused
from cert_portal.intake.models import ReportDraft


def why_refused(error: FileRefused, filename: str) -> str:
    """The refusal in the reader's words."""
    megabytes = config.current().upload_megabytes
    said = {
        "empty": _("“%(name)s” is empty: choose another file", name=filename),
        "too_big": _("“%(name)s” must be smaller than %(mb)s MB", name=filename, mb=megabytes),
        "too_many": _("“%(name)s” was not added: a report takes no more files", name=filename),
        "type_lies": _(
            "“%(name)s” is not the kind of file that its name says: check it and choose again", name=filename
        ),
        "archive_bomb": _(
            "“%(name)s” unpacks to far more than it should: send the files inside it one by one", name=filename
        ),
    }
    return str(
        said.get(error.code, _("“%(name)s” could not be added: try again or choose another file", name=filename))
    )


def read_files(files: Iterable[FileStorage]) -> list[tuple[str, bytes]]:
    """Name and content of the files that were really chosen (an empty box also sends one)."""
    return [(each.filename, each.read()) for each in files if each.filename]


def take_files(draft: ReportDraft, files: Iterable[FileStorage]) -> list[str]:
    """Keep the files that can be taken with the draft; answers why the others cannot."""
    wrong = []
    for filename, data in read_files(files):
        try:
            drafts.add_file(draft, filename, data)
        except FileRefused as error:
            wrong.append(why_refused(error, filename))
    return wrong
