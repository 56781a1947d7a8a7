"""The letters and text messages that left or wait to leave."""

from __future__ import annotations

from flask import request

from cert_portal.cases.letterbook import letters_page, texts_page
from cert_portal.config import current
from cert_portal.coordination.visible import hidden_referrals
from cert_portal.core import sms
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff.desk import Answer, desk, me, show


@desk.get("/letters", Permission.READ_LETTERS)
def letters() -> Answer:
    """Letters, the newest first; those that failed or are held on their own when asked."""
    trouble = request.args.get("trouble") == "1"
    page = letters_page(
        me(), after=request.args.get("before", ""), only_trouble=trouble, also_hidden=(hidden_referrals(me()),)
    )
    return show("letters", page=page, trouble=trouble)


@desk.get("/texts", Permission.READ_LETTERS)
def texts() -> Answer:
    """Text messages out, the newest first; those that failed or are held on their own when asked."""
    trouble = request.args.get("trouble") == "1"
    page = texts_page(me(), after=request.args.get("before", ""), only_trouble=trouble)
    return show("texts", page=page, trouble=trouble, parts=sms.parts, gateway=bool(current().sms_url))
