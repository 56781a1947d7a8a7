"""What a report suggests, and why."""

from __future__ import annotations

from typing import Any

import pytest

from cert_portal.cases import service, suggestions
from cert_portal.cases.models import AgencyReport, AgencyState
from cert_portal.cases.related import shared_with
from cert_portal.cases.suggestions import Suggestion, What
from cert_portal.cases.triage import TriageRefused
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.directory import networks, organisations
from cert_portal.directory.models import User
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.intake.models import Report
from tests.cases.desk import NOW, a_report, last, person

UNLIKE = "Nothing of the sort, a page at https://other.example/ looks odd to me today"


def found(report: Report, ann: User) -> dict[What, Suggestion]:
    """What is suggested, by sort."""
    return {each.what: each for each in suggestions.of_report(report, shared_with(report, ann), Language(ann.language))}


def take(report: Report, what: str, ann: User) -> None:
    """Take it over."""
    suggestions.take_over(report, what, shared_with(report, ann), ann)


def opened(ann: User, kind: str, *reports: Report, **more: bool) -> None:
    """A case of that kind."""
    service.open_case(list(reports) or [a_report()], ann, title="A case", kind=kind, **more)


def test_cases_with_the_same_value_suggest_their_kind(ann: User) -> None:
    for _ in range(2):
        opened(ann, "phishing")
    opened(ann, "malware")
    opened(ann, "not_sure")
    opened(person("Bob"), "ddos", restricted=True)
    report = a_report(kind="not_sure")
    each = found(report, ann)[What.KIND]
    assert (each.value, each.reason, each.facts["count"]) == ("phishing", "same_value", 2)
    take(report, "kind", ann)
    assert report.kind == "phishing"
    assert What.KIND not in found(report, ann), "it is so already"
    with pytest.raises(TriageRefused, match="no_suggestion"):
        take(report, "kind", ann)


def test_cases_that_say_nearly_the_same_suggest_their_kind(ann: User) -> None:
    words = "They called and said that I had won a prize of the spring fair and must pay a fee before the evening today"
    opened(ann, "spam", a_report(words))
    each = found(a_report(words, kind="not_sure"), ann)[What.KIND]
    assert (each.value, each.reason, each.facts) == ("spam", "same_words", {"count": 1})


def test_words_suggest_a_kind_where_no_case_does(ann: User) -> None:
    report = a_report("All our files are encrypted and a note asks for a ransom", kind="not_sure")
    each = found(report, ann)[What.KIND]
    assert (each.value, each.reason, each.facts) == ("ransomware", "signals", {"words": ["ransom", "encrypted"]})
    assert What.KIND not in found(a_report(UNLIKE, kind="not_sure"), ann)


def test_answers_suggest_a_level_that_the_new_case_gets(ann: User) -> None:
    assert What.LEVEL not in found(a_report(UNLIKE), ann)
    mild = a_report(UNLIKE, affects=["integrity", "availability"])
    assert found(mild, ann)[What.LEVEL].value == "1"
    report = a_report(UNLIKE, personal_data="yes")
    each = found(report, ann)[What.LEVEL]
    assert (each.value, each.reason, each.facts["rule"]) == ("3", "told", "c3_personal")
    take(report, "level", ann)
    take(mild, "level", ann)
    assert last(report.number).data == {"level": 3, "rule": "c3_personal"}
    assert What.LEVEL not in found(report, ann)
    case = service.open_case([report, mild], ann, title="A leak", kind="data_leak")
    suggestions.carry_level(case, [report, mild], ann)
    assert (case.level, case.level_rule) == (3, "c3_personal")
    other = service.open_case([a_report()], ann, title="Another", kind="phishing")
    suggestions.carry_level(other, [a_report()], ann)
    assert other.level_rule == ""


