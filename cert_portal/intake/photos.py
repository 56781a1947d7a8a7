"""Photos as telephones take them (HEIC) become pictures that every analyst can open; the original is kept beside."""

from __future__ import annotations

import io
import struct

from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import HeifImagePlugin

MOST_PIXELS = 80_000_000
_DAMAGED = (
    *(UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, RuntimeError, EOFError),
    *(SyntaxError, TypeError, KeyError, struct.error),  # of facts about the picture (EXIF) that are none
)
_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})

__all__ = ["HeifImagePlugin", "is_heic", "to_jpeg"]  # the plug-in teaches Pillow the format by being imported


def is_heic(data: bytes) -> bool:
    """Whether the bytes are a HEIF picture (ISO/IEC 23008-12)."""
    return data[4:8] == b"ftyp" and data[8:12] in _BRANDS


def to_jpeg(data: bytes) -> bytes | None:
    """The picture as JPEG, upright, without the place and time that the telephone wrote into it; None when damaged."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            out = io.BytesIO()
            ImageOps.exif_transpose(picture).convert("RGB").save(out, "JPEG", quality=85)
    except _DAMAGED:
        return None
    return out.getvalue()
