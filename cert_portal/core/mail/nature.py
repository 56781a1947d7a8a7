"""What sort of message this is: written by a person, by a machine, a bounce, sealed. Who may be answered (RFC 3834)."""

from __future__ import annotations

import re

from cert_portal.core.mail.message import InboundMail

_ROBOT = re.compile(
    r"^(mailer-daemon|postmaster|mail-daemon|maildaemon|daemon|noreply|no-reply|donotreply|do-not-reply|owner-.*"
    r"|.*-owner|.*-request|.*-bounces?|bounces?[+-].*|bounce)@",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|maildaemon|mdaemon|double-bounce)\b", re.IGNORECASE)
_BOUNCED = re.compile(
    r"undeliver|delivery (status|fail|has failed|problem|notification)|returned mail"
    r"|returning to sender|mail (delivery|fail)|fail(ed|ure) (delivery|to deliver)|failure notice"
    r"|could not be delivered|non-?delivery|delivery report|returned to sender|無法(傳送|投遞|送達)|退信",
    re.IGNORECASE,
)
_NOTIFIED = re.compile(r'\s*\{\s*"notificationType"\s*:\s*"Bounce"')
_AWAY = re.compile(
    r"^\s*(auto(matic|matische|mated)?[ -]?(reply|response|antwort)|out of (the )?office|vacation( reply| notice)?"
    r"|自動(回覆|答覆|回复)|不在辦公室|外出)\s*([:：(-]|$)",  # as mail programs write it, not people
    re.IGNORECASE,
)
_PASSED_ON = re.compile(r"\s*(?:fwd?|wg|tr|re|aw|轉寄|转发|轉發|回覆|答覆|回复)\s*[:：]", re.IGNORECASE)
_MACHINES = (
    *("x-loop", "x-rt-loop-prevention", "x-autorespond", "x-auto-reply", "x-mail-autoreply"),
    *("x-zendesk-", "x-jira-", "x-otrs-", "x-freshdesk-", "x-osticket-", "x-servicenow-"),
)
"""How headers begin that answering programs and ticket systems write."""
_SPAM_HEADERS = ("x-spam-flag", "x-spam-status", "x-spam")
ARMOUR = ("-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----")


def is_bounce(mail: InboundMail) -> bool:
    """Whether this looks like word that a letter did not arrive, in whatever form mail systems give it."""
    null, daemon = mail.return_path == "" or not mail.sender, _is_daemon(mail)
    if is_delivery_report(mail) or (null and daemon) or _is_notification(mail):
        return True
    return (null or daemon) and bool(_BOUNCED.search(mail.subject))


def is_delivery_report(mail: InboundMail) -> bool:
    """Whether it says so itself (RFC 3464), or comes from a mail system without a return path (RFC 5321, 4.5.5)."""
    if mail.content_type == "multipart/report" and mail.report_type == "delivery-status":
        return True
    return mail.return_path == "" and _is_daemon(mail)


def _is_notification(mail: InboundMail) -> bool:
    """Whether it is word of Amazon SES, which is JSON in a letter that looks like any other."""
    return mail.sender.lower() == "no-reply@sns.amazonaws.com" and bool(_NOTIFIED.match(mail.text))


def _is_daemon(mail: InboundMail) -> bool:
    return any(_DAEMON.match(told) for told in (mail.sender, mail.sender_name, mail.return_path or ""))


def is_auto_reply(mail: InboundMail) -> bool:
    """Whether a machine answers in a person's place: out of office, another team's ticket system."""
    told = mail.headers.get("auto-submitted", "").lower()
    if told.startswith(("auto-replied", "auto-notified")) or "x-autoreply" in mail.headers:
        return True
    if mail.headers.get("precedence", "").lower() == "auto_reply" or mail.report_type == "disposition-notification":
        return True
    return bool(_AWAY.match(mail.subject)) and (
        bool(mail.references) or told.startswith("auto") or mail.return_path == ""
    )


def is_by_machine(mail: InboundMail) -> bool:
    """Whether a program wrote this, a ticket system for example: its words are kept, but nobody has answered yet.

    Request Tracker marks all its mail alike and names who acted: somebody else than who gets the mail is a person.
    """
    headers = mail.headers
    told = headers.get("auto-submitted", "no").lower().partition(";")[0].strip()
    if told != "no" or is_auto_reply(mail):
        return True
    acted = (headers.get("x-rt-originator") or headers.get("rt-originator", "")).strip().lower()
    if acted:
        return acted in headers.get("to", "").lower()
    if headers.get("precedence", "").strip().lower() in ("bulk", "auto_reply", "junk"):
        return True
    asked = headers.get("x-auto-response-suppress", "none").strip().lower() not in ("none", "")
    return asked or any(name.startswith(_MACHINES) for name in headers)


def is_passed_on(mail: InboundMail) -> bool:
    """Whether a person forwards or answers something: what hangs on it is theirs to explain.

    A feedback report may have the subject of the message that it reports, forwarded or not (RFC 5965, appendix B).
    """
    if mail.content_type == "multipart/report" and mail.report_type == "feedback-report":
        return False
    return not is_by_machine(mail) and bool(mail.references or _PASSED_ON.match(mail.subject))


def is_flagged_as_spam(mail: InboundMail) -> bool:
    """Whether the filter of our own mail server says so, in a header of SpamAssassin or Rspamd."""
    flag, status, header = (mail.headers.get(name, "").strip().lower() for name in _SPAM_HEADERS)
    return flag.startswith("yes") or status.startswith("yes") or header.startswith("yes")


def may_answer(mail: InboundMail) -> str:
    """The address that an automatic answer may go to; "" when nobody may be answered (RFC 3834, section 2)."""
    headers = mail.headers
    automatic = headers.get("auto-submitted", "no").lower().partition(";")[0].strip() != "no"
    bulk = headers.get("precedence", "").lower() in ("bulk", "list", "junk") or any(
        name.startswith("list-") for name in headers
    )
    asked = headers.get("x-auto-response-suppress", "none").lower() not in ("none", "")
    machine = any(name.startswith(_MACHINES) for name in headers)
    if automatic or bulk or asked or machine or mail.return_path == "" or mail.report_type:
        return ""
    address = mail.sender
    return "" if not address.isascii() or _ROBOT.match(address) else address


def sealed_part(mail: InboundMail) -> bytes | None:
    """The OpenPGP message inside, from PGP/MIME or pasted into the text; None when there is none."""
    for each in mail.attachments:  # some mail systems turn multipart/encrypted into multipart/mixed on the way
        if each.data.lstrip().startswith(ARMOUR[0].encode()):
            return each.data
    return armoured(mail.text).encode() or None


def armoured(text: str) -> str:
    """The first OpenPGP message that stands in a text, with its frame; "" when there is none."""
    _, begin, rest = text.partition(ARMOUR[0])
    block, end, _ = rest.partition(ARMOUR[1])
    return begin + block + end if end else ""