@pytest.mark.parametrize(
    ("told", "level", "rule", "reason"),
    [
        ({"severity_told": 5, "affects": ["availability"], "tolerable_hours": 4.0}, "3", "a3_core_unknown", "told"),
        ({"severity_told": "4", "affects": ["integrity"]}, "3", "a3_core_unknown", "told"),
        ({"severity_told": 3}, "1", "a1_non_core_unknown", "told"),
        ({"affects": ["confidentiality"]}, "1", "c1_non_core", "told"),
        ({"kind": "ransomware"}, "1", "i1_non_core", "kind"),
        ({"kind": "ddos", "severity_told": 5}, "3", "a3_core_unknown", "told"),
    ],
)
def test_the_level_follows_from_what_was_told(
    told: dict[str, Any], level: str, rule: str, reason: str, ann: User
) -> None:
    report = a_report(UNLIKE, **told)
    each = found(report, ann)[What.LEVEL]
    assert (each.value, each.facts["rule"], each.reason) == (level, rule, reason)
    assert suggestions.why_no_level(report) == ""


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, "nothing_told"),
        ({"severity_told": 0}, "no_effect"),
        ({"severity_told": 1, "kind": "ransomware"}, "no_effect"),
        ({"tolerable_hours": 4.0}, "nothing_told"),
    ],
)
def test_where_nothing_was_told_none_is_suggested_and_why(told: dict[str, Any], why: str, ann: User) -> None:
    report = a_report(UNLIKE, **told)
    assert What.LEVEL not in found(report, ann)
    assert suggestions.why_no_level(report) == why


def test_what_the_reporter_ticked_counts_more_than_words(ann: User) -> None:
    words = "The invoice asks for a transfer, our computer is infected now"
    assert What.KIND not in found(a_report(words, kind="malware"), ann)
    assert found(a_report(words, kind="other"), ann)[What.KIND].value == "ceo_fraud"
    strong = f"{words}: payee and bank account are new"
    assert found(a_report(strong, kind="malware"), ann)[What.KIND].value == "ceo_fraud"


def test_an_organisation_has_its_name_in_the_readers_language(ann: User) -> None:
    told = OrganisationTold("member", "Victim Ltd", name_zh_hant="受害有限公司", domains=["victim.example"])
    organisations.add(told, "system")
    session.flush()
    ann.language = "zh-hant"
    report = a_report(language=Language.EN)
    assert found(report, ann)[What.ORGANISATION].value == "受害有限公司"
    take(report, "organisation", ann)
    assert report.details["organisation"] == "受害有限公司"


def test_the_directory_suggests_who_writes_and_who_can_do_something(ann: User) -> None:
    organisations.add(OrganisationTold("member", "Victim Ltd", domains=["victim.example"]), "system")
    organisations.add(OrganisationTold("isp", "Carrier", domains=["carrier.example"]), "system")
    organisations.add(OrganisationTold("hosting", "Harbour Hosting", domains=["bad.example"]), "system")
    session.flush()
    report = a_report()
    told = found(report, ann)
    assert (told[What.ORGANISATION].value, told[What.ORGANISATION].reason) == ("Victim Ltd", "mail_domain")
    assert (told[What.CONCERNED].value, told[What.CONCERNED].reason) == ("Harbour Hosting", "domain")
    for what in ("organisation", "concerned"):
        take(report, what, ann)
    assert (report.details["organisation"], report.details["concerned"]) == ("Victim Ltd", "Harbour Hosting")
    assert not {What.ORGANISATION, What.CONCERNED} & found(report, ann).keys()
    customer = a_report(UNLIKE, email="me@carrier.example")
    assert What.ORGANISATION not in found(customer, ann), "an Internet company's customers write from its domain"
    assert What.CONCERNED not in found(customer, ann)
    assert What.ORGANISATION not in found(a_report(UNLIKE, email=""), ann)


def test_an_address_leads_to_its_network_or_as(ann: User) -> None:
    told = OrganisationTold("hosting", "Harbour Hosting", asns=["64500"], prefixes=["192.0.2.0/24"])
    organisations.add(told, "system")
    list(networks.load(["198.51.100.0\t24\t64500"], networks.Format.PFX2AS, "system"))
    session.flush()
    each = found(a_report("The computer 192.0.2.7 attacks us"), ann)[What.CONCERNED]
    assert (each.reason, each.facts["prefix"], each.facts["value"]) == ("held", "192.0.2.0/24", "192[.]0[.]2[.]7")
    each = found(a_report("The computer 198.51.100.7 attacks us"), ann)[What.CONCERNED]
    assert (each.value, each.reason, each.facts["asn"]) == ("Harbour Hosting", "system", "64500")


def test_a_member_organisations_answers_suggest_the_level(ann: User) -> None:
    report = a_report(UNLIKE)
    board = organisations.add(OrganisationTold("member", "Harbour Board"), "system")
    session.add(
        AgencyReport(
            organisation_id=board.id,
            author_id=ann.id,
            report_id=report.id,
            state=AgencyState.SENT,
            facts={"leaked": "core"},
            begun_at=NOW,
            updated_at=NOW,
        )
    )
    session.flush()
    each = found(report, ann)[What.LEVEL]
    assert (each.value, each.reason, each.facts["rule"]) == ("2", "agency", "c2_core")
