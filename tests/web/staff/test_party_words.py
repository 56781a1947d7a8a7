"""Every code of the directory and of referrals has words, in both languages."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from cert_portal.coordination.letters import Purpose
from cert_portal.coordination.lists import View
from cert_portal.coordination.sealing import Seal
from cert_portal.coordination.workflow import ReferralRefused, State
from cert_portal.core import events
from cert_portal.core.mail.letters import names
from cert_portal.directory.parties import ContactRole, LetterFormat, OrganisationKind, Reach, ServiceLevel
from cert_portal.directory.refusal import DirectoryRefused
from cert_portal.web.staff import directory_words, referral_words

SAID_OTHERWISE = {"sent", "reminded", "acknowledged", "answered", "resolved", "not_theirs"}


@pytest.mark.parametrize(
    ("codes", "known"),
    [
        (OrganisationKind, directory_words.KINDS),
        (Reach, directory_words.REACHES),
        (ContactRole, directory_words.CONTACT_ROLES),
        (ServiceLevel, directory_words.SERVICE_LEVELS),
        (LetterFormat, directory_words.FORMATS),
        (View, referral_words.VIEWS),
        (View, referral_words.EMPTY),
        ([*State, "unanswered"], referral_words.STATES),  # figures say of a referral that nobody answered it yet
        (Purpose, referral_words.PURPOSES),
        (Seal, referral_words.SEALS),
        ([name for name in names() if name.startswith("referral_")], referral_words.LETTERS),
    ],
)
def test_every_code_has_words(codes: list[str], known: dict[str, str]) -> None:
    assert set(codes) == set(known)


@pytest.mark.parametrize(
    ("error", "known"), [(DirectoryRefused, directory_words.REFUSED), (ReferralRefused, referral_words.REFUSED)]
)
def test_every_refusal_has_words(error: type[Exception], known: dict[str, str]) -> None:
    named = set(
        re.findall(
            r"\b[a-z]+(?:_[a-z]+)+\b|\bstate\b|\bconsent\b|\bfuture\b|\bexercise\b",
            (error.__doc__ or "").partition("\n\n")[2],
        )
    )
    assert named == set(known)


def test_every_event_has_words() -> None:
    shown = {kind.name for kind in events.kinds() if kind.name.startswith("referral.")}
    assert shown - {f"referral.{each}" for each in SAID_OTHERWISE} <= set(referral_words.EVENTS)
    shown = {kind.name for kind in events.kinds() if kind.name.startswith(("organisation.", "contact.", "key."))}
    assert shown == set(directory_words.EVENTS)


def test_every_word_is_chinese_in_chinese(app: Flask) -> None:
    with app.test_request_context("/zh-hant/"):
        for module in (directory_words, referral_words):
            tables = {name: table for name, table in vars(module).items() if name.isupper()}
            for name in set(tables) - {"STATE_COLOURS", "PLACES", "TELLERS"}:
                if isinstance(tables[name], str):  # a code of an event
                    continue
                bare = [str(told) for told in tables[name].values() if not re.search("[\u4e00-\u9fff]", str(told))]
                assert bare == [], name
