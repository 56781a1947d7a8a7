"""Findings of machines become a case, part of one, or are set aside; who may not see the case sees none of it."""

from __future__ import annotations

import pytest
from sqlalchemy import true

from cert_portal.cases import bounds, service, sightings, timeline
from cert_portal.cases import search as searching
from cert_portal.cases.models import Case
from cert_portal.cases.triage import TriageRefused
from cert_portal.cases.visible import find_findings, findings_visible_to
from cert_portal.cases.workflow import State
from cert_portal.coordination.proposals import observables_of
from cert_portal.core.db import session
from cert_portal.core.tlp import TLP
from cert_portal.directory import organisations
from cert_portal.directory.models import User
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.monitoring import findings as seen
from cert_portal.monitoring.findings import UnknownReason, Wanted
from cert_portal.monitoring.machine_mail import Seen
from cert_portal.monitoring.models import Finding
from tests.cases.desk import a_report, kinds_of, last, person


@pytest.fixture
def found(context: object) -> list[Finding]:
    """Two addresses of a host that the directory knows, and a page of nobody."""
    organisations.add(OrganisationTold("hosting", "Harbour Hosting", domains=["harbour.example"]), "system")
    told = [Seen("scan", "botnet", domain=f"a{n}.harbour.example", raw={"n": n}) for n in (1, 2)]
    page = Seen("scan", "phishing", url="https://bad.example/x", domain="bad.example", ip="192.0.2.1")
    seen.keep([*told, page], None)
    session.flush()
    return list(session.query(Finding).order_by(Finding.id))


def test_one_case_from_many_findings(found: list[Finding], ann: User) -> None:
    case = service.open_case_of(found, ann, title="Two hosts and a page", kind="botnet")
    assert [(each.state, each.case_number) for each in found] == [("in_case", case.number)] * 3
    assert kinds_of(case.number) == ["case.opened", "case.findings_attached"]
    assert last(case.number).data == {"findings": 3, "feeds": ["scan"]}
    assert last(found[0].subject).data == {"case": case.number}
    listed, count = sightings.findings_of(case, ann)
    assert (listed, count) == (found[::-1], 3)
    assert [each.kind for each in timeline.of_finding(found[0], ann)] == ["finding.attached"]
    assert searching.find("Two hosts", ann).cases == [case]
    assert searching.find("a2.harbour.example", ann).cases == [case], "found by what machines saw"


def test_the_case_may_be_passed_on_to_who_answers_for_them(found: list[Finding], ann: User) -> None:
    case = service.open_case_of(found, ann, title="x", kind="botnet")
    told = {("url", "https://bad.example/x"), ("ip", "192.0.2.1"), ("domain", "a1.harbour.example")}
    assert told <= set(observables_of(case, ann))
    assert ("domain", "bad.example") not in observables_of(case, ann), "the address says it already"


def test_a_case_travels_no_wider_than_its_findings(found: list[Finding], ann: User) -> None:
    found[0].restriction = "TLP:AMBER+STRICT"
    case = service.open_case_of(found, ann, title="x", kind="botnet")
    assert bounds.labels(case, ann) == [TLP.AMBER_STRICT, TLP.RED]


def test_findings_join_an_open_case_and_no_closed_one(found: list[Finding], ann: User) -> None:
    case = service.open_case([a_report()], ann, title="x", kind="phishing")
    service.attach_findings(case, found[:1], ann)
    assert found[0].case_number == case.number
    case.state = State.CLOSED
    with pytest.raises(TriageRefused) as refused:
        service.attach_findings(case, found[1:], ann)
    assert refused.value.reason == "closed"
    assert found[1].state == "open"


def test_nobody_decides_twice_about_one_finding(found: list[Finding], ann: User) -> None:
    case = service.open_case_of(found[:1], ann, title="x", kind="botnet")
    for rows in (found, []):
        with pytest.raises(TriageRefused) as refused:
            service.open_case_of(rows, ann, title="y", kind="botnet")
        assert refused.value.reason == "finding_taken"
    assert session.query(Case).all() == [case]
    assert seen.set_aside(found, "repaired", ann) == 2, "the one in the case stays there"
    assert [each.state for each in found] == ["in_case", "set_aside", "set_aside"]


def test_setting_aside_has_a_reason_and_can_be_undone(found: list[Finding], ann: User) -> None:
    with pytest.raises(UnknownReason):
        seen.set_aside(found, "boring", ann)
    seen.set_aside(found[:2], "false_alarm", ann)
    assert last(found[0].subject).data == {"reason": "false_alarm"}
    assert seen.counts(Wanted(state="open"), true()) == {"open": 1, "in_case": 0, "set_aside": 2}
    assert seen.put_back(found, ann) == 2
    assert kinds_of(found[0].subject) == ["finding.set_aside", "finding.returned"]


def test_who_may_not_see_a_case_sees_none_of_its_findings(found: list[Finding], ann: User) -> None:
    case = service.open_case_of(found[:2], ann, title="A bank", kind="botnet", restricted=True)
    ben, ids = person("Ben"), [each.id for each in found]
    assert len(find_findings(ids, ann)) == 3
    assert find_findings(ids, ben) == found[2:]
    assert seen.page(Wanted(), findings_visible_to(ben)).rows == found[2:]
    assert seen.feeds(findings_visible_to(ben)) == [("scan", 1)]
    assert sightings.findings_of(case, ben) == ([], 0)
    assert timeline.of_finding(found[0], ben) == []
    assert sightings.cases_alike(found, ann) == [case]
    assert sightings.cases_alike(found, ben) == []


def test_open_cases_of_the_same_organisation_or_address_are_proposed(found: list[Finding], ann: User) -> None:
    case = service.open_case_of(found[:1], ann, title="x", kind="botnet")
    other = service.open_case_of(found[2:], ann, title="y", kind="phishing")
    assert sightings.cases_alike(found[1:2], ann) == [case], "the same organisation"
    assert sightings.cases_alike(found[2:], ann) == [other], "the same address"
    case.state = State.CLOSED
    session.flush()
    assert sightings.cases_alike(found[1:2], ann) == []
