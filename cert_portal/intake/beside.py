"""What a message says beside its words: where the links of its HTML lead, and by which way those came that it holds."""

from __future__ import annotations

import re
from typing import Any

from cert_portal.core.mail import evidence
from cert_portal.core.mail.message import InboundMail

NAMES = frozenset({"links", "forwarded"})
"""Under these names it stands in the details of a report."""
MOST_STATIONS = 20
_END = re.compile(r"[/?#\\]")


def of(mail: InboundMail) -> dict[str, Any]:
    """Details to keep with the report: links that the words do not show, heads of messages that were forwarded.

    Whoever forwards a false message as an attachment sends its way along (000-23). Links to the sender's own house
    stand below every letter and say nothing.
    """
    house = mail.sender.rpartition("@")[2].lower()
    links = [each for each in mail.links if each not in mail.text and not _leads_to(each, house)]
    forwarded = [evidence.facts(each) | {"received": each.received[:MOST_STATIONS]} for each in mail.forwarded]
    return {name: told for name, told in (("links", links), ("forwarded", forwarded)) if told}


def _leads_to(link: str, house: str) -> bool:
    place = _END.split(link.partition("://")[2], maxsplit=1)[0].rpartition("@")[2]
    host = place.partition(":")[0].lower()
    return bool(house) and (host == house or host.endswith(f".{house}"))
