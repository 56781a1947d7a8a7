"""Reports that may tell of the same, while the operator types."""

from __future__ import annotations

import pytest
from flask import Flask

from cert_portal.cases import service
from cert_portal.cases.alike import Told, alike
from cert_portal.core.i18n import Language
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from cert_portal.intake.process import process
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def ann(context: Flask) -> User:
    return accounts.add_user("ann@portal.example", "Ann", "four unrelated words", ["analyst"])


def report(text: str, **more: str) -> Report:
    made = receive(Submission(language=Language.EN, description=text, **more), Channel.WEB)  # type: ignore[arg-type]
    process(made.id)
    return made


def test_nothing_typed_finds_nothing(ann: User) -> None:
    report("something", telephone="2345 6789")
    assert alike(Told(), ann) == []


def test_the_same_telephone_however_it_is_written(ann: User) -> None:
    known = report("x", telephone="+852 2345 6789")
    (found,) = alike(Told(telephone="23456789"), ann)
    assert (found.report, found.values) == (known, [("telephone", "+852 2345 6789")])


def test_the_same_organisation_not_one_that_is_only_mentioned(ann: User) -> None:
    known = report("x", organisation="Harbour Trading Limited")
    report("somebody wrote as Harbour Trading")
    (found,) = alike(Told(organisation="harbour  trading"), ann)
    assert (found.report, found.values) == (known, [("organisation", "Harbour Trading Limited")])


def test_an_address_is_shown_so_that_nobody_clicks_it(ann: User) -> None:
    known = report("see http://bad.example/login")
    (found,) = alike(Told(words="they opened hxxp://bad[.]example/login"), ann)
    assert found.report == known
    assert ("domain", "bad[.]example") in found.values


def test_many_words_in_common_but_not_a_few(ann: User) -> None:
    known = report("A parcel message asked for customs payment with a credit card")
    report("A parcel was lost")
    (found,) = alike(Told(words="parcel message about customs payment"), ann)
    assert (found.report.id, [kind for kind, _value in found.values]) == (known.id, ["words"])
    assert alike(Told(words="parcel"), ann) == []


def test_chinese_words_count_by_pairs(ann: User) -> None:
    known = report("收到冒充快遞公司的短訊，要求支付關稅")
    assert [each.report for each in alike(Told(words="冒充快遞公司短訊"), ann)] == [known]


def test_the_likeliest_stands_first_and_restricted_ones_are_not_told(ann: User) -> None:
    by_name = report("x", organisation="Harbour Trading")
    by_number = report("y", organisation="Harbour Trading", telephone="23456789")
    told = Told(telephone="2345 6789", organisation="Harbour Trading")
    assert [each.report for each in alike(told, ann)] == [by_number, by_name]
    case = service.open_case([by_number], ann, title="z", kind="phishing", restricted=True)
    assert [each.cases for each in alike(told, ann)] == [[case], []]
    bob = accounts.add_user("bob@portal.example", "Bob", "four unrelated words", ["operator"])
    assert [each.report for each in alike(told, bob)] == [by_name]
