"""What the reports of a case name, and as which files it leaves."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest

from cert_portal.cases import indicators, reviewing, service, values
from cert_portal.cases.ignored import ValueRefused
from cert_portal.cases.indicators import Form
from cert_portal.cases.labels import set_label
from cert_portal.cases.models import Case, Verdict
from cert_portal.cases.values import Value
from cert_portal.cases.workflow import today
from cert_portal.core import clock
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.intake import stix
from tests.cases.desk import a_report, kinds_of

pytestmark = pytest.mark.usefixtures("context")
MISP_CATEGORIES = {
    "Network activity": {"url", "domain", "email", "ip-dst", "mac-address"},
    "External analysis": {"AS", "vulnerability"},
    "Financial fraud": {"phone-number", "btc", "other"},
    "Payload delivery": {"filename", "md5", "sha1", "sha256"},
}
"""Of MISP's describeTypes what we use: the types that each category has."""
WORDS = (
    "https://bad.example/its and 192.0.2.7, 2001:db8::7, a@bad.example, d41d8cd98f00b204e9800998ecf8427e, "
    "CVE-2026-1234, AS4760, 00:11:22:33:44:55, +852 5550 0100, "
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq, run.exe, 192.168.1.1"
)


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
    rows = indicators.as_rows(case, found, TLP.GREEN)
    assert rows[0] == ("kind", "value", "reports", "tlp", "review", "expires", "exercise")
    until = (today() + timedelta(days=values.USUAL_DAYS["ip"])).isoformat()
    assert ("ip", "192.0.2.7", "2", "TLP:GREEN", "new", until, "") in rows
    head, *lines = indicators.as_text(case, found, TLP.GREEN).splitlines()
    assert head.startswith(f"# TLP:GREEN {case.number} 20")
    assert "192.0.2.7" in lines


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
    reviewing.judge(case, named("192.0.2.7"), Verdict.CONFIRMED, ann)
    bundle = json.loads(indicators.as_stix(case, named("192.0.2.7"), TLP.CLEAR))
    assert bundle["objects"][2]["valid_until"] > bundle["objects"][2]["valid_from"]
    closed = service.open_case([a_report("192.0.2.8")], ann, title="x", kind="phishing", restricted=True)
    assert indicators.labels(closed, ann) == [TLP.AMBER_STRICT, TLP.RED]
    usual = service.open_case([a_report("192.0.2.9")], ann, title="x", kind="phishing")
    assert indicators.labels(usual, ann) == [TLP.AMBER, TLP.AMBER_STRICT, TLP.RED]
    with pytest.raises(ValueRefused, match="tlp"):
        indicators.export(closed, values.of_case(closed, ann), Form.CSV, TLP.GREEN, ann)


def test_the_bundle_is_read_again_by_our_own_reader(case: Case, ann: User) -> None:
    reviewing.judge(case, values.of_case(case, ann), Verdict.CONFIRMED, ann)
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
    [silent] = [each for each in bundle["objects"] if each["type"] == "ipv4-addr"]
    assert silent["value"] == "192.168.1.1", "a private address is no indicator, whoever confirms it"
    told = {*patterns, silent["value"], flaw["name"], *("\n".join(notes).splitlines())}
    assert len(told) == len(found), "nothing is left out"
    assert all(each["object_marking_refs"] == [bundle["objects"][1]["id"]] for each in bundle["objects"][2:])
    again = json.loads(indicators.as_stix(case, found, TLP.AMBER_STRICT))
    assert [each["id"] for each in again["objects"]] == [each["id"] for each in bundle["objects"]]
    assert stix.read(json.dumps(bundle).encode())


def test_what_has_the_same_id_was_created_at_the_same_time(case: Case, ann: User) -> None:
    reviewing.paste(case, "198.51.100.7", ann)
    reviewing.judge(case, values.of_case(case, ann), Verdict.CONFIRMED, ann)
    first = json.loads(indicators.as_stix(case, values.of_case(case, ann), TLP.CLEAR))["objects"]
    with clock.turned_to(clock.now() + timedelta(hours=2)):
        service.attach(case, [a_report("once more 192.0.2.7")], ann)
        again = json.loads(indicators.as_stix(case, values.of_case(case, ann), TLP.CLEAR))["objects"]
    times = {each["id"]: (each.get("created"), each.get("valid_from")) for each in first}
    assert times == {each["id"]: (each.get("created"), each.get("valid_from")) for each in again}
    assert {each["type"] for each in first if "modified" in each} >= {"identity", "indicator", "vulnerability", "note"}
    assert all(each["created"] <= each["modified"] for each in [*first, *again] if "modified" in each)
    assert any(new["modified"] > old["modified"] for old, new in zip(first, again, strict=True) if "modified" in old)


