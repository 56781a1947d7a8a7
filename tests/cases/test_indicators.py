"""What the reports of a case name, and as which files it leaves."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from cert_portal.cases import indicators, reviewing, service, values
from cert_portal.cases.ignored import ValueRefused
from cert_portal.cases.indicators import Form
from cert_portal.cases.labels import set_label
from cert_portal.cases.models import Case, Verdict
from cert_portal.cases.values import Value
from cert_portal.cases.workflow import today
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.intake import stix
from tests.cases.desk import a_report, kinds_of, person

pytestmark = pytest.mark.usefixtures("context")
WORDS = (
    "https://bad.example/its and 192.0.2.7, 2001:db8::7, a@bad.example, d41d8cd98f00b204e9800998ecf8427e, "
    "CVE-2026-1234, AS4760, 00:11:22:33:44:55, +852 5550 0100, "
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq, run.exe, 192.168.1.1"
)


@pytest.fixture
def ann(context: object) -> User:
    return person()


@pytest.fixture
def case(ann: User) -> Case:
    """A case that may travel to everybody."""
    found = service.open_case([a_report(WORDS), a_report("again 192.0.2.7")], ann, title="Fake bank", kind="phishing")
    set_label(found, TLP.CLEAR, "a warning to all", ann)
    return found


def test_what_is_ticked_leaves_and_is_recorded(case: Case, ann: User) -> None:
    every = values.of_case(case, ann)
    keys = [each.key for each in every if each.kind == "ip"]
    found = indicators.export(case, values.chosen(every, [*keys, "ip.nonsense"]), Form.CSV, TLP.GREEN, ann)
    assert {each.kind for each in found} == {"ip"}
    assert kinds_of(case.number)[-1] == "case.observables_exported"
    rows = indicators.as_rows(found, TLP.GREEN)
    assert rows[0] == ("kind", "value", "reports", "tlp", "review", "expires")
    until = (today() + timedelta(days=values.USUAL_DAYS["ip"])).isoformat()
    assert ("ip", "192.0.2.7", "2", "TLP:GREEN", "new", until) in rows
    assert "192.0.2.7\n" in indicators.as_text(found)


def test_what_a_person_took_out_does_not_leave_and_a_restricted_case_keeps_its_values_close(
    case: Case, ann: User
) -> None:
    def named(value: str) -> list[Value]:
        return [each for each in values.of_case(case, ann) if each.value == value]

    reviewing.judge(case, named("2001:db8::7"), Verdict.REJECTED, ann)
    with pytest.raises(ValueRefused, match="no_value"):
        indicators.export(case, named("2001:db8::7"), Form.CSV, TLP.CLEAR, ann)
    reviewing.hold_until(case, named("192.0.2.7"), today() - timedelta(days=1), ann)
    assert not indicators.may_leave(named("192.0.2.7")[0])
    reviewing.hold_until(case, named("192.0.2.7"), today(), ann)
    bundle = json.loads(indicators.as_stix(case, named("192.0.2.7"), TLP.CLEAR))
    assert bundle["objects"][2]["valid_until"] > bundle["objects"][2]["valid_from"]
    closed = service.open_case([a_report("192.0.2.8")], ann, title="x", kind="phishing", restricted=True)
    assert indicators.labels(closed, ann) == [TLP.AMBER_STRICT, TLP.RED]
    usual = service.open_case([a_report("192.0.2.9")], ann, title="x", kind="phishing")
    assert indicators.labels(usual, ann) == [TLP.AMBER, TLP.AMBER_STRICT, TLP.RED]
    with pytest.raises(ValueRefused, match="tlp"):
        indicators.export(closed, values.of_case(closed, ann), Form.CSV, TLP.GREEN, ann)


def test_the_bundle_is_read_again_by_our_own_reader(case: Case, ann: User) -> None:
    found = values.of_case(case, ann)
    bundle = json.loads(indicators.as_stix(case, found, TLP.AMBER_STRICT))
    kinds = [each["type"] for each in bundle["objects"]]
    assert kinds[:2] == ["identity", "marking-definition"]
    patterns = [each["pattern"] for each in bundle["objects"] if each["type"] == "indicator"]
    assert "[ipv6-addr:value = '2001:db8::7']" in patterns
    assert "[file:hashes.'MD5' = 'd41d8cd98f00b204e9800998ecf8427e']" in patterns
    assert "[url:value = 'https://bad.example/its']" in patterns
    assert "[autonomous-system:number = 4760]" in patterns
    [flaw] = [each for each in bundle["objects"] if each["type"] == "vulnerability"]
    assert flaw["external_references"][0] == {"source_name": "cve", "external_id": flaw["name"]}
    notes = [each["content"] for each in bundle["objects"] if each["type"] == "note"]
    told = {*patterns, flaw["name"], *("\n".join(notes).splitlines())}
    assert len(told) == len(found), "nothing is left out"
    assert all(each["object_marking_refs"] == [bundle["objects"][1]["id"]] for each in bundle["objects"][2:])
    again = json.loads(indicators.as_stix(case, found, TLP.AMBER_STRICT))
    assert [each["id"] for each in again["objects"]] == [each["id"] for each in bundle["objects"]]
    assert stix.read(json.dumps(bundle).encode())


def test_the_event_for_misp_has_every_value(case: Case, ann: User) -> None:
    found = values.of_case(case, ann)
    event = json.loads(indicators.as_misp(case, found, TLP.CLEAR))["Event"]
    assert event["Tag"] == [{"name": "tlp:clear"}]
    assert event["info"] == f"{case.number} Phishing"
    told = {each["value"]: each for each in event["Attribute"]}
    assert set(told) == {each.value for each in found}
    assert (told["192.168.1.1"]["to_ids"], told["192.0.2.7"]["to_ids"]) == (False, True)
    assert told["d41d8cd98f00b204e9800998ecf8427e"]["type"] == "md5"
