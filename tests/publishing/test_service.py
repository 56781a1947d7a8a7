"""From draft to approval: two people, exactly the words that were read, a key that lasts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from cert_portal import config
from cert_portal.cases import service as cases
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.directory.models import User
from cert_portal.publishing import service
from cert_portal.publishing.content import Content, digest
from cert_portal.publishing.models import AdvisoryCase, AdvisoryState
from cert_portal.publishing.workflow import AdvisoryRefused, table
from tests.cases.desk import NOW, a_report, person
from tests.publishing.press import CHINESE, ENGLISH, FULL, approved, published, updated


def refused(reason: str) -> pytest.RaisesExc[AdvisoryRefused]:
    """The step is refused for this reason."""
    return pytest.raises(AdvisoryRefused, match=f"^{reason}")


def test_ids_count_from_one_each_year(eva: User) -> None:
    with clock.turned_to(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)):
        assert [service.draft(eva).advisory.public_id for _ in range(2)] == ["CP-A-2026-0001", "CP-A-2026-0002"]
    with clock.turned_to(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)):  # midnight in Hong Kong
        assert service.draft(eva).advisory.public_id == "CP-A-2027-0001"


def test_a_draft_names_the_cases_that_led_to_it_but_none_that_its_author_may_not_see(eva: User) -> None:
    ann = person()
    seen = cases.open_case([a_report()], ann, title="x", kind="phishing")
    hidden = cases.open_case([a_report()], ann, title="y", kind="phishing", restricted=True)
    version = service.draft(eva, cases=[seen.number, hidden.number, "C26-999999-9"])
    assert [row.case_id for row in session.query(AdvisoryCase)] == [seen.id]
    assert of_subjects([version.advisory.public_id])[0].data["cases"] == [seen.number]
    assert service.of_case(seen) == [version]
    assert service.of_case(hidden) == []


def test_nothing_is_overwritten_that_somebody_else_saved(eva: User) -> None:
    version = service.draft(eva)
    empty = digest(Content())
    service.change(version, FULL, empty, eva)
    with refused("changed_meanwhile"):
        service.change(version, replace(FULL, level=1), empty, person("Gus", "editor"))
    before = len(of_subjects([version.advisory.public_id]))
    service.change(version, FULL, digest(FULL), eva)
    assert len(of_subjects([version.advisory.public_id])) == before, "saving the same again is no event"


def test_a_draft_goes_on_only_when_both_languages_are_complete(eva: User) -> None:
    half = replace(FULL, words={"en": ENGLISH, "zh-hant": replace(CHINESE, summary="")})
    version = service.draft(eva, half)
    with refused("incomplete") as caught:
        service.submit(version, eva)
    assert caught.value.told == "zh-hant:summary"
    service.change(version, FULL, digest(half), eva)
    service.submit(version, eva)
    assert version.state == AdvisoryState.IN_REVIEW
    with refused("wrong_state"):
        service.change(version, half, digest(FULL), eva)


def test_nobody_approves_own_words(eva: User, fred: User) -> None:
    both = person("Max", "editor", "approver")
    version = service.draft(eva, replace(FULL, level=1))
    service.change(version, FULL, digest(replace(FULL, level=1)), both)
    service.submit(version, eva)
    for writer in (eva, both):
        with refused("own_words"):
            service.approve(version, digest(FULL), None, writer)
    service.approve(version, digest(FULL), None, fred)
    assert (version.state, version.approver_id) == (AdvisoryState.APPROVED, fred.id)


def test_of_two_readers_at_once_the_second_is_told(eva: User, fred: User) -> None:
    version = approved(eva, fred)
    with refused("wrong_state"):
        service.approve(version, digest(FULL), None, person("Gil", "approver"))


def test_what_is_approved_is_what_was_seen(eva: User, fred: User) -> None:
    version = service.draft(eva, FULL)
    service.submit(version, eva)
    with refused("changed_while_reading"):
        service.approve(version, digest(replace(FULL, level=4)), None, fred)


def test_a_key_that_ends_soon_is_refused_with_its_date(eva: User, fred: User) -> None:
    version = service.draft(eva, FULL)
    service.submit(version, eva)
    with clock.turned_to(NOW):
        with refused("key_expires 2026-05-24"):
            service.approve(version, digest(FULL), NOW + timedelta(days=20), fred)
        with refused("key_expires"):
            embargo = {"embargo": NOW + timedelta(days=60)}
            service.approve(version, digest(FULL), NOW + timedelta(days=80), fred, **embargo)
        service.approve(version, digest(FULL), NOW + timedelta(days=31), fred)


def test_when_the_publication_key_ends(context: Flask) -> None:
    ends = service.key_end()
    assert ends is not None
    assert timedelta(days=1000) < ends - clock.now() < timedelta(days=1100)
    here = config.current()
    config.use(replace(here, publication_key="0" * 40))
    with refused("no_key"):
        service.key_end()
    config.use(here)


def test_a_key_that_never_ends(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cert_portal.core.crypto.Keyring.expires", lambda _self: None)
    assert service.key_end() is None


def test_an_embargo_lies_in_the_future_and_not_too_far(eva: User, fred: User) -> None:
    version = service.draft(eva, FULL)
    service.submit(version, eva)
    with clock.turned_to(NOW):
        with refused("embargo_past"):
            service.approve(version, digest(FULL), None, fred, embargo=NOW)
        with refused("embargo_far"):
            far = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
            service.approve(version, digest(FULL), NOW + timedelta(days=80), fred, embargo=far)
        service.approve(version, digest(FULL), None, fred, embargo=NOW + timedelta(hours=1))
    assert version.state == AdvisoryState.EMBARGOED


def test_an_approval_can_be_taken_back_until_it_is_signed(eva: User, fred: User) -> None:
    version = approved(eva, fred)
    service.give_back(version, "One more source, please", fred)
    assert (version.state, version.approver_id, version.approved_digest) == (AdvisoryState.DRAFT, None, "")
    assert of_subjects([version.advisory.public_id])[-1].text == "One more source, please"
    service.submit(version, eva)
    service.approve(version, digest(FULL), None, fred)
    version.lease_until = clock.now() + timedelta(minutes=1)
    session.flush()
    with refused("wrong_state"):
        service.give_back(version, "", fred)


def test_an_update_keeps_the_id_and_must_say_what_changed(eva: User, fred: User) -> None:
    draft = service.draft(eva, FULL)
    with refused("unfinished_version"):
        service.begin_update(draft.advisory, eva)
    first = published(eva, fred)
    second = service.begin_update(first.advisory, eva)
    assert (second.version, second.change, second.advisory.public_id) == (2, "update", first.advisory.public_id)
    with refused("incomplete") as caught:
        service.submit(second, eva)
    assert caught.value.told == "en:changed, zh-hant:changed"
    with refused("unfinished_version"):
        service.begin_update(first.advisory, eva)


def test_what_is_withdrawn_is_not_updated(eva: User, fred: User) -> None:
    last = updated(published(eva, fred), eva, fred, withdrawal=True)
    with refused("not_published"):
        service.begin_update(last.advisory, eva)


def test_the_table_of_the_manual_names_every_state() -> None:
    assert all(state in table() for state in AdvisoryState if state not in ("superseded", "withdrawn", "published"))
