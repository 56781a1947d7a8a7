"""Writes the parts of the manual that the code knows best. `--check` only tells whether they are in step.

Usage: python deploy/documents.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import click

from cert_portal import config
from cert_portal.cases import severity, workflow
from cert_portal.cases.workflow import Phase, State
from cert_portal.cli import cli  # with the application comes every declared event
from cert_portal.coordination import workflow as referrals
from cert_portal.core import events
from cert_portal.core.mail.outbox import LetterState
from cert_portal.core.queue import JOBS
from cert_portal.core.schedule import PLANS
from cert_portal.directory import permissions
from cert_portal.governance import definitions
from cert_portal.governance.models import AnnualState
from cert_portal.intake.models import Outcome, ReportState
from cert_portal.monitoring.models import FindingState, ItemState
from cert_portal.publishing import workflow as advisories
from cert_portal.publishing.models import AdvisoryState
from cert_portal.subscriptions.models import SubscriberState
from cert_portal.web.machine import openapi

DOCS = Path(__file__).parents[1] / "docs"
NOTE = "_Written by `make docs` from the code; change the code, not this page._"


def pages() -> dict[str, str]:
    """Every generated page by its name."""
    found = {
        "settings.md": ("Settings", f"{SETTINGS}\n\n{config.table()}"),
        "events.md": ("Events", f"{EVENTS}\n\n{events.table()}"),
        "jobs.md": ("Jobs and schedules", _jobs()),
        "permissions.md": ("Roles and permissions", f"{PERMISSIONS}\n\n{permissions.table()}"),
        "case-states.md": ("The life of a case, a report, a message and a letter", _states()),
        "referral-states.md": ("The life of a referral", f"{REFERRALS}\n\n{referrals.table()}"),
        "advisory-states.md": ("The life of an advisory", f"{_advisory_states()}\n\n{advisories.table()}"),
        "levels.md": ("Levels", f"{LEVELS}\n\n{severity.table()}"),
        "figures.md": ("Figures", f"{FIGURES}\n\n{definitions.table()}"),
        "api.md": ("The interface for programs", openapi.table()),
        "commands.md": ("Commands", f"{COMMANDS}\n\n" + "\n\n".join(_commands(cli, "cert-portal"))),
    }
    return {name: f"# {title}\n\n{NOTE}\n\n{words}\n" for name, (title, words) in found.items()}


SETTINGS = (
    "Set them in the environment or, in lower case and without the prefix, in `settings.toml` in the instance folder; "
    "the environment wins. A secret may stand in a file of its own: `<NAME>_FILE` names it. A wrong or unknown setting "
    "stops the start and is named."
)
EVENTS = "What is written into the record, and which data each event carries. Figures and timelines read nothing else."
RELEASE = (
    "A case that a member organisation reported closes only after its release is confirmed: the organisation tells the "
    "solution at `/org/`, a person of the desk confirms it on the report."
)
MERGES = (
    "Merging takes any open case to `merged` (`case.merged`); taking it out again puts it back into the state that it "
    "was in (`case.unmerged`). Both are no verbs of this table: they concern two cases."
)
PERMISSIONS = "One person may have several roles; what they allow adds up."
LEVELS = (
    "The first line that fires, from the top, is the level. Nothing that fires means an attempt without effect: "
    "no level. An analyst may set another level and must say why."
)
REFERRALS = (
    "States: " + ", ".join(f"`{each}`" for each in referrals.State) + ". What comes from a stranger is kept and moves "
    "nothing. Two people who send one draft at once send it once."
)
FIGURES = """Figures are counted from the record of events ([events.md](events.md)) and from nothing else; titles and
texts are never read. Exercises count nowhere. A period is whole days in Hong Kong, first and last included. What was
written down after the data cut-off changes nothing, so figures of the same period and cut-off are the same for ever.

