"""What the reports of a case name, and as which files it leaves."""

from __future__ import annotations

import json

import pytest

from cert_portal.cases import indicators, service
from cert_portal.cases.indicators import Form
from cert_portal.cases.models import Case
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.intake import stix
from cert_portal.intake.observables import find
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
    return service.open_case([a_report(WORDS), a_report("again 192.0.2.7")], ann, title="Fake bank", kind="phishing")


def test_each_value_stands_once_with_who_else_names_it(case: Case, ann: User) -> None:
    other = service.open_case([a_report("192.0.2.7 and 192.168.1.1")], ann, title="other", kind="phishing")
    hidden = service.open_case([a_report("192.0.2.7")], ann, title="hidden", kind="phishing", restricted=True)
    found = {each.value: each for each in indicators.of_case(case, ann)}
    assert (found["192.0.2.7"].reports, found["192.0.2.7"].cases) == (2, (hidden.number, other.number))
    assert (found["192.168.1.1"].known, found["192.168.1.1"].cases) == (True, ())
    assert {each.kind for each in found.values()} == {kind for kind, _ in find(WORDS)}
    bob = person("Bob")
    assert {each.value: each.cases for each in indicators.of_case(case, bob)}["192.0.2.7"] == (other.number,)
    assert indicators.of_case(hidden, bob) == []


def test_what_is_ticked_leaves_and_is_recorded(case: Case, ann: User) -> None:
    keys = [each.key for each in indicators.of_case(case, ann) if each.kind == "ip"]
    found = indicators.export(case, [*keys, "ip.nonsense"], Form.CSV, TLP.GREEN, ann)
    assert {each.kind for each in found} == {"ip"}
    assert kinds_of(case.number)[-1] == "case.observables_exported"
    rows = indicators.as_rows(found, TLP.GREEN)
    assert rows[0] == ("kind", "value", "reports", "tlp")
    assert ("ip", "192.0.2.7", "2", "TLP:GREEN") in rows


def test_the_bundle_is_read_again_by_our_own_reader(case: Case, ann: User) -> None:
    found = indicators.of_case(case, ann)
    bundle = json.loads(indicators.as_stix(case, found, TLP.AMBER_STRICT))
    kinds = [each["type"] for each in bundle["objects"]]
    assert kinds[:2] == ["identity", "marking-definition"]
    patterns = [each["pattern"] for each in bundle["objects"][2:]]
    assert "[ipv6-addr:value = '2001:db8::7']" in patterns
    assert "[file:hashes.'MD5' = 'd41d8cd98f00b204e9800998ecf8427e']" in patterns
    assert "[url:value = 'https://bad.example/its']" in patterns
    assert not any("4760" in each or "CVE" in each for each in patterns)
    assert all(each["object_marking_refs"] == [bundle["objects"][1]["id"]] for each in bundle["objects"][2:])
    again = json.loads(indicators.as_stix(case, found, TLP.AMBER_STRICT))
    assert [each["id"] for each in again["objects"]] == [each["id"] for each in bundle["objects"]]
    assert stix.read(json.dumps(bundle).encode())


def test_the_event_for_misp_has_every_value(case: Case, ann: User) -> None:
    found = indicators.of_case(case, ann)
    event = json.loads(indicators.as_misp(case, found, TLP.CLEAR))["Event"]
    assert event["Tag"] == [{"name": "tlp:clear"}]
    told = {each["value"]: each for each in event["Attribute"]}
    assert set(told) == {each.value for each in found}
    assert (told["192.168.1.1"]["to_ids"], told["192.0.2.7"]["to_ids"]) == (False, True)
    assert told["d41d8cd98f00b204e9800998ecf8427e"]["type"] == "md5"
