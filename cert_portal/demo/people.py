"""Fixed staff accounts, the starter directory, and three reports that wait for somebody."""

from __future__ import annotations

from dataclasses import dataclass

from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.directory import accounts, importing
from cert_portal.directory.permissions import Role
from cert_portal.intake.models import Report
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission


@dataclass(frozen=True)
class DemoUser:
    """A person of the demonstration; what is printed is what signs in."""

    email: str
    name: str
    role: Role
    passphrase: str
    totp: str


USERS = (
    DemoUser(
        "analyst@portal.example", "Ann Lam", Role.ANALYST, "demo harbour lantern 1", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    ),
    DemoUser(
        "second@portal.example", "Ben Ho", Role.ANALYST, "demo harbour lantern 2", "JBSWY3DPEHPK3PXQJBSWY3DPEHPK3PXQ"
    ),
    DemoUser(
        "supervisor@portal.example",
        "Carol Yip",
        Role.SUPERVISOR,
        "demo harbour lantern 3",
        "JBSWY3DPEHPK3PXRJBSWY3DPEHPK3PXR",
    ),
    DemoUser(
        "admin@portal.example", "Dan Wu", Role.ADMIN, "demo harbour lantern 4", "JBSWY3DPEHPK3PXSJBSWY3DPEHPK3PXS"
    ),
    DemoUser(
        "editor@portal.example", "Eva Mak", Role.EDITOR, "demo harbour lantern 5", "JBSWY3DPEHPK3PXTJBSWY3DPEHPK3PXT"
    ),
    DemoUser(
        "approver@portal.example",
        "Fred Sin",
        Role.APPROVER,
        "demo harbour lantern 6",
        "JBSWY3DPEHPK3PXUJBSWY3DPEHPK3PXU",
    ),
    DemoUser(
        "liaison@portal.example",
        "Grace Poon",
        Role.LIAISON,
        "demo harbour lantern 7",
        "JBSWY3DPEHPK3PXVJBSWY3DPEHPK3PXV",
    ),
    DemoUser(
        "coordinator@member.example",
        "Helen Kwok",
        Role.MEMBER,
        "demo harbour lantern 8",
        "JBSWY3DPEHPK3PXWJBSWY3DPEHPK3PXW",
    ),
    DemoUser(
        "survey@member.example", "Ivan Tse", Role.MEMBER, "demo harbour lantern 9", "JBSWY3DPEHPK3PXXJBSWY3DPEHPK3PXX"
    ),
    DemoUser(
        "museum@member.example", "鄭美玲", Role.MEMBER, "demo harbour lantern 10", "JBSWY3DPEHPK3PXYJBSWY3DPEHPK3PXY"
    ),
)
CHINESE = frozenset({"museum@member.example"})
"""Accounts whose pages begin in Chinese."""

REPORTS = (
    Submission(
        language=Language.EN,
        kind="phishing",
        reporter_kind="sme",
        description="A text message sent my staff to https://parcel-fee.example/pay and one typed our card number.",
        name="Wong Tai Noodle Shop",
        email="owner@noodles.example",
        telephone="+852 5550 0111",
        affects=["confidentiality"],
        tolerable_hours=24,
    ),
    Submission(
        language=Language.ZH_HANT,
        kind="phishing",
        reporter_kind="myself",
        description="收到短訊說包裹要補運費，連結是 https://parcel-fee.example/pay ，我輸入了信用卡資料先發現唔對路。",
        email="chan@mail.example",
        tolerable_hours=None,
    ),
    Submission(
        language=Language.ZH_HANT,
        kind="ransomware",
        reporter_kind="sme",
        description="今早開店後收銀機和辦公室電腦的檔案全部打不開，桌面有一封要求付款的英文信。",
        name="陳先生",
        telephone="+852 5550 0122",
        affects=["availability", "integrity"],
        severity_told=5,
        tolerable_hours=4,
    ),
)


def load_users() -> None:
    """Make the fixed accounts that are missing."""
    for each in USERS:
        if accounts.by_email(each.email) is None:
            language = Language.ZH_HANT if each.email in CHINESE else Language.EN
            user = accounts.add_user(each.email, each.name, each.passphrase, [each.role], language=language)
            accounts.keep_secret(user, each.totp, "system")


def load_directory() -> int:
    """The starter directory into an empty one, its made-up keys into the desk key ring; answers how many lines.

    Runs gpg: no transaction may be open.
    """
    if not importing.is_empty():
        return 0
    entries = importing.read(importing.STARTER.name, importing.STARTER.read_bytes())
    session.rollback()
    importing.take_keys(entries)
    return importing.store(entries, "system").read


def is_empty() -> bool:
    """Whether nobody has reported anything yet."""
    return session.query(Report.id).first() is None


def load_reports() -> int:
    """Reports of this very moment, read and acknowledged by the jobs; answers how many were made."""
    for each in REPORTS:
        receive(each, Channel.WEB if each.email else Channel.TELEPHONE)
    return len(REPORTS)
