"""The group that every command belongs to."""

from __future__ import annotations

from click import Context
from flask.cli import FlaskGroup

from cert_portal.app import create_app


class Commands(FlaskGroup):
    """All commands of the portal; what there is can be asked before anything is set."""

    def list_commands(self, _context: Context) -> list[str]:
        """Their names, without the application."""
        return sorted(self.commands)


cli = Commands(
    name="cert-portal",
    create_app=lambda: create_app(),
    add_default_commands=False,
    help="CERT Portal: the desk of a coordination centre.",
)


def counted(number: int, one: str, several: str = "") -> str:
    """A number with its word: 1 line, 2 lines."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"
