"""The printed form (two pages, sent by fax or post): where its boxes are, and how a returned page is recognised.

Each page has a QR code with the number that was printed on it, the language and our mark, so that nobody can make a
form with another's number. The corners of the code tell how the page lies; every box is then cut out and read by
itself. What a machine read are proposals; nothing is written over that somebody has told.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import zxingcpp
from PIL import Image, ImageOps

from cert_portal.config import current
from cert_portal.core import numbers
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.numbers import NumberKind
from cert_portal.intake import events, pages
from cert_portal.intake.editing import EDITED, LANGUAGE
from cert_portal.intake.models import Report


@dataclass(frozen=True)
class Box:
    """A place on a page; millimetres from its upper left corner. `key` is the field, or the code of a kind to tick."""

    page: int
    key: str
    left: float
    top: float
    width: float
    height: float


CODE = Box(1, "code", 160, 14, 32, 32)
"""Where the QR code stands on both pages, without its quiet zone."""
KINDS = (
    *("phishing", "malware", "ransomware", "botnet", "ddos"),
    *("intrusion", "defacement", "data_leak", "ceo_fraud", "not_sure"),
)
FIELDS = (
    *(Box(1, name, 20, top, 172, 11) for name, top in (("name", 92), ("organisation", 112), ("telephone", 132))),
    *(Box(1, name, 20, top, 172, 11) for name, top in (("email", 152), ("contact_time", 172))),
    *(Box(2, name, 20, top, 172, height) for name, top, height in (("description", 62, 92), ("found_how", 168, 32))),
    Box(2, "action_detection", 20, 214, 172, 40),
)
TICKS = tuple(Box(1, code, 20 + 86 * (n % 2), 198 + 11 * (n // 2), 6, 6) for n, code in enumerate(KINDS))
_TOLD = re.compile(r"CPF1 (R\d\d-\d{6,9}-\d) ([12]) (en|zh-hant) ([0-9a-f]{12})")
_INSET, _INSET_OF_A_TICK, _DARK = 0.9, 1.3, 0.14


@dataclass(frozen=True)
class Read:
    """What a machine read on a returned form."""

    number: str
    language: Language
    fields: dict[str, str]
    kinds: tuple[str, ...]


def code(number: str, page: int, language: Language) -> str:
    """What the QR code of a page says."""
    return f"CPF1 {number} {page} {language.value} {_mark(number)}"


def read(pictures: Sequence[pages.Picture]) -> Read | None:
    """The form among the pages of a fax, when there is one. Runs Tesseract: no transaction may be open."""
    found: list[Read] = []
    for picture in pictures[:10]:
        with Image.open(io.BytesIO(picture.png), formats=["PNG"]) as opened:
            one = _page(opened.convert("L"))
        found += [one] if one else []
    if not found:
        return None
    first = found[0]
    same = [each for each in found if each.number == first.number]
    fields = {name: words for each in same for name, words in each.fields.items()}
    return Read(first.number, first.language, fields, tuple(kind for each in same for kind in each.kinds))


def fill(report: Report, form: Read) -> None:
    """Let the number of the form lead to the report, and propose what was read where nothing was told."""
    if numbers.resolve(form.number) is None:
        numbers.assign(form.number, report.id)
    fresh = {name: words for name, words in form.fields.items() if words and not _told(report, name)}
    report.details = report.details | fresh | {"form": form.number, "proposed": sorted(fresh)}
    report.reporter_name = report.reporter_name or fresh.get("name", "")[:200]
    if LANGUAGE not in report.details.get(EDITED, ()):
        report.language = form.language
    before = report.kind
    if len(form.kinds) == 1 and report.kind == "not_sure":
        report.kind = form.kinds[0]
    was, now = (before, report.kind) if report.kind != before else ("", "")
    said: dict[str, Any] = {"form": form.number, "fields": sorted(fresh), "kinds": list(form.kinds)}
    record(events.FORM_READ, report.number, "system", **said, before=was, after=now)


def another(report: Report) -> str:
    """The number of the report that the form of this one belongs to when it was sent before; "" when it was not."""
    form = str(report.details.get("form", ""))
    found = numbers.resolve(form) if form else None
    if not found or found[0] is not NumberKind.REPORT or found[1] == report.id:
        return ""
    return session.get_one(Report, found[1]).number


def _told(report: Report, name: str) -> bool:
    """A fax tells no words of its own but the gateway's, so the description is open."""
    return name != "description" and bool(report.details.get(name))


def _page(picture: Image.Image) -> Read | None:
    for each in zxingcpp.read_barcodes(picture, formats=_QR):
        told = _TOLD.fullmatch(each.text)
        if told and hmac.compare_digest(_mark(told[1]), told[4]):
            upright = _upright(picture, each.position)
            page = int(told[2])
            fields = {box.key: _words(upright, box) for box in FIELDS if box.page == page}
            ticked = tuple(box.key for box in TICKS if box.page == page and _is_dark(upright, box))
            return Read(told[1], Language(told[3]), fields, ticked)
    return None


_QR = zxingcpp.barcode_formats_from_str("QRCode")
_DOTS = 8
"""Dots to a millimetre of the page as it is read: 203 to the inch, those of a fine fax."""


def _upright(picture: Image.Image, position: zxingcpp.Position) -> Image.Image:
    """The page as it was printed, whatever its size and turn, by the corners of the code."""
    origin, across, down = position.top_left, position.top_right, position.bottom_left
    per_x = ((across.x - origin.x) / CODE.width, (across.y - origin.y) / CODE.width)
    per_y = ((down.x - origin.x) / CODE.height, (down.y - origin.y) / CODE.height)
    start = [
        from_ - CODE.left * x - CODE.top * y
        for from_, x, y in ((origin.x, per_x[0], per_y[0]), (origin.y, per_x[1], per_y[1]))
    ]
    matrix = (per_x[0] / _DOTS, per_y[0] / _DOTS, start[0], per_x[1] / _DOTS, per_y[1] / _DOTS, start[1])
    size = (210 * _DOTS, 297 * _DOTS)
    return picture.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC, fillcolor=255)


def _cut(picture: Image.Image, box: Box, inset: float = _INSET) -> Image.Image:
    """The inside of a box: its frame may lie a little beside where the corners of the code let it be expected."""
    inside = (box.left + inset, box.top + inset, box.left + box.width - inset, box.top + box.height - inset)
    return picture.crop(tuple(round(each * _DOTS) for each in inside))  # type: ignore[arg-type]  # four of them


def _words(picture: Image.Image, box: Box) -> str:
    cut = ImageOps.expand(_cut(picture, box), border=24, fill=255)
    if _share_of_ink(cut) < 0.001:
        return ""
    out = io.BytesIO()
    cut.save(out, "PNG")
    return pages.words(pages.Picture(out.getvalue(), *cut.size))


def _is_dark(picture: Image.Image, box: Box) -> bool:
    return _share_of_ink(_cut(picture, box, _INSET_OF_A_TICK)) > _DARK


def _share_of_ink(picture: Image.Image) -> float:
    return sum(picture.histogram()[:128]) / (picture.width * picture.height)


def _mark(number: str) -> str:
    return hmac.new(current().secret_key.encode(), f"form {number}".encode(), hashlib.sha256).hexdigest()[:12]
