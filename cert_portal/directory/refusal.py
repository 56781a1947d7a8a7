"""Why the directory refuses a change."""

from __future__ import annotations


class DirectoryRefused(Exception):
    """The change is not possible; `reason` is a code, `told` the value that is wrong.

    unknown_kind, unknown_reach, no_name, name_taken, bad_country, bad_asn, asn_taken, bad_prefix, prefix_taken,
    bad_domain, domain_taken, no_way, bad_email, unknown_role, unknown_level, unknown_tlp, unknown_format, bad_language,
    unknown_key, no_key, private_key, key_taken, not_a_member.
    """

    def __init__(self, reason: str, told: str = "") -> None:
        super().__init__(f"{reason.replace('_', ' ')}{f': {told}' if told else ''}")
        self.reason, self.told = reason, told
