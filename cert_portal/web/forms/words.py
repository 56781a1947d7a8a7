"""The answers to choose from: the code that is stored and the words that people see."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

Words = Mapping[str, LazyString]

YES_NO: Words = {"yes": _("Yes"), "no": _("No"), "not_sure": _("Not sure")}

REPORTER_KINDS: Words = {
    "myself": _("Myself or my family"),
    "sme": _("A small or medium-sized business, or an association"),
    "large": _("A large organisation"),
    "specialist": _("I work in IT or security and report for others"),
    "overseas_cert": _("A response team or security body outside Hong Kong"),
    "not_sure": _("Not sure"),
}

HARDWARE: Words = {
    "computer": _("Desktop or laptop computer"),
    "phone": _("Mobile phone or tablet"),
    "server": _("Server"),
    "network": _("Router, Wi-Fi or other network equipment"),
    "payment": _("Payment terminal or till"),
    "device": _("Camera, printer or other connected device"),
    "storage": _("External disk, USB stick or file storage"),
}

SOFTWARE: Words = {
    "email": _("E-mail"),
    "website": _("Website or online shop"),
    "messaging": _("Messaging app"),
    "social": _("Social media account"),
    "cloud": _("Cloud service or shared files"),
    "database": _("Database or customer records"),
    "accounting": _("Accounting or banking software"),
    "operating_system": _("Operating system"),
}

SEVERITY: Words = {
    "0": _("0 – no effect"),
    "1": _("1 – a nuisance"),
    "2": _("2 – work is slower"),
    "3": _("3 – part of the work has stopped"),
    "4": _("4 – most of the work has stopped"),
    "5": _("5 – everything has stopped"),
    "": _("Not sure"),
}

AFFECTS: Words = {
    "confidentiality": _("Someone may have seen or taken information"),
    "integrity": _("Something was changed, deleted or cannot be trusted"),
    "availability": _("Something cannot be used or reached"),
}

AFFECTS_FORMAL: Words = {
    "confidentiality": _("Confidentiality"),
    "integrity": _("Integrity"),
    "availability": _("Availability"),
}

PRECISION: Words = {"exact": _("Exact"), "approximate": _("About then"), "unknown": _("I do not know")}

UNITS: Words = {"hours": _("hours"), "days": _("days")}

REACH: Words = {"contact": _("By e-mail or telephone"), "anonymous": _("Do not contact me: I want to stay anonymous")}

LANGUAGES: Mapping[str, str] = {"en": "English", "zh-hant": "中文（繁體）"}

CONTACT_TIMES: Words = {
    "any": _("Any time"),
    "morning": _("Morning, 9:00 to 13:00"),
    "afternoon": _("Afternoon, 13:00 to 18:00"),
    "evening": _("Evening, 18:00 to 22:00"),
}

CONSENTS: Words = {
    "police": _("The Police"),
    "pcpd": _("The Privacy Commissioner for Personal Data"),
    "isp": _("Internet, hosting and domain companies that can stop the attack"),
    "statistics": _("Other response teams, with everything that names me removed"),
}

OBSERVABLES: Words = {
    "url": _("Web address"),
    "domain": _("Domain"),
    "ip": _("IP address"),
    "email": _("E-mail address"),
    "hash": _("Hash"),
    "cve": _("CVE number"),
}

ORGANISATIONS: Words = {
    "isp": _("Internet service provider"),
    "hosting": _("Hosting provider"),
    "registry": _("Domain registry"),
    "registrar": _("Domain registrar"),
    "association": _("Trade association"),
    "police": _("Police"),
    "regulator": _("Regulator"),
    "government": _("Government liaison"),
    "vendor": _("Vendor"),
    "cert": _("Response team (CERT)"),
    "member": _("Member organisation"),
    "group": _("Group of members"),
    "bank": _("Bank"),
    "media": _("Media"),
    "other": _("Another organisation"),
}
