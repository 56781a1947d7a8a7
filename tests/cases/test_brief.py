"""The brief for the convenor (004-14): from level 3 on, five headings, once for each level."""

from __future__ import annotations

import pytest

from cert_portal.cases import access, service
from cert_portal.cases.agency_after import of_reports
from cert_portal.cases.brief import HEADINGS, sections, waits
from cert_portal.cases.models import AgencyReport, AgencyState, Case
from cert_portal.cases.severity import Impact, Leak, Tampering
from cert_portal.cases.visible import reports_of
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import organisations
from cert_portal.directory.models import User
from cert_portal.directory.organisations import OrganisationTold
from tests.cases.desk import NOW, a_report, kinds_of, last, person

pytestmark = pytest.mark.usefixtures("context")
TWO, THREE, FOUR = Impact(leaked=Leak.CORE), Impact(leaked=Leak.SENSITIVE), Impact(tampered=Tampering.CII)
LOSS = {"loss_data": "two tables", "loss_recovery": "three days"}


@pytest.fixture
def case(ann: User) -> Case:
    report = a_report("Files are locked", organisation="Bureau", action_containment="cable pulled", people_affected=40)
    organisation = organisations.add(OrganisationTold("member", "Bureau"), "system")
    row = AgencyReport(organisation_id=organisation.id, author_id=ann.id, report_id=report.id, state=AgencyState.SENT)
    row.facts = {"scope": "the whole floor", "support": "help", "support_what": "forensics", **LOSS}
    row.begun_at = row.updated_at = NOW
    session.add(row)
    return service.open_case([report], ann, title="Locked files", kind="ransomware")


def briefs() -> list[Letter]:
    return session.query(Letter).filter_by(name="convenor_brief").order_by(Letter.id).all()


def test_three_tells_once_and_four_tells_again(case: Case, ann: User) -> None:
    person("Sue", "supervisor")
    gone = person("Gus", "supervisor")
    gone.active = False
    service.set_level(case, TWO, ann)
    assert briefs() == []
    for impact in (THREE, THREE, TWO, THREE):
        service.set_level(case, impact, ann)
    assert [each.recipient for each in briefs()] == ["sue@portal.example"]
    assert kinds_of(case.number).count("case.convenor_briefed") == 1
    service.set_level(case, FOUR, ann)
    assert last(case.number).data == {"level": 4, "letters": 1}
    service.set_level(case, THREE, ann)
    assert [each.subject for each in briefs()] == [
        f"[{case.number}] [TLP:AMBER] Level {level}: brief for the convenor" for level in (3, 4)
    ]


def test_no_address_of_the_letter_can_be_clicked(ann: User) -> None:
    person("Sue", "supervisor")
    bad = a_report("See https://bad.example/login and 192.0.2.7", business_effect="mail to eve@bad.example")
    case = service.open_case([bad], ann, title="bad.example again", kind="phishing")
    service.set_level(case, THREE, ann)
    text = briefs()[0].text
    for told in ("hxxps://bad[.]example/login", "192[.]0[.]2[.]7", "eve[@]bad[.]example", "bad[.]example again"):
        assert told in text, told
    assert "https://bad.example" not in text


def test_a_case_that_comes_to_four_at_once_tells_once(case: Case, ann: User) -> None:
    person("Sue", "supervisor")
    service.set_level(case, FOUR, ann)
    service.set_level(case, THREE, ann)
    assert len(briefs()) == 1


def test_without_a_convenor_nothing_counts_as_told(case: Case, ann: User) -> None:
    service.set_level(case, THREE, ann)
    assert "case.convenor_briefed" not in kinds_of(case.number)
    person("Sue", "supervisor")
    service.set_level(case, THREE, ann)
    assert len(briefs()) == 1


def test_the_brief_has_five_headings(case: Case, ann: User) -> None:
    assert of_reports(reports_of(case, ann))
    sue, wong = person("Sue", "supervisor"), person("Wong", "supervisor")
    sue.language, wong.language = "en", "zh-hant"
    service.set_level(case, THREE, ann)
    english, chinese = (each.text for each in briefs())
    order = ["1. Facts", "2. Possible scope", "3. Loss assessment", "4. Whether support is needed", "5. Measures taken"]
    assert sorted(order, key=english.index) == order
    for words in ("Locked files", "Files are locked", "Bureau", "the whole floor", "People affected: 40", "two tables"):
        assert words in english, words
    for words in ("three days", "Support: asked for", "forensics", "cable pulled"):
        assert words in english, words
    assert all(f"{n}. {words}" in chinese for n, words in enumerate(("事實", "可能影響範圍", "損失評估"), start=1))
    assert "支援：要求支援" in chinese


def test_what_is_not_known_is_said(ann: User) -> None:
    case = service.open_case([a_report()], ann, title="A page", kind="phishing")
    found = sections(case, [], Language.EN)
    assert tuple(found) == HEADINGS
    assert [name for name, _ in found["facts"]] == ["title", "kind", "opened"]
    person("Sue", "supervisor")
    service.set_level(case, THREE, ann)
    assert briefs()[0].text.count("Nothing is known yet.") == 4


def test_what_a_reporter_marked_red_leaves_by_no_mail(ann: User) -> None:
    sue, wong = person("Sue", "supervisor"), person("Wong", "supervisor")
    sue.language, wong.language = "en", "zh-hant"
    for mark, words in (("TLP:RED", "leaves by no mail"), ("TLP:AMBER+STRICT", "A source says")):
        report = a_report("A source says where the keys are", restriction=mark)
        case = service.open_case([report], ann, title="Keys", kind="phishing")
        service.set_level(case, THREE, ann)
        english, chinese = briefs()[-2:]
        assert words in english.text
        assert ("A source says" in chinese.text) == (mark != "TLP:RED")
        assert ("[TLP:AMBER+STRICT]" in english.subject) == (mark != "TLP:RED")


def test_a_restricted_case_tells_nothing_by_mail(case: Case, ann: User) -> None:
    sue = person("Sue", "supervisor")
    service.restrict(case, "secret", ann)
    service.set_level(case, THREE, ann)
    assert briefs() == [], "who is not named does not even learn that there is such a case"
    assert waits(case)
    access.grant(case, sue, "to decide", ann)
    access.grant(case, sue, "to decide", ann)
    assert not waits(case)
    [letter] = briefs()
    assert "Locked" not in letter.text + letter.subject
    assert f"/staff/cases/{case.number}" in letter.text
