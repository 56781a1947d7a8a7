"""The public record on the disk: signed documents, texts and feeds, replaced as a whole or not at all.

A publication writes the next tree beside the current one (unchanged files are the same files), then moves one symbolic
link. Whoever reads, before, during or after a kill, finds a tree in which everything fits.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cert_portal.config import current
from cert_portal.core.blobs import flush_folder, write_durably

CURRENT = "current"


class Busy(Exception):
    """Another process is publishing."""


@contextmanager
def alone() -> Iterator[None]:
    """Let one process at a time publish. Raises Busy."""
    folder = current().published
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy from error
        yield


def place() -> Path:
    """The tree in force; it may not be there before the first publication."""
    return current().published / CURRENT


def replace(files: Mapping[str, bytes]) -> None:
    """Put these files (path in the tree -> content) into the record; all others stay."""
    folder = current().published
    name = f"tree-{secrets.token_hex(8)}"
    aside = folder / name
    before = place().resolve() if place().exists() else None
    if before:
        shutil.copytree(before, aside, copy_function=os.link)
    for path, content in files.items():
        target = aside / path
        write_durably(target, content)
        target.chmod(0o644)
    _open_to_all(aside)
    link = folder / f".{name}"
    link.symlink_to(name)
    link.rename(place())
    flush_folder(folder)
    _forget_others(folder, {name, before.name if before else ""})


def _open_to_all(root: Path) -> None:
    """Let every process read the record, whoever publishes and whatever else it keeps to itself."""
    for path in (root, *root.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)


def stamp() -> str:
    """Which tree is in force: changes with every publication, costs one look at a link; "" before the first."""
    try:
        return os.readlink(place())
    except OSError:
        return ""


def read(path: str) -> bytes:
    """One file of the record. Raises FileNotFoundError, also for a path that leads elsewhere."""
    root = place().resolve()
    target = (root / path).resolve()
    if not target.is_relative_to(root) or not target.is_file():
        raise FileNotFoundError(path)
    return target.read_bytes()


def _forget_others(folder: Path, kept: set[str]) -> None:
    """Remove what older publications or killed ones left; the tree before stays for who is reading it."""
    for path in folder.glob("tree-*"):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)
    for path in folder.glob(".tree-*"):
        path.unlink(missing_ok=True)
