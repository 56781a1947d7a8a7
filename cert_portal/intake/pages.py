"""Pages of a fax as pictures, and what a machine reads in them. Programs of strangers' files run apart, with limits.

Pillow reads TIFF (G3 and G4, many pages; fax pixels are not square), poppler's pdftoppm reads PDF, Tesseract reads the
words. No transaction may be open when these are called.
"""

from __future__ import annotations

import io
import os
import re
import struct
import subprocess
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from cert_portal.core.text import clean

MOST_PAGES, MOST_COUNTED = 50, 200
MOST_PIXELS = 40_000_000
WIDEST = 2000
PATIENCE = 60
LIMITS = ("prlimit", "--as=2000000000", "--cpu=60", "--fsize=200000000", "--")
LANGUAGES = "eng+chi_tra"
TIFF = (b"II*\x00", b"MM\x00*")
_DAMAGED = (
    *(UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError),
    *(RuntimeError, TypeError, KeyError, ZeroDivisionError, OverflowError, struct.error),  # of fields that are none
)


@dataclass(frozen=True)
class Picture:
    """A page as PNG, re-encoded by us."""

    png: bytes
    width: int
    height: int


def pictures(data: bytes) -> list[Picture | None]:
    """The pages of a TIFF or PDF, upright and with square pixels: at most 50, None for each that cannot be read, those
    beyond 50 included; an empty list for what has no pages that anybody could count.
    """
    found = _of_tiff(data) if data.startswith(TIFF) else _of_pdf(data)
    return found if any(found) else []


def words(picture: Picture) -> str:
    """What Tesseract reads in a page, English and Traditional Chinese; empty when it is not there or takes too long."""
    command = ["tesseract", "stdin", "stdout", "-l", LANGUAGES]
    try:
        done = _run(command, picture.png)
    except (subprocess.SubprocessError, OSError):
        return ""
    return clean(done.decode("utf-8", "replace")).strip()


def _of_tiff(data: bytes) -> list[Picture | None]:
    return [_frame(data, place) if place < MOST_PAGES else None for place in range(_count_of_tiff(data))]


def _count_of_tiff(data: bytes) -> int:
    """How many pages the file leads to, those included that are damaged; none when it cannot be opened at all."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=["TIFF"]) as whole:
                return _count(whole)
    except _DAMAGED:
        return 0


def _count(whole: Image.Image) -> int:
    """Of a page that is damaged the way to the next may still be whole; of two in a row it is not."""
    broken = False
    for place in range(MOST_COUNTED):
        try:
            whole.seek(place)
        except EOFError:  # there is no such page
            return place
        except _DAMAGED:
            if broken:
                return place
            broken = True
        else:
            broken = False
    return MOST_COUNTED


def _frame(data: bytes, place: int) -> Picture | None:
    """One page, opened anew: one that is damaged takes none of the others along."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=["TIFF"]) as whole:
                whole.seek(place)
                return _picture(whole)
    except (*_DAMAGED, Image.DecompressionBombWarning):
        return None


def _of_pdf(data: bytes) -> list[Picture | None]:
    with tempfile.TemporaryDirectory(prefix="fax-") as folder:
        command = ["pdftoppm", "-png", "-gray", "-r", "150", "-scale-to", str(WIDEST), "-l", str(MOST_PAGES)]
        try:
            _run([*command, "-", f"{folder}/page"], data)
        except (subprocess.SubprocessError, OSError):
            return []
        drawn = {int(path.stem.rpartition("-")[2]): path for path in Path(folder).glob("page*.png")}
        count = min(max([_count_of_pdf(data), *drawn]), MOST_COUNTED)
        return [_drawn(drawn[page]) if page in drawn else None for page in range(1, count + 1)]


def _count_of_pdf(data: bytes) -> int:
    try:
        told = _run(["pdfinfo", "-"], data)
    except (subprocess.SubprocessError, OSError):
        return 0
    count = re.search(rb"^Pages:\s+(\d{1,6})", told, re.MULTILINE)
    return int(count[1]) if count else 0


def _drawn(path: Path) -> Picture | None:
    try:
        with Image.open(path, formats=["PNG"]) as page:
            return _picture(page)
    except _DAMAGED:
        return None


def _picture(page: Image.Image) -> Picture:
    """A grey PNG whose pixels are square: a coarse fax has twice as many dots to the inch across as down."""
    if page.width * page.height > MOST_PIXELS:
        raise ValueError("too many pixels")
    across, down = (float(each) for each in page.info.get("dpi", (1, 1)))
    height = page.height
    if across > 0 and down > 0 and 0.2 < across / down < 5:
        height = round(page.height * across / down)
    size = (page.width, height)
    if page.width > WIDEST:
        size = (WIDEST, round(height * WIDEST / page.width))
    out = io.BytesIO()
    grey = page.convert("L")
    (grey.resize(size, Image.Resampling.LANCZOS) if size != page.size else grey).save(out, "PNG", optimize=True)
    return Picture(out.getvalue(), *size)


def _run(command: list[str], data: bytes) -> bytes:
    """Run a program with limits of memory, time and file size; raises SubprocessError or OSError."""
    quiet = {"PATH": os.defpath, "OMP_THREAD_LIMIT": "1", "LANG": "C.UTF-8"}
    done = subprocess.run(  # noqa: S603  # our own arguments, no shell; the file is its input
        [*LIMITS, *command], input=data, capture_output=True, timeout=PATIENCE, check=True, env=quiet
    )
    return done.stdout
