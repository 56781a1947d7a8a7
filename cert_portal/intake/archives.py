"""What archives hold that Python cannot list (7z, rar, ISO images, cab, lzh), read by libarchive's bsdtar.

It runs apart, with limits; it sees the bytes and no file, and only the names and sizes that it tells come back.
"""

from __future__ import annotations

import os
import re
import subprocess

from cert_portal.core.text import clean, unturned

TYPES = frozenset(
    {
        "application/x-7z-compressed",
        "application/vnd.rar",
        "application/x-iso9660-image",
        "application/vnd.ms-cab-compressed",
        "application/x-lzh-compressed",
    }
)
LIMITS = ("prlimit", "--as=1000000000", "--cpu=2", "--core=0", "--fsize=0", "--")
MOST_TOLD = 200_000
"""Bytes of the list that are read; the program is ended then."""
_LINE = re.compile(r"(\S)\S{9}\S*\s+\d+\s+\S+\s+\S+\s+(\d+)\s+[A-Z][a-z]{2}\s+\d+\s+[\d:]+ (.*)")


def listing(data: bytes, most: int) -> tuple[list[tuple[str, int]], bool]:
    """Names and sizes of at most so many files, and whether that is all. Nothing is told of what is sealed or damaged,
    or where the program is not there.
    """
    told, whole = _told(data)
    lines = (_LINE.fullmatch(line) for line in told.decode("utf-8", "replace").split("\n"))
    found = [(unturned(clean(line[3]))[:300], int(line[2])) for line in lines if line and line[1] != "d"]
    return found[:most], whole and len(found) <= most


def _told(data: bytes) -> tuple[bytes, bool]:
    """What the program says, and whether it came to its end without a complaint."""
    quiet = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    with os.fdopen(os.memfd_create("archive"), "w+b") as file:
        file.write(data)
        file.seek(0)
        try:
            program = subprocess.Popen(  # noqa: S603  # our own arguments, no shell; the file is its input
                [*LIMITS, "bsdtar", "-tvf", "-"],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=quiet,
            )
        except OSError:
            return b"", False
        with program:
            told = program.stdout.read(MOST_TOLD) if program.stdout else b""
            if len(told) == MOST_TOLD:
                program.kill()
    return told, program.returncode == 0 and len(told) < MOST_TOLD
