"""A report in progress: kept 14 days, opened by its link, sent once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from cert_portal.core import blobs, clock
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.intake import drafts, files
from cert_portal.intake.drafts import DraftIncomplete, ReportDraft, ReportFile
from cert_portal.intake.models import Report

ENOUGH: dict[str, Any] = {"description": "Files are locked", "email": "ann@shop.example"}


@pytest.fixture
def draft(context: Flask) -> Iterator[ReportDraft]:
    made = drafts.start(Language.EN)
    session.commit()
    yield made
    session.rollback()


def test_the_link_opens_it_for_fourteen_days(draft: ReportDraft) -> None:
    token = drafts.token_of(draft)
    assert drafts.open_draft(token) is draft
    with clock.turned_to(clock.now() + timedelta(days=13, hours=23)):
        assert drafts.open_draft(token) is draft
    with clock.turned_to(clock.now() + timedelta(days=14, minutes=1)):
        assert drafts.open_draft(token) is None


@pytest.mark.parametrize("token", ["", "1", "1-", "1-wrong", "²-x", "-", "9" * 40 + "-x", "1-é", "a\x00-b"])
def test_no_other_link_opens_it(draft: ReportDraft, token: str) -> None:
    assert drafts.open_draft(token) is None


def test_a_right_mark_without_a_draft_opens_nothing(draft: ReportDraft) -> None:
    token = drafts.token_of(draft)
    session.delete(draft)
    session.flush()
    assert drafts.open_draft(token) is None


def test_later_answers_replace_earlier_ones(draft: ReportDraft) -> None:
    drafts.answer(draft, {"name": "Ann", "kind": "phishing"})
    drafts.answer(draft, {"name": "Bob"})
    assert draft.answers == {"name": "Bob", "kind": "phishing"}


def test_the_reserved_number_stays(draft: ReportDraft) -> None:
    number = drafts.reserve_number(draft)
    drafts.answer(draft, ENOUGH)
    assert drafts.reserve_number(draft) == number == drafts.send(draft).number


def test_sending_twice_gives_one_report(draft: ReportDraft) -> None:
    drafts.answer(draft, ENOUGH)
    file = drafts.add_file(draft, "log.txt", b"lines")
    first = drafts.send(draft)
    session.commit()
    drafts.answer(draft, {"description": "changed afterwards"})
    assert drafts.send(draft) is first
    assert session.query(Report).count() == 1
    assert (file.report_id, draft.answers) == (first.id, {})
    drafts.remove_file(draft, file.id)
    session.flush()
    assert session.get(ReportFile, file.id) is not None


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ({"email": "a@b.example"}, "what"),
        ({"description": "x"}, "contact"),
        ({"kind": "not_sure", "anonymous": True}, "what"),
    ],
)
def test_what_a_report_cannot_do_without(draft: ReportDraft, answers: dict[str, Any], missing: str) -> None:
    drafts.answer(draft, answers)
    with pytest.raises(DraftIncomplete, match=missing):
        drafts.send(draft)


@pytest.mark.parametrize(
    "answers",
    [{"kind": "phishing", "telephone": "2345 6789"}, {"description": "x", "anonymous": True}],
)
def test_little_is_enough(draft: ReportDraft, answers: dict[str, Any]) -> None:
    drafts.answer(draft, answers)
    assert drafts.send(draft).id


def test_answers_become_a_submission(draft: ReportDraft) -> None:
    at = "2026-05-04T02:00:00+00:00"
    drafts.answer(draft, {"what_form": {"x": ["y"]}, "occurred_at": at, "discovered_at": None, "name": "Ann"})
    submission = drafts.submission_of(draft)
    assert (submission.name, submission.discovered_at, submission.language) == ("Ann", None, Language.EN)
    assert submission.occurred_at is not None
    assert submission.occurred_at.isoformat() == at


def test_files_are_taken_back_by_their_own_draft_only(draft: ReportDraft) -> None:
    file = drafts.add_file(draft, "a.txt", b"a")
    session.flush()
    other = drafts.start(Language.ZH_HANT)
    drafts.remove_file(other, file.id)
    drafts.remove_file(draft, 999)
    session.flush()
    assert session.get(ReportFile, file.id) is file
    drafts.remove_file(draft, file.id)
    session.flush()
    assert session.get(ReportFile, file.id) is None


def test_the_twenty_first_file_is_refused(draft: ReportDraft) -> None:
    for number in range(20):
        drafts.add_file(draft, f"{number}.txt", b"x")
    with pytest.raises(drafts.FileRefused, match="too_many"):
        drafts.add_file(draft, "one-more.txt", b"x")


def test_what_was_never_sent_is_forgotten_with_its_files(draft: ReportDraft) -> None:
    alone = drafts.add_file(draft, "a.txt", b"alone").blob_key
    drafts.add_file(draft, "b.txt", b"shared")
    sent = drafts.start(Language.EN)
    kept = drafts.add_file(sent, "c.txt", b"shared")
    drafts.answer(sent, ENOUGH)
    report = drafts.send(sent)
    session.commit()
    assert (drafts.expire(), files.forget_unused()) == (0, 0)
    with clock.turned_to(clock.now() + timedelta(days=15)):
        assert drafts.expire() == 2
        session.commit()
        assert files.forget_unused() == 1
    session.expire_all()
    assert session.query(ReportDraft).count() == 0
    assert (kept.report_id, kept.draft_id) == (report.id, None)
    assert blobs.get(kept.blob_key) == b"shared"
    with pytest.raises(FileNotFoundError):
        blobs.get(alone)


def test_a_file_that_is_being_stored_is_not_forgotten(context: Flask) -> None:
    key = blobs.put(b"no row yet")
    assert files.forget_unused() == 0
    assert blobs.get(key) == b"no row yet"
