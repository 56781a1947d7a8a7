"""Values that stand in notes: offered, reviewed, never added by themselves."""

from __future__ import annotations

import pytest

from cert_portal.cases import ignored, noted, service, values
from cert_portal.cases.ignored import ValueRefused
from cert_portal.cases.models import Case, Verdict
from cert_portal.cases.noted import Noted
from cert_portal.core.events import of_subjects
from cert_portal.directory.models import User
from tests.cases.desk import a_report, kinds_of, person

NOTE = "Also hxxps://worse[.]example/x from 198.51.100.9 and 192.168.0.1, see 192.0.2.7; ask ann@portal.example"


@pytest.fixture
def case(context: object, ann: User) -> Case:
    return service.open_case([a_report("192.0.2.7 did it")], ann, title="A case", kind="phishing")


def offered(case: Case, user: User) -> list[Noted]:
    return noted.of_case(case, user, values.of_case(case, user))


def test_what_notes_name_is_offered_and_not_added(case: Case, ann: User) -> None:
    service.note(case, NOTE, ann)
    service.note(case, "Again 198.51.100.9", ann)
    assert [(each.kind, each.value, each.who) for each in offered(case, ann)] == [
        ("url", "https://worse.example/x", "Ann"),
        ("domain", "worse.example", "Ann"),
        ("ip", "198.51.100.9", "Ann"),
    ]
    assert [each.value for each in values.of_case(case, ann)] == ["192.0.2.7"]
    ignored.ignore("worse.example", "everybody's", None, ann)
    assert [each.kind for each in offered(case, ann)] == ["url", "ip"]


def test_what_is_reviewed_belongs_to_the_case_and_says_where_it_comes_from(case: Case, ann: User) -> None:
    service.note(case, NOTE, ann)
    url, domain, address = (each.key for each in offered(case, ann))
    assert noted.review(case, [url, "ip.none"], Verdict.CONFIRMED, ann) == 1
    assert noted.review(case, [domain], Verdict.REJECTED, ann) == 1
    assert [each.key for each in offered(case, ann)] == [address]
    told = {each.value: (each.verdict, each.source, each.added_by) for each in values.of_case(case, ann)}
    assert told == {
        "192.0.2.7": (Verdict.NEW, "", None),
        "https://worse.example/x": (Verdict.CONFIRMED, "note", ann.id),
        "worse.example": (Verdict.REJECTED, "note", ann.id),
    }
    assert kinds_of(case.number)[-4:] == ["case.values_added", "case.values_judged"] * 2
    with pytest.raises(ValueRefused, match="no_value"):
        noted.review(case, [url], Verdict.CONFIRMED, ann)
    assert len(of_subjects([case.number])) == len(kinds_of(case.number))


def test_a_line_that_puts_another_right_is_a_note_too(case: Case, ann: User) -> None:
    service.note(case, "198.51.100.9", ann)
    line = offered(case, ann)[0].line
    service.note(case, "It was 198.51.100.10", person("Bob"), line=line)
    assert [(each.value, each.who) for each in offered(case, ann)] == [
        ("198.51.100.9", "Ann"),
        ("198.51.100.10", "Bob"),
    ]
