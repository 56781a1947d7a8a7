"""The centre's mailboxes, and what a message in each is taken for until somebody knows better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cert_portal.intake.submission import Channel


@dataclass(frozen=True)
class Mailbox:
    """One mailbox: the kind of incident and the channel that a report in it has at first."""

    name: str
    kind: str = "not_sure"
    channel: Channel = Channel.EMAIL


DEFAULT = Mailbox("report")
MAILBOXES = {
    each.name: each
    for each in (DEFAULT, Mailbox("phishing", kind="phishing"), Mailbox("abuse"), Mailbox("fax", channel=Channel.FAX))
}


def by_name(name: str) -> Mailbox:
    """The mailbox of this name; the default one for a name that is none."""
    return MAILBOXES.get(name, DEFAULT)


def by_recipients(addresses: Sequence[str]) -> Mailbox:
    """The mailbox that the first of these addresses names (what follows a plus sign is left out), else the default."""
    names = (address.partition("@")[0].partition("+")[0].lower() for address in addresses)
    return next((MAILBOXES[name] for name in names if name in MAILBOXES), DEFAULT)
