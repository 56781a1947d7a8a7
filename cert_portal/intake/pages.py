"""Pages of a fax as pictures, and what a machine reads in them. Programs of strangers' files run apart, with limits.

Pillow reads TIFF (G3 and G4, many pages; fax pixels are not square), poppler's pdftoppm reads PDF, Tesseract reads the
words. No transaction may be open when these are called.
"""

from __future__ import annotations

import io
import os
import struct
import subprocess
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageSequence, UnidentifiedImageError

from cert_portal.core.text import clean

MOST_PAGES = 50
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


def pictures(data: bytes) -> list[Picture]:
    """The pages of a TIFF or PDF, at most 50, upright and with square pixels; none for what cannot be read."""
    return _of_tiff(data) if data.startswith(TIFF) else _of_pdf(data)


def words(picture: Picture) -> str:
    """What Tesseract reads in a page, English and Traditional Chinese; empty when it is not there or takes too long."""
    command = ["tesseract", "stdin", "stdout", "-l", LANGUAGES]
    try:
        done = _run(command, picture.png)
    except (subprocess.SubprocessError, OSError):
        return ""
    return clean(done.decode("utf-8", "replace")).strip()


def _of_tiff(data: bytes) -> list[Picture]:
    found: list[Picture] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=["TIFF"]) as whole:
                for frame in ImageSequence.Iterator(whole):
                    found.append(_picture(frame))
                    if len(found) == MOST_PAGES:
                        break
    except (*_DAMAGED, Image.DecompressionBombWarning):
        return found
    return found


def _of_pdf(data: bytes) -> list[Picture]:
    with tempfile.TemporaryDirectory(prefix="fax-") as folder:
        command = ["pdftoppm", "-png", "-gray", "-r", "150", "-scale-to", str(WIDEST), "-l", str(MOST_PAGES)]
        try:
            _run([*command, "-", f"{folder}/page"], data)
            found = []
            for path in sorted(Path(folder).glob("page*.png")):
                with Image.open(path, formats=["PNG"]) as page:
                    found.append(_picture(page))
        except (*_DAMAGED, subprocess.SubprocessError):
            return []
        return found


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
