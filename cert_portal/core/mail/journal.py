"""Which letters have left, written down one by one beside the database, where a killed process cannot take it along.

A mailing marks its letters in one statement a turn; a commit for each would take longer than sending them. What a
process noted and did not mark before it was killed is marked by the next sweep, before any lease can end twice. The
note is not flushed to the disk: it outlives the process and the database, not the machine.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from cert_portal.config import current


class Journal:
    """The notes of this process; locked while it lives. Use it as a context manager: notes not marked stay behind."""

    def __init__(self) -> None:
        self.noted: list[int] = []
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        name = secrets.token_hex(8)
        self._path = folder / f"{name}.journal"
        self._file = os.open(folder / f".{name}", os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        (folder / f".{name}").rename(self._path)  # seen by others only when locked

    def note(self, letter_id: int) -> None:
        """The other side has taken this letter."""
        os.write(self._file, b"%d\n" % letter_id)
        self.noted.append(letter_id)

    def forget(self) -> None:
        """What was noted is marked and committed."""
        os.ftruncate(self._file, 0)
        self.noted.clear()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.noted:
            self._path.unlink()
        os.close(self._file)


def left_behind() -> Iterator[list[int]]:
    """The letters that each ended process noted; what was answered is forgotten when the next is asked for: commit."""
    for path in sorted(_folder().glob("*.journal")):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield [int(line) for line in file.read().split()]
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return current().instance_dir / "sending"
