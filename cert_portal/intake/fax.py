"""Faxes that a gateway delivers as mail: the gateway is the sender, the person is a caller number (001-20, 004-09).

HylaFAX, ICTFax and services of the kind of eFax say the number in the subject or in a line of the body, each in its
own words. A fax without a number and without a name is still a report.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from cert_portal.core import telephone
from cert_portal.core.mail.message import InboundMail

_NUMBER = r"[\"“'<(]?\s*(\+?[\d(][\d\s()./-]{4,28}\d)"
_LINES = re.compile(
    r"^[^\S\n]*(?:Sender|CallID1?|Caller ?ID|CSID|TSI|Remote ID|Received from|From|Fax number"
    r"|發送者|傳送者|來電號碼|寄件者)"
    rf"\s*[:：]\s*{_NUMBER}",
    re.IGNORECASE | re.MULTILINE,
)
_SUBJECT = re.compile(
    rf"(?:\bfrom\b|caller[ -]?id\s*[:：]?|\bfax\b[^\d+]{{0,20}}|來自|傳真\s*[:：]?)\s*{_NUMBER}", re.IGNORECASE
)
_PAGES = re.compile(
    r"(?:^[^\S\n]*(?:Total )?Pages\s*[:：]\s*(\d{1,4})|(?<!\d)(\d{1,4})[^\S\n]*pages?\b|(?<!\d)(\d{1,4})[^\S\n]*頁)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class Caller:
    """What the gateway told: the number as it wrote it (empty when withheld) and the pages (0 when not told)."""

    number: str
    pages: int


def caller(mail: InboundMail) -> Caller:
    """Read the caller from a message of a fax gateway; the subject counts before the body."""
    subject = unicodedata.normalize("NFKC", mail.subject)
    body = unicodedata.normalize("NFKC", mail.text)[:20_000]
    found = [match[1] for match in (_SUBJECT.search(subject), *_LINES.finditer(body)) if match]
    number = next((each.strip() for each in found if telephone.key(each)), "")
    told = _PAGES.search(f"{subject}\n{body}")
    pages = next(int(each) for each in told.groups() if each) if told else 0
    return Caller(number, pages)


def title(told: Caller) -> str:
    """What the report is called until somebody has read it."""
    return " ".join(each for each in ("Fax", told.number, f"({told.pages} p.)" if told.pages else "") if each)