def test_the_event_for_misp_has_every_value(case: Case, ann: User) -> None:
    found = values.of_case(case, ann)
    event = json.loads(indicators.as_misp(case, found, TLP.CLEAR))["Event"]
    assert event["Tag"] == [{"name": "tlp:clear"}]
    assert event["info"] == f"{case.number} Phishing"
    case.kind = "not_sure"
    assert json.loads(indicators.as_misp(case, found, TLP.CLEAR))["Event"]["info"] == case.number
    told = {each["value"]: each for each in event["Attribute"]}
    assert set(told) == {each.value for each in found}
    assert not any(each["to_ids"] for each in event["Attribute"]), "nobody reviewed them"
    assert told["192.0.2.7"]["comment"] == f"{case.number} new"
    for each in event["Attribute"]:
        assert each["type"] in MISP_CATEGORIES[each["category"]], each
    reviewing.judge(case, found, Verdict.CONFIRMED, ann)
    event = json.loads(indicators.as_misp(case, values.of_case(case, ann), TLP.CLEAR))["Event"]
    detected = {each["value"] for each in event["Attribute"] if each["to_ids"]}
    assert detected == {each.value for each in found if each.kind in indicators.SENSED} - {"192.168.1.1"}
    assert not {"AS4760", "CVE-2026-1234", "00:11:22:33:44:55"} & detected, "no sensor looks for these"


def test_what_nobody_confirmed_is_an_observable_of_the_bundle(case: Case, ann: User) -> None:
    """No program takes it for a rule; the ids are those that every producer gives them (STIX 2.1, section 2.9)."""
    bundle = json.loads(indicators.as_stix(case, values.of_case(case, ann), TLP.AMBER))
    kinds = [each["type"] for each in bundle["objects"]]
    assert "indicator" not in kinds
    told = {each["type"]: each for each in bundle["objects"]}
    assert told["ipv6-addr"]["value"] == "2001:db8::7"
    assert told["autonomous-system"]["number"] == 4760
    assert {"created", "created_by_ref"} & told["url"].keys() == set()
    [hashed] = [each for each in bundle["objects"] if "hashes" in each]
    assert hashed["hashes"] == {"MD5": "d41d8cd98f00b204e9800998ecf8427e"}
    [address] = [each for each in bundle["objects"] if each.get("value") == "192.0.2.7"]
    made_of = uuid.uuid5(indicators.NAMESPACE, '{"value":"192.0.2.7"}')
    assert address["id"] == f"ipv4-addr--{made_of}"
    assert stix.read(json.dumps(bundle).encode())


def test_what_leaves_an_exercise_says_so_and_is_for_no_detection(ann: User) -> None:
    report = a_report("0x52908400098527886E0F7030069857D2E4169EE7 and 192.0.2.7", drill=True)
    case = service.open_case([report], ann, title="x", kind="phishing")
    assert case.drill
    reviewing.judge(case, values.of_case(case, ann), Verdict.CONFIRMED, ann)
    found = values.of_case(case, ann)
    event = json.loads(indicators.as_misp(case, found, TLP.AMBER))["Event"]
    assert event["info"].startswith("[EXERCISE 演習] ")
    assert {"name": "exercise"} in event["Tag"]
    assert {each["type"]: each["to_ids"] for each in event["Attribute"]} == {"ip-dst": False, "other": False}
    *objects, note = json.loads(indicators.as_stix(case, found, TLP.AMBER))["objects"]
    assert "indicator" not in {each["type"] for each in objects}
    assert (note["content"], note["labels"]) == ("[EXERCISE 演習]", ["exercise"])
    assert {each["id"] for each in objects[2:]} < set(note["object_refs"])
    assert {row[-1] for row in indicators.as_rows(case, found, TLP.AMBER)[1:]} == {"yes"}