**Behind each number** is the list of what counts for it: number, dates, kind and level, no names and no titles. It has
as many rows as the number says. A row of a restricted case stands there without its number, kind and dates: the count
can be checked and nothing is given away. Who is named on the case sees the number.

**In public** (statistics, annual report) numbers from 1 to 4 are not shown. Where the total is known, so much more is
hidden that the hidden cells are at least two and come to 5 or more. A balance is shown whole or not at all, and bodies
to which cases were referred are not named. Results of the service targets tell of the centre's own work and are shown
as soon as at least 5 reports or cases count for them.

**Targets** are measured by the clock rules `first_response`, `resolution`, `referral` and `third_party` (Clocks in the
settings). The published text names no lead time for trackable cases of third parties: 30 working days is our choice.
A rule that is switched off is not measured, and no number is shown.

**Balances**: opening + what came in − what went out = closing, for reports that wait, open cases and subscribers.

A change of meaning raises the version of a definition (`cert_portal/governance/definitions.toml`); a frozen report
names the version that it used. `cert-portal figures` prints all of it.
"""
COMMANDS = "Exit code 0 means done, 1 refused (one line says why), 2 wrong usage."


def _jobs() -> str:
    jobs = [f"| `{each.function}` | {each.queue} | {each.meaning} |" for each in JOBS]
    plans = [f"| {each.name} | `{each.job.function}` | {each.told or each.every or 'once a lease'} |" for each in PLANS]
    return "\n".join(
        [
            "Every job takes ids only and may run twice.\n",
            "| Job | Queue | What it does |\n|---|---|---|",
            *jobs,
            "\nA plan that was missed runs once when the scheduler is back.\n",
            "| Plan | Job | Every (h:mm:ss) |\n|---|---|---|",
            *plans,
        ]
    )


def _states() -> str:
    lists: dict[str, type[StrEnum]] = {
        "States of a case": State,
        "Phases of a case": Phase,
        "States of a report": ReportState,
        "Outcomes of a message that came in": Outcome,
        "States of a letter that goes out": LetterState,
        "States of an annual report": AnnualState,
    }
    named = [f"{title}: {', '.join(f'`{each}`' for each in values)}." for title, values in lists.items()]
    return f"## Moves of a case\n\n{workflow.table()}\n\n{RELEASE}\n\n{MERGES}\n\n## All states\n\n" + "\n\n".join(
        named
    )


def _advisory_states() -> str:
    lists: dict[str, type[StrEnum]] = {
        "States of a version of an advisory": AdvisoryState,
        "States of a subscriber": SubscriberState,
        "States of an item of a watched source": ItemState,
        "States of a finding": FindingState,
    }
    return "\n\n".join(f"{title}: {', '.join(f'`{each}`' for each in values)}." for title, values in lists.items())


def _commands(group: click.Group, path: str) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        else:
            yield _command(command, f"{path} {name}")


def _command(command: click.Command, path: str) -> str:
    context = click.Context(command)
    rows = [each.get_help_record(context) for each in command.params]
    told = [f"- `{row[0]}`: {row[1]}" if row[1] else f"- `{row[0]}`" for row in rows if row]
    usage = " ".join([path, *(piece for each in command.params for piece in _argument(each, context))])
    return "\n".join([f"## {usage}\n", command.help or "", *(["", *told] if told else [])])


def _argument(parameter: click.Parameter, context: click.Context) -> list[str]:
    return [parameter.make_metavar(context)] if isinstance(parameter, click.Argument) else []


def main() -> int:
    """Write the pages, or tell which are not in step."""
    wanted = pages()
    stale = [name for name, words in wanted.items() if _read(DOCS / name) != words]
    if "--check" in sys.argv[1:]:
        sys.stdout.writelines(f"docs/{name} is not in step: run make docs\n" for name in stale)
        return 1 if stale else 0
    for name in stale:
        (DOCS / name).write_text(wanted[name], "utf-8")
    return 0


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
