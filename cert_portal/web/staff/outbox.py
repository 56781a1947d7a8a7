"""The letters that left or wait to leave."""

from __future__ import annotations

from flask import request

from cert_portal.cases.letterbook import letters_page
from cert_portal.coordination.visible import hidden_referrals
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff.desk import Answer, desk, me, show


@desk.get("/letters", Permission.READ_LETTERS)
def letters() -> Answer:
    """Letters, the newest first; those that failed or are held on their own when asked."""
    told = request.args.get("before", "")
    before = int(told) if told.isascii() and told.isdigit() and len(told) < 18 else 0
    trouble = request.args.get("trouble") == "1"
    page = letters_page(me(), before=before, only_trouble=trouble, also_hidden=(hidden_referrals(me()),))
    return show("letters", page=page, trouble=trouble)
