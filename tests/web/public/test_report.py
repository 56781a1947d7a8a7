"""The report from the first page to the last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from cert_portal.core import clock
from cert_portal.web.public.steps import STEPS
from tests.web.public.conftest import Visitor


def test_three_answers_are_enough(visitor: Visitor) -> None:
    number = visitor.send()
    report = visitor.report()
    assert number.startswith("R")
    assert report.reporter_telephone == "2345 6789"
    assert report.details["description"] == "Shared files are locked"


def test_an_anonymous_report_keeps_no_name(visitor: Visitor) -> None:
    visitor.step("contact", reach="anonymous", name="Chan", email="c@shop.example", language="en")
    assert "Chan" not in str(visitor.answers())
    visitor.send(contact={"reach": "anonymous", "email": "c@shop.example", "consents": ["police"]})
    details = visitor.report().details
    assert (details["anonymous"], details["email"], details["consents"]) == (True, "", ["police"])
    assert "You asked not to be contacted" in visitor.get("report/sent").text


def test_every_answer_arrives(visitor: Visitor) -> None:
    visitor.send(
        who={"reporter_kind": "sme"},
        what={"description": "d", "kind": "other", "kind_other": "odd"},
        when={
            "occurred-day": "1",
            "occurred-month": "5",
            "occurred-year": "2025",
            "occurred-time": "2.30 pm",
            "discovered-day": "1",
            "discovered-month": "5",
            "discovered-year": "2025",
            "still_going": "no",
            "found_how": "h",
        },
        affected={
            "hardware": ["server"],
            "hardware_other": "drone",
            "software": ["email"],
            "affects": ["integrity"],
            "business_effect": "b",
            "people_affected": "1,200",
            "severity_told": "0",
            "tolerable": "1.5",
            "tolerable_unit": "days",
        },
        **{"personal-data": {"personal_data": "yes", "personal_data_what": "w", "pcpd_told": "not_sure"}},
        actions={"action_detection": "1", "others_told": "2", "weaknesses": "3"},
        contact={"reach": "contact", "email": "c@shop.example", "language": "zh-hant", "consents": ["isp", "police"]},
    )
    details = visitor.report().details
    assert details["occurred_at"] == "2025-05-01T06:30:00+00:00"
    assert (details["occurred_precision"], details["discovered_precision"]) == ("exact", "approximate")
    assert (details["hardware"], details["severity_told"]) == (["server", "drone"], 0)
    assert (details["people_affected"], details["tolerable_hours"]) == (1200, 36)
    assert (details["personal_data_what"], details["pcpd_told"]) == ("w", "not_sure")
    assert visitor.report().language == "zh-hant"


def test_the_number_is_reserved_before_the_advice(visitor: Visitor) -> None:
    visitor.step("emergency")
    visitor.step("what", kind="ransomware")
    text = visitor.get("report/advice").text
    assert "R2" in text
    assert "18222" in text
    assert "Ransomware" in text


def test_nothing_typed_is_lost_when_something_is_wrong(visitor: Visitor) -> None:
    visitor.step("emergency")
    answer = visitor.step("what", description="", kind="not_sure", kind_other="strange")
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert "<title>Error:" in answer.text
    assert 'href="#description"' in answer.text
    assert "strange" in answer.text
    assert "strange" in visitor.get("report/what").text


@pytest.mark.parametrize(
    ("slug", "data", "says"),
    [
        ("what", {"description": "a\0b"}, "cannot be read"),
        ("what", {"description": "a", "kind": "alien"}, "Choose one of the answers"),
        ("contact", {"reach": "contact"}, "or choose to stay anonymous"),
        ("contact", {"name": "n" * 10_000, "telephone": "2345 6789"}, "there are 10000 now"),
        ("contact", {"email": "no address"}, "like name@example.com"),
        ("contact", {"telephone": "call me"}, "Enter a telephone number"),
        ("contact", {"telephone": "2345 6789", "consents": ["everyone"]}, "Choose from the answers"),
        ("affected", {"people_affected": "many"}, "Enter a number"),
        ("affected", {"people_affected": "1.5"}, "Enter a number"),
        ("affected", {"tolerable": "nan"}, "Enter a number"),
        ("affected", {"tolerable": "x" * 50}, "40 characters"),
        ("when", {"occurred-year": "0", "occurred-day": "1", "occurred-month": "1"}, "4 numbers"),
    ],
)
def test_wrong_answers_get_a_clear_word(visitor: Visitor, slug: str, data: dict[str, object], says: str) -> None:
    visitor.step("emergency")
    answer = visitor.step(slug, **data)
    assert answer.status_code == 422
    assert says in answer.text


def test_noticed_before_it_happened_is_an_error(visitor: Visitor) -> None:
    date = {"day": "2", "month": "3", "year": "2025"}
    answer = visitor.step(
        "when",
        **{f"occurred-{k}": v for k, v in date.items()},
        **{f"discovered-{k}": v for k, v in {**date, "day": "1"}.items()},
    )
    assert "cannot be before" in answer.text
    assert 'href="#discovered-day"' in answer.text


def test_the_language_switch_keeps_what_was_typed(visitor: Visitor) -> None:
    visitor.step("emergency")
    answer = visitor.step("what", description="half a sen", then="zh-hant")
    assert answer.headers["Location"] == "/zh-hant/report/what"
    assert "half a sen" in visitor.client.get("/zh-hant/report/what").text


def test_saving_gives_a_link_that_opens_the_report_elsewhere(visitor: Visitor, app: Flask) -> None:
    visitor.step("emergency")
    visitor.step("who", reporter_kind="sme")
    assert visitor.step("what", description="half", then="save").headers["Location"] == "/en/report/saved"
    link = f"report/resume/{visitor.token()}"
    assert link in visitor.get("report/saved").text
    other = Visitor(app)
    assert other.get(link).headers["Location"] == "/en/report/advice"
    assert "half" in other.get("report/what").text


def test_a_resume_link_ends_after_fourteen_days(visitor: Visitor) -> None:
    visitor.step("emergency")
    with clock.turned_to(datetime.now(UTC) + timedelta(days=15)):
        assert "no longer works" in visitor.get(f"report/resume/{visitor.token()}").text


def test_a_resumed_report_that_is_full_opens_its_last_page(visitor: Visitor) -> None:
    for slug in ("who", "advice", "when", "affected", "personal-data", "evidence", "actions"):
        visitor.step(slug)
    visitor.step("what", description="x")
    visitor.step("contact", reach="anonymous")
    assert visitor.get(f"report/resume/{visitor.token()}").headers["Location"].endswith("/report/contact")


def test_saved_without_a_report_leads_to_the_start(visitor: Visitor) -> None:
    assert visitor.get("report/saved").headers["Location"] == "/en/report/"


def test_changing_an_answer_returns_to_the_check_page(visitor: Visitor) -> None:
    visitor.step("who", reporter_kind="sme")
    assert "/en/report/who?change=1" in visitor.get("report/check").text
    assert visitor.get("report/who?change=1").text.count("change=1") >= 1
    assert visitor.step("who?change=1", reporter_kind="large").headers["Location"] == "/en/report/check"
    assert "A large organisation" in visitor.get("report/check").text


def test_skipped_answers_show_as_not_provided(visitor: Visitor) -> None:
    visitor.step("who")
    assert "Not provided" in visitor.get("report/check").text


def test_an_incomplete_report_is_told_what_is_missing(visitor: Visitor) -> None:
    visitor.step("who")
    answer = visitor.post("report/check")
    assert answer.status_code == 422
    assert "/en/report/what?change=1" in answer.text
    visitor.step("what", description="x")
    assert "/en/report/contact?change=1" in visitor.post("report/check").text


def test_pages_without_a_report_lead_to_the_start(visitor: Visitor) -> None:
    for slug in ("who", "evidence", "check"):
        assert visitor.get(f"report/{slug}").headers["Location"] == "/en/report/"
    assert visitor.post("report/check").headers["Location"] == "/en/report/"


def test_the_last_question_leads_to_the_check_page(visitor: Visitor) -> None:
    assert visitor.step("contact", reach="anonymous").headers["Location"] == "/en/report/check"


def test_after_sending_the_pages_lead_to_the_confirmation_and_a_new_report_is_a_new_one(visitor: Visitor) -> None:
    first = visitor.send()
    token = visitor.token()
    assert visitor.get("report/who").headers["Location"] == "/en/report/sent?already=1"
    assert visitor.get(f"report/resume/{token}").headers["Location"] == "/en/report/sent"
    assert "Already sent" in visitor.get("report/sent?already=1").text
    assert visitor.post("report/check").status_code == 302
    assert visitor.report().number == first
    assert visitor.get("report/emergency").status_code == 200
    assert f'name="anew" value="{first}"' in visitor.get("report/emergency").text
    assert visitor.step("emergency", anew=first).headers["Location"] == "/en/report/who"
    assert visitor.token() != token
    assert 'name="anew"' not in visitor.get("report/emergency").text
    assert visitor.send(contact={"reach": "anonymous"}) != first
    assert visitor.step("emergency", anew=first).headers["Location"] == "/en/report/sent?already=1"


@pytest.mark.parametrize("slug", [step.slug for step in STEPS])
def test_a_page_left_open_leads_to_the_confirmation_after_sending(visitor: Visitor, slug: str) -> None:
    number = visitor.send(contact={"reach": "anonymous"})
    token = visitor.token()
    assert visitor.step(slug, description="again").headers["Location"] == "/en/report/sent?already=1"
    assert visitor.token() == token
    assert number in visitor.get("report/sent").text
    assert "See the confirmation" in visitor.get("report/").text


def test_reading_the_first_page_in_the_other_language_keeps_the_confirmation(visitor: Visitor) -> None:
    number = visitor.send()
    assert visitor.step("emergency", anew=number, then="zh-hant").headers["Location"] == "/zh-hant/report/emergency"
    assert number in visitor.get("report/sent").text


def test_only_what_was_asked_is_kept(visitor: Visitor) -> None:
    stray = {f"x{number}": "y" for number in range(500)}
    visitor.step("when", **stray, **{"occurred-day": "x", "occurred-precision": "exact"}, found_how="h")
    assert visitor.answers()["when_form"] == {
        "occurred-day": ["x"],
        "occurred-precision": ["exact"],
        "found_how": ["h"],
    }
    visitor.step("affected", **stray, hardware=["server"] * 200)
    assert visitor.answers()["affected_form"] == {"hardware": ["server"] * 50}
    visitor.step("contact", **stray, reach="anonymous", name="Chan")
    assert visitor.answers()["contact_form"] == {"reach": ["anonymous"]}


def test_words_of_strangers_are_never_markup(visitor: Visitor) -> None:
    evil = "\"><script>alert(1)</script>'"
    visitor.step("what", description=evil, kind="other", kind_other=evil)
    visitor.step("contact", email=evil, name=evil, telephone="1")
    visitor.step("when", **{"occurred-day": evil, "found_how": evil})
    for slug in ("what", "contact", "when", "check"):
        assert "<script>alert" not in visitor.get(f"report/{slug}").text
