"""For programs: health, readiness, metrics; and the outgoing mail of a demonstration."""

from cert_portal.web.machine import dev_mail, health
from cert_portal.web.machine.blueprint import machine

__all__ = ["dev_mail", "health", "machine"]
