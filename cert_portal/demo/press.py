"""Advisories of the demonstration, written, read by a second person, signed and published as in life."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.demo.cast import staff, words
from cert_portal.demo.diary import Diary, keep
from cert_portal.demo.mailings import told
from cert_portal.directory.permissions import Role
from cert_portal.publishing import publish, service, tree
from cert_portal.publishing.content import Content, Words, digest, read_products, read_vulnerabilities
from cert_portal.publishing.models import AdvisoryVersion
from cert_portal.subscriptions import mailing

FURTHER = ("updated", "withdrawn")
AT_HAND = ("embargoed", "in_review", "draft")


def plan(diary: Diary, begin: datetime, most: int) -> None:
    """Let up to `most` advisories come out between `begin` and the end; a few more are at hand in the last days.

    Without a publication key nothing is published.
    """
    told = words("advisories")["advisory"]
    out = [each for each in told if each["until"] not in AT_HAND][:most] if current().publication_key else []
    step = (diary.end - begin) / (len(out) + 1)
    for number, each in enumerate(out):
        diary.on(diary.at_work(begin + step * (number + 0.6)), _Piece(diary, each).publish)
    for number, each in enumerate(told[-len(AT_HAND) :]):
        diary.on(diary.end - timedelta(hours=30 + number), _Piece(diary, each).prepare)


class _Piece:
    """One advisory."""

    def __init__(self, diary: Diary, told: dict[str, Any]) -> None:
        self.diary, self.told = diary, told

    def content(self) -> Content:
        told = self.told
        every = {language.value: {**told[language.value], "changed": ""} for language in Language}
        return Content(
            level=told["level"],
            exploited=told.get("exploited", False),
            proof_of_concept=told.get("proof_of_concept", False),
            products=read_products("\n".join(told.get("products", []))),
            vulnerabilities=read_vulnerabilities("\n".join(told.get("vulnerabilities", []))),
            references=tuple(told["references"]),
            words={language: Words(**each) for language, each in every.items()},
        )

    def prepare(self) -> AdvisoryVersion:
        """Take it as far as it goes before publication."""
        version = service.draft(staff(Role.EDITOR), self.content())
        if self.told["until"] != "draft":
            service.submit(version, staff(Role.EDITOR))
        if self.told["until"] == "embargoed":
            until = max(self.diary.end, datetime.now(clock.now().tzinfo)) + timedelta(days=5)
            self._approve(version, embargo=until)
        return version

    def publish(self) -> None:
        """Publish it; an update or a withdrawal follows."""
        version = self.prepare()
        self._approve(version)
        _issue(version.id)
        if self.told["until"] in FURTHER:
            self.diary.later(60, lambda: self._follow(version.id))

    def _follow(self, version_id: int) -> None:
        advisory, editor = session.get_one(AdvisoryVersion, version_id).advisory, staff(Role.EDITOR)
        following = service.begin_update(advisory, editor, withdrawal=self.told["until"] == "withdrawn")
        before = Content.of_json(following.content)
        texts = {
            language: replace(each, changed=self.told[language]["changed"]) for language, each in before.words.items()
        }
        service.change(following, replace(before, words=texts), digest(before), editor)
        service.submit(following, editor)
        self._approve(following)
        _issue(following.id)

    def _approve(self, version: AdvisoryVersion, **more: Any) -> None:
        seen = digest(Content.of_json(version.content))
        service.approve(version, seen, None, staff(Role.APPROVER), **more)


def _issue(version_id: int) -> None:
    """What the publication job does; subscribers were told, but no letter is kept."""
    with tree.alone():
        taken = publish.claim(version_id)
        keep()
        if taken is None:
            return
        signed = publish.sign(taken)
        publish.put(signed)
        done = publish.finish(version_id, signed)
        if done is not None:
            mailing.announce(done)
            told()
