"""The public face: the report, its status and the front page, in two languages, without an account."""

from cert_portal.web.public import check, evidence, figures, home, report, sent, status
from cert_portal.web.public.blueprint import public

__all__ = ["check", "evidence", "figures", "home", "public", "report", "sent", "status"]
