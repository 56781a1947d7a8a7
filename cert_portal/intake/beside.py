"""What a message says beside its words: where the links of its HTML lead, and by which way those came that it holds."""

from __future__ import annotations

from typing import Any

from cert_portal.core.mail import evidence
from cert_portal.core.mail.message import InboundMail

MOST_STATIONS = 20
NAMES = frozenset({"links", "forwarded"})
"""Under these names it stands in the details of a report."""


def of(mail: InboundMail) -> dict[str, Any]:
    """Details to keep with the report: links that the words do not show, heads of messages that were forwarded.

    Whoever forwards a false message as an attachment sends its way along (000-23).
    """
    links = [each for each in mail.links if each not in mail.text]
    forwarded = [evidence.facts(each) | {"received": each.received[:MOST_STATIONS]} for each in mail.forwarded]
    return {name: told for name, told in (("links", links), ("forwarded", forwarded)) if told}
