"""The partner face: a party opens its referral by the link of its letter, without an account, in two languages."""

from cert_portal.web.partner import referral
from cert_portal.web.partner.blueprint import partner

__all__ = ["partner", "referral"]
