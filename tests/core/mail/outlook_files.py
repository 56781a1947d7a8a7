"""Files as Outlook writes them, made by another hand (extract-msg) or byte by byte (TNEF)."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from extract_msg.ole_writer import OleWriter


def msg(parts: Mapping[str, str | bytes], files: Sequence[dict[str, Any]] | None = None) -> bytes:
    """A `.msg` file; `parts` by property tag, `files` likewise, with "inner" for a message inside."""
    writer = OleWriter()
    writer.addEntry("__properties_version1.0", b"\0" * 32)
    _fill(writer, [], parts, files or [])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _fill(writer: Any, place: list[str], parts: Mapping[str, str | bytes], files: Sequence[dict[str, Any]]) -> None:
    for tag, value in parts.items():
        kind = "001F" if isinstance(value, str) else "0102"
        data = value.encode("utf-16-le") if isinstance(value, str) else value
        writer.addEntry([*place, f"__substg1.0_{tag}{kind}"], data)
    for number, each in enumerate(files):
        inner = each.pop("inner", None)
        folder = [*place, f"__attach_version1.0_#{number:08X}"]
        writer.addEntry(folder, storage=True)
        _fill(writer, folder, each, [])
        if inner:
            writer.addEntry([*folder, "__substg1.0_3701000D"], storage=True)
            _fill(writer, [*folder, "__substg1.0_3701000D"], *inner)


def tnef(text: bytes, files: list[tuple[str, bytes]]) -> bytes:
    """A `winmail.dat` with a text and files."""
    out = struct.pack("<IH", 0x223E9F78, 1) + _attribute(1, 0x0002800C, text + b"\0")
    for name, data in files:
        out += _attribute(2, 0x00069002, b"\0" * 14)
        out += _attribute(2, 0x00018010, name.encode() + b"\0")
        out += _attribute(2, 0x0006800F, data)
    return out


def _attribute(level: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
