"""Files that leave the desk."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from cert_portal.cases import export, later, reviewing, service, tags, triage, values
from cert_portal.cases.bounds import labels
from cert_portal.cases.ignored import ValueRefused
from cert_portal.cases.labels import set_label
from cert_portal.cases.links import link
from cert_portal.cases.models import Verdict
from cert_portal.cases.query import QueryRefused, parse
from cert_portal.cases.visible import reports_of
from cert_portal.coordination import refer
from cert_portal.coordination.case_file import referrals_of_case
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.mail import exercise
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.monitoring import findings
from cert_portal.monitoring.machine_mail import Seen
from cert_portal.monitoring.models import Finding
from tests.cases.desk import a_report, kinds_of, person
from tests.directory.parties import party

pytestmark = pytest.mark.usefixtures("context")


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
    levels = []
    for rule, level in (("", None), ("attempt", None), ("core_system", 4)):
        shown.level_rule, shown.level = rule, level
        session.flush()
        levels.append(dict(zip(*list(export.rows(parse("kind:phishing"), bob)), strict=True))["level"])
    assert levels == ["", "no_level", "4"]


def test_a_case_leaves_whole(ann: User) -> None:
    report = a_report("A page at https://bad.example/login", name="Rita")
    case = service.open_case([report], ann, title="Fake bank", kind="phishing")
    service.write_to_reporter(case, report, "Hello", "We look at it", ann)
    service.note(case, "colleagues only", ann)
    told = json.loads(json.dumps(export.whole(case, ann, TLP.AMBER, notes=True)))
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
    assert {(each["line"][0], each["recorded_at"] >= each["at"]) for each in told["timeline"]} == {
        ("e", True),
        ("l", True),
    }
    sent = next(each["letter"] for each in told["timeline"] if each["kind"] == "letter.case_letter")
    assert (sent["state"], sent["language"], sent["sent_at"], sent["came_back"]) == ("queued", "en", None, "")
    assert (told["label"], told["named"], told["letters_for_later"]) == ("TLP:AMBER", [], [])
    case.waiting_until = case.opened_at.date()
    assert export.whole(case, ann, TLP.AMBER, notes=True)["waiting_until"] == case.opened_at.date().isoformat()


def test_a_case_leaves_with_who_may_see_it_and_what_waits(ann: User) -> None:
    case = service.open_case([a_report()], ann, title="Locked", kind="phishing", restricted=True)
    case.drill, case.waiting_until = True, case.opened_at.date()
    exercise.add("@victim.example", "", ann.actor)
    [report] = reports_of(case, ann)
    report.drill = True
    tomorrow = clock.now() + timedelta(days=1)
    later.plan(case, report, "Hello", "Dear {reporter}", tomorrow, ann)
    told = json.loads(json.dumps(export.whole(case, ann, TLP.RED, notes=True)))
    assert told["named"] == [{"name": "Ann", "code": "opened_by", "reason": ""}]
    facts = {"subject": "Hello", "text": f"Dear {report.reporter_name}", "state": "waits", "reason": ""}
    waits = {"report": report.number, "author": "Ann", "leaves_at": tomorrow.isoformat(), **facts}
    assert told["letters_for_later"] == [waits]
    head, row = export.rows(parse("is:open"), ann)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", row[head.index("opened")])
    assert row[head.index("waiting_until") :] == (case.opened_at.date().isoformat(), "yes", "yes", "TLP:AMBER+STRICT")


def test_why_a_value_is_ignored_leaves_with_the_notes_alone(ann: User) -> None:
    case = service.open_case([a_report("See https://bad.example/login")], ann, title="x", kind="phishing")
    reviewing.ignore(case, values.of_case(case, ann)[:1], "noise of ours", ann)
    for notes in (False, True):
        told = export.whole(case, ann, TLP.AMBER, notes=notes)
        assert sum(each["is_ignored"] for each in told["observables"]) == 1
        assert ("noise of ours" in json.dumps(told)) is notes
        assert {each["key"] for each in told["observables"]} >= set(told["timeline"][-1]["data"]["values"])


def test_a_case_leaves_with_every_item_of_the_incident_form(ann: User) -> None:
    told = {"hardware": ["server"], "severity_told": 0, "affects": ["integrity"], "tolerable_hours": 4.0}
    told |= {"personal_data": "yes", "pcpd_told": "no", "action_containment": "unplugged", "found_how": "a call"}
    case = service.open_case([a_report("A shop was attacked", **told)], ann, title="A shop", kind="phishing")
    form = export.whole(case, ann, TLP.AMBER, notes=True)["reports"][0]["form"]
    assert list(form) == [f"000-{number}" for number in range(49, 61)]
    assert form["000-49"] == {"description": "A shop was attacked"}
    assert form["000-51"] == {"hardware": ["server"], "software": []}
    assert form["000-52"] == {"severity_told": 0}
    assert form["000-57"] == {"personal_data": "yes", "personal_data_what": "", "pcpd_told": "no"}
    assert form["000-59"]["action_containment"] == "unplugged"
    assert set(form["000-59"]) == {"action_preparation", "action_detection", "action_containment", "action_post"}


def test_a_case_travels_no_wider_than_its_reports_and_its_restriction(ann: User) -> None:
    case = service.open_case([a_report()], ann, title="x", kind="phishing")
    assert labels(case, ann) == [TLP.AMBER, TLP.AMBER_STRICT, TLP.RED]
    closed = service.open_case([a_report()], ann, title="x", kind="phishing", restricted=True)
    assert labels(closed, ann, TLP.CLEAR) == [TLP.AMBER_STRICT, TLP.RED]
    marked = service.open_case([a_report(restriction="TLP:RED")], ann, title="x", kind="phishing")
    assert labels(marked, ann, TLP.CLEAR) == [TLP.RED]
    with pytest.raises(ValueRefused, match="tlp"):
        export.whole(marked, ann, TLP.AMBER, notes=True)
    assert [row[-1] for row in export.rows(parse(""), ann)] == ["tlp", "TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER"]


def test_a_case_travels_no_wider_than_a_restricted_case_that_stands_in_its_file(ann: User) -> None:
    """Through a link, whichever way it was drawn, or a report that both hold."""
    bob, shared = person("Bob"), a_report()
    closed = service.open_case([shared], ann, title="A bank", kind="phishing", restricted=True)
    linked, holding, other = (service.open_case([], ann, title="x", kind="phishing") for _ in range(3))
    link(linked, closed, "the same control host", ann)
    triage.attach(holding, [shared], ann)
    for case in (linked, holding):
        assert labels(case, ann) == [TLP.AMBER_STRICT, TLP.RED]
        with pytest.raises(ValueRefused, match="tlp"):
            export.whole(case, ann, TLP.AMBER, notes=False)
        assert labels(case, bob)[0] == TLP.AMBER, "to him it has neither link nor report, and its file neither"
    assert labels(other, ann)[0] == TLP.AMBER
    set_label(closed, TLP.RED, "", ann)
    assert labels(linked, ann) == labels(holding, ann) == [TLP.RED]
    early = service.open_case([], ann, title="x", kind="phishing")
    late = service.open_case([], ann, title="x", kind="phishing", restricted=True)
    link(late, early, "the same sender", ann)
    assert labels(early, ann)[0] == TLP.AMBER_STRICT


def test_a_case_leaves_with_what_was_seen_said_and_linked(ann: User) -> None:
    case, other = (service.open_case([a_report()], ann, title="x", kind="phishing") for _ in range(2))
    link(case, other, "one wave", ann)
    findings.keep([Seen("a feed", "phishing", url="https://bad.example/1", raw={"n": 1})], None)
    session.flush()
    service.attach_findings(case, session.query(Finding).all(), ann)
    found = next(each for each in values.of_case(case, ann) if each.kind == "domain")
    reviewing.judge(case, [found], Verdict.CONFIRMED, ann)
    told = json.loads(json.dumps(export.whole(case, ann, TLP.RED, notes=True)))
    assert told["links"] == [{"case": other.number, "code": "", "reason": "one wave"}]
    assert [each["url"] for each in told["findings"]] == ["https://bad.example/1"]
    judged = next(each for each in told["observables"] if each["kind"] == "domain")
    assert (judged["verdict"], judged["judged_by"]) == ("confirmed", "Ann")
    export.left(case.number, ann.actor, "json", TLP.RED, notes=False)
    assert kinds_of(case.number)[-1] == "case.exported"
    referral = refer.prepare(case, party(), ann, observables=[("url", "https://bad.example/1")])
    file = referrals_of_case(case, ann)[0]
    assert (file["number"], file["party"], file["observables"][0]["kind"]) == (
        referral.number,
        "Harbour Hosting",
        "url",
    )
    assert file["timeline"]
