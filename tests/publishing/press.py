"""Advisories for the tests: an editor, a second reader, words in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.directory.models import User
from cert_portal.publishing import service
from cert_portal.publishing.content import Content, Product, Vulnerability, Words, digest
from cert_portal.publishing.models import AdvisoryVersion
from tests.cases.desk import person
from workers.publishing import publish_advisory

ENGLISH = Words(
    title="Mail servers of Example can be taken over",
    summary="Whoever runs Example Mail should update today.",
    going_on="A flaw lets strangers run commands.\n\n- It needs no password.\n- It is used already.",
    affected="Everybody who runs Example Mail 4.",
    to_do="1. Update to 4.2.\n2. Look into the log for unknown names.",
    workaround="Close port 25 to the outside.",
    signs="New accounts that nobody made.",
)
CHINESE = Words(
    title="Example 郵件伺服器可被入侵",
    summary="使用 Example Mail 的機構應今天更新。",
    going_on="保安漏洞讓外人執行指令。\n\n- 毋須密碼。\n- 已有攻擊利用。",
    affected="所有使用 Example Mail 4 的機構。",
    to_do="1. 更新至 4.2。\n2. 檢查記錄有沒有陌生名稱。",
    workaround="對外關閉 25 埠。",
    signs="出現無人建立的帳戶。㗎",
)
FULL = Content(
    level=3,
    exploited=True,
    proof_of_concept=True,
    products=(Product("Example", "Mail", "4.0–4.1", "4.2"), Product("Example", "Mail Lite", "*", "")),
    vulnerabilities=(
        Vulnerability("CVE-2026-12345", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
        Vulnerability("CVE-2026-9999"),
    ),
    references=("https://example.com/security/1",),
    words={"en": ENGLISH, "zh-hant": CHINESE},
)
PLAIN = replace(FULL, level=2, exploited=False, proof_of_concept=False, products=(), vulnerabilities=())


def editor() -> User:
    """Who writes."""
    return person("Eva", "editor")


def reader() -> User:
    """Who reads second."""
    return person("Fred", "approver")


def told(content: Content, change: str) -> Content:
    """The content with word of what changed, in both languages."""
    words = {name: replace(each, changed=f"{change} ({name})") for name, each in content.words.items()}
    return replace(content, words=words)


def approved(author: User, second: User, content: Content = FULL, **more: Any) -> AdvisoryVersion:
    """A version that waits for its signature."""
    version = service.draft(author, content)
    service.submit(version, author)
    service.approve(version, digest(content), None, second, **more)
    session.commit()
    return version


def published(author: User, second: User, content: Content = FULL) -> AdvisoryVersion:
    """A version that is out."""
    return run(approved(author, second, content))


def run(version: AdvisoryVersion) -> AdvisoryVersion:
    """Let the publication job do its work, in a session of its own as in a worker."""
    number = version.id
    session.commit()
    publish_advisory(number)
    return session.get_one(AdvisoryVersion, number)


def updated(version: AdvisoryVersion, author: User, second: User, *, withdrawal: bool = False) -> AdvisoryVersion:
    """The next version of an advisory, out as well."""
    following = service.begin_update(version.advisory, author, withdrawal=withdrawal)
    before = Content.of_json(following.content)
    content = told(before, "The fix is out")
    service.change(following, content, digest(before), author)
    service.submit(following, author)
    service.approve(following, digest(content), None, second)
    return run(following)


def title(version: AdvisoryVersion, language: Language = Language.EN) -> str:
    """What the version is called."""
    return Content.of_json(version.content)[language].title
