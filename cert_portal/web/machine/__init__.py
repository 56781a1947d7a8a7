"""For programs: the public record, keys, one click off the list, health; and the mail of a demonstration."""

from cert_portal.web.machine import api, dev_mail, health, record, reports, sms, unsubscribe
from cert_portal.web.machine.blueprint import machine

__all__ = ["api", "dev_mail", "health", "machine", "record", "reports", "sms", "unsubscribe"]
