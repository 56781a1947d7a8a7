"""Whether a letter that came back came back for good, and whose (RFC 3464; many systems say it in their own words).

Only an address that does not exist is hard. A full mailbox, a sender or a text that is refused, a system out of order
are soft, whatever the code: the address is good, and nobody is cut off because of us.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import Message
from enum import StrEnum
from typing import cast

from cert_portal.core.mail import tree
from cert_portal.core.mail.charset import decode
from cert_portal.core.mail.message import html_to_text, readable
from cert_portal.core.text import clean

READ = 200_000
_DIAGNOSIS = re.compile(r"^Diagnostic-Code:\s*((?:.+)(?:\n[ \t].+)*)", re.IGNORECASE | re.MULTILINE)
_STATUS_LINE = re.compile(r"^(Status:\s*[245]\.\d.*)$", re.IGNORECASE | re.MULTILINE)
_CODE_LINE = re.compile(r"^(.*(?<![\d.])[45]\d\d[ -].+)$", re.MULTILINE)
MOST = 50
_ACTION = re.compile(r"^Action:\s*(\w+)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"^Status:\s*([245])\.(\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)
_CODE = re.compile(r"(?<![\d.])(?:[45]\d\d[ -]+)?#?([45])\.(\d\.\d{1,3})(?![\d.])")
_GONE_CODES = frozenset(["1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "4.4"])
"""Of RFC 3463: address unknown, no such mailbox, host or syntax, moved, null MX; no route to the host."""
_GONE = re.compile(
    r"(user|recipient|address|host|mailbox|account|alias)( is)? (unknown|not (found|known|exist|listed))"
    r"|(unknown|no such|invalid|not a valid|not a known) (or illegal )?"
    r"(user|recipient|mailbox|address|alias|person|host|domain|local)"
    r"|does ?n[o']t (exist|have an? \S+ account)|no mailbox here|(couldn't|could not|cannot) find any host"
    r"|(host|domain|address) (name )?(could ?n[o']t|can ?not|was ?n[o']t) (be )?found"
    r"|DNS lookup failure: host \S+ not found"
    r"|(user|mailbox|recipient) (unavailable|rejected)|address rejected|host does not accept mail|not our customer"
    r"|リストにありません|見つかりません|查[無无]此人|[無无]此(用[户戶]|使用者|收件人|[邮郵信]箱)"
    r"|(?<![发發寄]件[人者])(用[户戶]|使用者|收件人|收件者|[帐帳账]号|[帐帳]號|[帐帳账][户戶]|[邮郵信]箱|地址|域名)[^，。；\n]{0,80}不存在"
    r"|不存在的(用[户戶]|使用者|收件人|[邮郵信]箱|地址)|找不到(該|该|此)?(用[户戶]|使用者|收件人|[邮郵信]箱|地址)",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"quota|(mailbox|inbox)( is)? full|out of (storage|space)|too (many|much|big|large)|exceed|spam|blocked|block ?list"
    r"|blacklist|reputation|policy|relay(ing)? (access )?(denied|not|prohibited)|not authori[sz]ed|unable to relay"
    r"|(?<!address rejected: )access denied|not accepting|sender (address )?(rejected|denied|unknown|domain)"
    r"|\b(spf|dkim|dmarc)\b|authenticat|temporar|try again later|suspended|inactive|disabled|reverse dns|\bptr\b|loop"
    r"|[已將将]滿|已满|容量|配額|配额|超[過过出]|垃圾|黑名[單单]|[頻频]率|[暫暂]時|[暫暂]时|稍後|稍后",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^[^\w\n]*(message headers follow|(below this line|here) is a copy|this is a copy of|returned message"
    r"|original message|unsent message|undelivered message follows|message header|(the )?(message )?text follows"
    r"|copy of the message)"
    r"|^Return-Path:|^Received:\s*(from|by|\()",
    re.IGNORECASE | re.MULTILINE,
)
_ASKED = re.compile(r"^Original-Recipient\s*:\s*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_NAMED = re.compile(
    r"^(?:Final-Recipient|X-Failed-Recipients|Addressed To)\s*:\s*([^\r\n]+)"
    r'|"emailAddress"\s*:\s*"([^"]+)',  # Amazon SES
    re.IGNORECASE | re.MULTILINE,
)
_HELP = re.compile(r"\b(?:contact|write to|ask)\s+<?[^\s<>]+@[^\s<>]+", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+", re.ASCII)


class Verdict(StrEnum):
    """What a delivery report says about the letter."""

    HARD = "hard"
    SOFT = "soft"
    DELIVERED = "delivered"
    DELAYED = "delayed"


def verdict(raw: bytes) -> Verdict:
    """Read a delivery report. What is not clear counts as soft: nobody is cut off on a guess.

    Delayed is no failure: that system still tries.
    """
    told = _told(raw)
    actions = {action.lower() for action in _ACTION.findall(told)}
    statuses = set(_STATUS.findall(told))
    arrived = "failed" not in actions and actions & {"delivered", "relayed", "expanded"}
    if arrived or {kind for kind, _ in statuses} == {"2"}:
        return Verdict.DELIVERED
    if "delayed" in actions and "failed" not in actions:
        return Verdict.DELAYED
    codes = statuses | set(_CODE.findall(told))
    if _GOOD.search(told):
        return Verdict.SOFT
    gone = _GONE.search(told) or any(kind == "5" and code in _GONE_CODES for kind, code in codes)
    return Verdict.HARD if gone else Verdict.SOFT


def who(raw: bytes) -> list[str]:
    """The addresses that were written to and failed, in small letters, at most MOST; none when it does not say."""
    told = _told(raw)
    for field in (_ASKED, _NAMED):
        if named := [
            address for line in field.finditer(told) for address in _ADDRESS.findall(line[line.lastindex or 0])
        ]:
            return _once(named)
    message, _ = tree.opened(raw[:READ])
    ends = _once(each for name in ("From", "To", "Return-Path") for each in _ADDRESS.findall(str(message[name])))
    helpers = [each.lower() for line in _HELP.findall(told) for each in _ADDRESS.findall(line)]
    return [each for each in _once(_ADDRESS.findall(told)) if each not in (*ends, *helpers)]


def reason(raw: bytes) -> str:
    """Why it failed, in the words of the mail system, on one line; empty when it does not say."""
    told = _told(raw)
    found = _DIAGNOSIS.search(told) or _STATUS_LINE.search(told) or _CODE_LINE.search(told)
    return " ".join(clean(found[1]).split())[:500] if found else ""


def _once(addresses: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(address.lower() for address in addresses))[:MOST]


def _told(raw: bytes) -> str:
    """The words of the mail system and its fields, without the letter that it gives back."""
    message, _ = tree.opened(raw[:READ])
    parts = list(_parts(message))
    words = "\n".join(text for is_field, text in parts if not is_field)
    original = _ORIGINAL.search(words)
    failed = f"X-Failed-Recipients: {message['X-Failed-Recipients']}\n" if message["X-Failed-Recipients"] else ""
    fields = "\n".join(text for is_field, text in parts if is_field)
    return f"{failed}{fields}\n{words[: original.start()] if original else words}"


def _parts(part: Message) -> Iterator[tuple[bool, str]]:
    """Whether they are fields, and the words, of each part that the mail system wrote."""
    kind = part.get_content_type()
    if kind in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
        return
    if part.is_multipart():
        for inner in cast(list[Message], part.get_payload()):
            if kind == "message/delivery-status":
                yield True, "".join(f"{name}: {readable(str(value))}\n" for name, value in inner.raw_items())
            yield from _parts(inner)
    elif kind.startswith(("text/", "message/")):
        words = decode(tree.payload(part) or b"", part.get_content_charset() or "")[0]
        yield False, html_to_text(words) if kind == "text/html" else words
