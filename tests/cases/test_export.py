"""Files that leave the desk."""

from __future__ import annotations

import json

import pytest

from cert_portal.cases import export, service, tags
from cert_portal.cases.query import QueryRefused, parse
from cert_portal.core.events import of_subjects
from cert_portal.directory.models import User
from tests.cases.desk import a_report, kinds_of, person

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def ann(context: object) -> User:
    return person()


def test_a_list_leaves_without_what_is_hidden_and_is_recorded(ann: User) -> None:
    bob = person("Bob")
    shown = service.open_case([a_report()], ann, title="=SUM(1)", kind="phishing")
    hidden = service.open_case([], ann, title="hidden", kind="phishing", restricted=True)
    service.take(shown, ann)
    tags.tag(shown, "wave", ann)
    head, *rows = export.rows(parse("kind:phishing"), bob)
    assert (head, len(rows)) == (export.COLUMNS, 1)
    told = dict(zip(head, rows[0], strict=True))
    assert told["number"] == shown.number
    assert (told["owner"], told["tags"], told["reports"], told["closed"], told["tlp"]) == (
        "Ann",
        "wave",
        "1",
        "",
        "TLP:AMBER",
    )
    assert len(list(export.rows(parse(""), ann))) == 3
    assert hidden.number not in str(rows)
    left = [event for event in of_subjects([bob.actor]) if event.kind == "desk.list_exported"]
    assert [(event.data, event.text) for event in left] == [({"cases": 1}, "kind:phishing")]
    with pytest.raises(QueryRefused):
        export.rows(parse("kind:nonsense"), bob)


def test_a_case_leaves_whole(ann: User) -> None:
    report = a_report("A page at https://bad.example/login", name="Rita")
    case = service.open_case([report], ann, title="Fake bank", kind="phishing")
    service.write_to_reporter(case, report, "Hello", "We look at it", ann)
    service.note(case, "colleagues only", ann)
    told = json.loads(json.dumps(export.whole(case, ann)))
    assert (told["tlp"], told["number"], told["title"], told["closed_at"]) == (
        "TLP:AMBER",
        case.number,
        "Fake bank",
        None,
    )
    assert told["reports"][0]["reporter"]["name"] == "Rita"
    assert {"kind": "domain", "value": "bad.example", "known": False} in told["reports"][0]["observables"]
    assert [each["letter"]["to"] for each in told["timeline"] if each["letter"]] == ["rita@victim.example"] * 2
    assert "colleagues only" in [each["text"] for each in told["timeline"]]
    assert kinds_of(case.number)[-1] == "case.exported"
    case.waiting_until = case.opened_at.date()
    assert export.whole(case, ann)["waiting_until"] == case.opened_at.date().isoformat()
