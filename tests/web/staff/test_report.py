"""Lists, search and the page of a report."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Any
from unittest.mock import Mock

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select

from cert_portal.cases import letters
from cert_portal.core import blobs, clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.events import of_subjects
from cert_portal.core.i18n import Language
from cert_portal.core.mail import exercise, spool
from cert_portal.core.mail.outbox import Letter
from cert_portal.intake import files
from cert_portal.intake.mail import take
from cert_portal.intake.models import Report, ReportFile, ReportState
from cert_portal.intake.process import process
from cert_portal.intake.status import secret_of
from cert_portal.web.forms import words as asked
from cert_portal.web.staff import report as pages_of_reports
from tests.intake.messages import deliver
from tests.web.staff.desk import NOW, check_places, do, open_case, refused, report, sign_in, unlocked

MAIL = (
    b"From: Rita <rita@victim.example>\r\nTo: report@portal.example\r\nSubject: Help\r\n"
    b"Message-ID: <1@victim.example>\r\n\r\nPlease look\r\n"
)


def test_the_queue_shows_time_left_in_words(app: Flask) -> None:
    number = report(app)
    client = sign_in(app, "Ann", "analyst")
    page = client.get("/staff/")
    assert page.status_code == 200
    assert number in page.text
    assert "portal-clock" in page.text
    assert "(HKT)" in page.text
    assert "left" in page.text


@pytest.mark.parametrize("view", ["answered", "mine", "unassigned", "team", "waiting", "quarantined", "closed"])
def test_every_empty_list_says_so(app: Flask, view: str) -> None:
    client = sign_in(app, "Ann", "analyst")
    page = client.get(f"/staff/queue/{view}?after=x")
    assert page.status_code == 200
    assert "govuk-inset-text" in page.text


def test_unknown_lists_are_not_there(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    assert client.get("/staff/queue/nonsense").status_code == 404


def test_lists_of_cases_and_search(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    number = report(app, "網絡釣魚 at https://bad.example/login")
    case = open_case(client, number)
    assert case in client.get("/staff/queue/unassigned").text
    assert client.get(f"/staff/search?q={number.replace('-', '')}").location == f"/staff/reports/{number}"
    assert client.get(f"/staff/search?q={case}").location == f"/staff/cases/{case}"
    assert number in client.get("/staff/search?q=釣魚").text
    assert case in client.get("/staff/search?q=fake+bank").text
    assert "Nothing was found" in client.get("/staff/search?q=unheardof").text
    assert client.get("/staff/search").status_code == 200


def test_a_report_is_shown_inert(app: Flask) -> None:
    text = "<script>alert(1)</script> https://bad.example/login"
    number = report(app, text, tolerable_hours=4.0, people_affected=12, personal_data="yes", consents=["police"])
    page = sign_in(app, "Ann", "analyst").get(f"/staff/reports/{number}")
    assert page.status_code == 200
    assert "&lt;script&gt;" in page.text
    assert "<script>alert" not in page.text
    assert "hxxps://bad[.]example/login" in page.text
    assert 'href="https://bad.example' not in page.text
    assert "4.0 hours" in page.text


def test_an_unknown_report_is_not_there(app: Flask) -> None:
    assert sign_in(app, "Ann", "analyst").get("/staff/reports/R26-999999-9").status_code == 404


def test_one_case_from_two_reports_that_share_an_address(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    first, second = report(app, email=""), report(app, email="")
    page = client.get(f"/staff/reports/{second}").text
    assert f'value="{first}"' in page
    case = open_case(client, second, others=[first, second])
    page = client.get(f"/staff/cases/{case}").text
    assert first in page
    assert second in page
    assert "Part of" in client.get(f"/staff/reports/{first}").text
    late = client.post(f"/staff/reports/{first}/open", data={"title": "x", "kind": "phishing"})
    assert late.status_code == 422
    assert "in the meantime" in late.text


def test_a_case_needs_a_title(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    answer = client.post(f"/staff/reports/{report(app)}/open", data={"title": "", "kind": "dragon"})
    assert answer.status_code == 422
    check_places(answer.text)
    assert "Enter a title" in answer.text
    assert "There is a problem" in answer.text


def test_joining_a_case(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    case = open_case(client, report(app))
    number = report(app)
    join = f"/staff/reports/{number}/attach"
    assert f"Join {case}" in client.get(f"/staff/reports/{number}").text
    assert "There is no such case" in client.post(join, data={"case": "C26-7"}).text
    assert client.post(join, data={"proposed": case}).location == f"/staff/cases/{case}"
    client.post(f"/staff/cases/{case}/move", data={"verb": "dismiss", "outcome": "duplicate", "reason": "known"})
    assert "The case is closed" in client.post(join, data={"case": case}).text


def test_refusing_with_a_letter_and_taking_it_back(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    number = report(app)
    path = f"/staff/reports/{number}"
    assert "Choose a reason" in client.post(f"{path}/refuse", data={}).text
    assert client.post(f"{path}/refuse", data={"reason": "spam", "letter": "Not for us"}).status_code == 302
    page = client.get(path).text
    assert "Unwanted advertising" in page
    assert "Not for us" in page
    assert client.post(f"{path}/refuse", data={"reason": "spam"}).status_code == 422
    assert client.post(f"{path}/return").status_code == 302
    assert client.post(f"{path}/return").status_code == 422


@pytest.mark.parametrize("decision", [{"refuse": {"reason": "spam"}}, {"refer": {"body": "police"}}], ids=str)
def test_a_letter_stays_when_somebody_decided_meanwhile(app: Flask, decision: dict[str, dict[str, str]]) -> None:
    ann, ben = sign_in(app, "Ann", "analyst"), sign_in(app, "Ben", "analyst")
    path = f"/staff/reports/{report(app)}"
    seen = re.search(r'name="seen" value="(\d+)"', ann.get(f"{path}/not-for-us").text)
    assert seen
    assert ben.post(f"{path}/refuse", data={"reason": "spam"}).status_code == 302
    ((act, told),) = decision.items()
    page = refused(ann, f"{path}/{act}", seen=seen[1], subject="About it", letter="Dear Rita, we looked", **told)
    assert "in the meantime" in page
    assert "You had typed:" in page
    assert "Dear Rita, we looked" in page
    late = refused(ann, f"{path}/open", title="A parcel page", kind="phishing")
    assert "A parcel page" in late


def test_a_refusal_with_a_letter_to_nobody_changes_nothing(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    number = report(app, anonymous=True)
    answer = client.post(f"/staff/reports/{number}/refuse", data={"reason": "spam", "letter": "Hello"})
    assert "no e-mail address" in answer.text
    assert "Waits for triage" in client.get(f"/staff/reports/{number}").text


def test_referring_elsewhere(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    path = f"/staff/reports/{report(app)}"
    assert "Choose a body" in client.post(f"{path}/refer", data={}).text
    assert client.post(f"{path}/refer", data={"body": "police"}).status_code == 302
    assert "Referred to" in client.get(path).text
    assert client.post(f"{path}/refer", data={"body": "police"}).status_code == 422


def test_answering(app: Flask) -> None:
    client = sign_in(app, "Olga", "operator")
    path = f"/staff/reports/{report(app)}"
    assert "Enter what was said" in client.post(f"{path}/call", data={}).text
    assert client.post(f"{path}/call", data={"call": "She will send it"}).status_code == 302
    assert "She will send it" in client.get(path).text
    assert "answered in time" in client.get(path).text
    refused = client.post(f"{path}/write", data={"letter": ""}).text
    assert "Enter a subject" in refused
    check_places(refused)
    assert client.post(f"{path}/write", data={"subject": "Hello", "letter": "Dear Rita"}).status_code == 302
    page = client.get(path).text
    assert "Dear Rita" in page
    assert "Open a case" not in page
    nobody = f"/staff/reports/{report(app, anonymous=True)}"
    assert client.post(f"{nobody}/write", data={"subject": "Hello", "letter": "Dear"}).status_code == 422
    assert "gave no e-mail address" in client.get(nobody).text


def test_files_are_downloads_only(app: Flask) -> None:
    number = report(app)
    start_writing()
    with app.app_context():
        row = session.query(Report).one()
        files.keep("<b>.html", b"<script>alert(1)</script>", report_id=row.id)
        session.commit()
        file = session.query(ReportFile).one()
        path, key = f"/staff/reports/{number}/files/{file.id}", file.blob_key
    client = sign_in(app, "Ann", "analyst")
    assert "SHA-256" in client.get(f"/staff/reports/{number}").text
    answer = client.get(path)
    assert unlocked(answer.data) == b"<script>alert(1)</script>"
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(path + "9").status_code == 404
    start_writing()
    with app.app_context():
        blobs.delete(key)
    assert client.get(path).status_code == 404


def test_the_original_message_byte_for_byte(app: Flask) -> None:
    start_writing()
    with app.app_context():
        number = take(spool.store(MAIL)).told
        session.commit()
        process(session.query(Report).one().id)
        session.commit()
    client = sign_in(app, "Ann", "analyst")
    assert client.get(f"/staff/reports/{number}/original").data == MAIL
    assert client.get(f"/staff/reports/{report(app)}/original").status_code == 404


def test_quarantine_is_left_by_a_person(app: Flask) -> None:
    number = report(app)
    start_writing()
    with app.app_context():
        row = session.query(Report).one()
        row.state, row.trouble = ReportState.QUARANTINED, ["nested_too_deep"]
        session.commit()
    client = sign_in(app, "Ann", "analyst")
    assert number in client.get("/staff/queue/quarantined").text
    assert "Nested deeper than is read" in client.get(f"/staff/reports/{number}").text
    client.post(f"/staff/reports/{number}/return")
    assert number in client.get("/staff/").text


def test_no_clock_runs_on_a_refused_report(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    number = report(app)
    path = f"/staff/reports/{number}"
    assert "portal-clock" in client.get(path).text
    assert client.post(f"{path}/refuse", data={"reason": "not_enough"}).status_code == 302
    assert "portal-clock" not in client.get(path).text
    with app.app_context():
        page = f"/en/status/{number}/{secret_of(number)}"
    assert client.post(page, data={"text": "Now I know more"}).status_code == 302
    listed = client.get("/staff/queue/answered").text
    assert number in listed
    assert "portal-clock" not in listed


def test_new_information_on_a_refused_report_comes_back_to_the_desk(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    number = report(app)
    path = f"/staff/reports/{number}"
    assert client.post(f"{path}/refuse", data={"reason": "not_enough"}).status_code == 302
    assert number not in client.get("/staff/queue/answered").text
    with app.app_context():
        page = f"/en/status/{number}/{secret_of(number)}"
    assert client.post(page, data={"text": "Now I know more"}).status_code == 302
    assert number in client.get("/staff/queue/answered").text
    shown = client.get(path).text
    check_places(shown)
    assert "Now I know more" in shown
    assert "The other side has answered" in shown
    assert f"{path}/noted" in shown
    assert client.post(f"{path}/noted").location == path
    assert client.post(f"{path}/noted").location == path
    shown = client.get(path).text
    assert shown.count("New information read") == 1
    assert f"{path}/noted" not in shown
    assert number not in client.get("/staff/queue/answered").text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.EN, ("Please turn to", "Office of the Privacy Commissioner", "pcpd.org.hk/english")),
        (Language.ZH_HANT, ("請聯絡：", "個人資料私隱專員公署", "pcpd.org.hk/tc_chi")),
    ],
)
def test_the_letter_to_another_body_is_prepared_shown_and_sent(
    app: Flask, language: Language, words: tuple[str, ...]
) -> None:
    client, number = sign_in(app, "Ann", "analyst"), report(app, language=language)
    path = f"/staff/reports/{number}"
    unchosen = client.get(f"{path}/refer").text
    assert unchosen.count('<a href="#body">Choose a body</a>') == 1
    assert '<details class="govuk-details" open>' in unchosen, "the box that the error points to is open"
    assert client.get(f"{path}/refer?body=moon").status_code == 422
    page = client.get(f"{path}/refer?body=pcpd").text
    for word in words:
        assert word in page, word
    check_places(page)
    with app.app_context():
        found = session.query(Report).filter_by(number=number).one()
        subject, text = letters.elsewhere(found, "pcpd")
        assert found.state == "waiting_triage"
    wrong = client.post(f"{path}/refer", data={"body": "pcpd", "subject": subject, "letter": "x" * 20_001})
    assert wrong.status_code == 422
    assert client.post(f"{path}/refer", data={"body": "pcpd", "subject": subject, "letter": text}).status_code == 302
    with app.app_context():
        letter = session.query(Letter).filter_by(name="case_letter").one()
        assert number in letter.subject
        assert words[1] in letter.text
        assert (letter.recipient, letter.language) == ("rita@victim.example", language)
        kinds = [event.kind for event in of_subjects([number])]
        assert "report.referred_elsewhere" in kinds


def test_a_reporter_without_an_address_is_told_on_the_telephone(app: Flask) -> None:
    client, number = sign_in(app, "Ann", "analyst"), report(app, email="")
    page = client.get(f"/staff/reports/{number}/refer?body=police").text
    assert "read this out on the telephone" in page
    assert "18222" in page
    assert client.post(f"/staff/reports/{number}/refer", data={"body": "police"}).status_code == 302


def test_a_surge_is_one_line_and_one_decision(app: Flask) -> None:
    words = "the same message about a parcel that is held at https://post-fee.example/pay until I pay a fee of"
    numbers = [report(app, f"I got {words} {amount} dollars") for amount in range(10, 22)]
    client = sign_in(app, "Ann", "analyst")
    page = client.get("/staff/").text
    assert [number in page for number in numbers] == [True, *[False] * 11]
    assert "Surge: 11 more say the same" in page
    shown = client.get(f"/staff/reports/{numbers[0]}").text
    assert "With all 11 others that say nearly the same" in shown
    assert numbers[5] not in shown, "the group is ticked as one"
    alone = report(app, f"My neighbour says she got {words} two pounds, and paid with her card; what can she do now")
    assert "% of the words are the same" in client.get(f"/staff/reports/{alone}").text
    place = f"/staff/reports/{numbers[0]}/refuse"
    assert client.post(place, data={"reason": "repeated", "all_alike": "y", "letter": "We know."}).status_code == 302
    assert numbers[5] not in client.get("/staff/").text
    with app.app_context():
        states = session.scalars(select(Report.state).where(Report.number.in_(numbers))).all()
        letters_out = session.scalars(select(Letter).where(Letter.name == "case_letter")).all()
    assert set(states) == {ReportState.REFUSED}
    assert len(letters_out) == 12


def test_one_case_from_all_of_a_surge(app: Flask) -> None:
    words = "the same message about a parcel that is held at https://post-fee.example/pay until I pay a fee of"
    numbers = [report(app, f"I got {words} {amount} dollars") for amount in range(10, 22)]
    client = sign_in(app, "Ann", "analyst")
    data = {"title": "Parcel fee", "kind": "phishing", "all_alike": "y", "others": [numbers[3]]}
    place = client.post(f"/staff/reports/{numbers[0]}/open", data=data).location
    assert all(number in client.get(place).text for number in numbers)


def test_an_answer_by_post_is_recorded_and_printed(app: Flask) -> None:
    number = report(app, "Sent by fax", email="")
    client = sign_in(app, "Ann", "analyst")
    assert client.get(f"/staff/reports/{number}/post.pdf").status_code == 404
    assert client.post(f"/staff/reports/{number}/post", data={"words": " "}).status_code == 422
    assert client.post(f"/staff/reports/{number}/post", data={"words": "Dear Sir,\nwe are on it."}).status_code == 302
    page = client.get(f"/staff/reports/{number}").text
    assert "Letter on paper" in page
    assert "Print the letter on paper" in page
    printed = client.get(f"/staff/reports/{number}/post.pdf")
    assert printed.mimetype == "application/pdf"
    assert printed.data.startswith(b"%PDF")
    with app.app_context():
        assert session.scalars(select(Report.first_response_at).where(Report.number == number)).one() is not None


def test_a_letter_on_paper_of_an_exercise_bears_its_marks_and_goes_to_players_alone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = report(app, "By telephone", email="", telephone="9123 4567")
    sue = sign_in(app, "Sue", "supervisor")
    do(sue, f"/staff/reports/{number}/exercise", drill="yes", why="spring")
    page = refused(sue, f"/staff/reports/{number}/post", words="Pull the plug")
    assert "not registered for exercises" in page
    assert "Pull the plug" in page
    start_writing()
    with app.app_context():
        exercise.add("+85291234567", "", "system")
        session.commit()
    do(sue, f"/staff/reports/{number}/post", words="Pull the plug")
    printer = Mock(return_value=b"%PDF")
    monkeypatch.setattr(pages_of_reports, "to_pdf", printer)
    sue.get(f"/staff/reports/{number}/post.pdf")
    printed = printer.call_args.args[0]
    assert [printed.count(each) for each in ("This is a drill", "此乃演習", "TLP:AMBER")] == [2, 2, 1]
    start_writing()
    with app.app_context():
        exercise.remove("+85291234567", "system")
        session.commit()
    assert "post.pdf" not in sue.get(f"/staff/reports/{number}").text
    late = sue.get(f"/staff/reports/{number}/post.pdf")
    assert late.status_code == 422, "it is looked at again when it is printed"
    assert "not registered for exercises" in late.text


def test_no_letter_on_paper_tells_what_is_red(app: Flask) -> None:
    number = report(app, "By fax", email="", restriction="TLP:RED")
    ann = sign_in(app, "Ann", "analyst")
    assert "Answer by post" not in ann.get(f"/staff/reports/{number}").text
    page = refused(ann, f"/staff/reports/{number}/post", words="It was them")
    assert "TLP:RED never leaves by mail" in page
    assert "It was them" in page


@pytest.mark.parametrize(("language", "day"), [("zh-hant", "2026年5月4日"), ("en", "4 May 2026")])
def test_a_letter_on_paper_is_dated_in_the_language_of_who_gets_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch, language: str, day: str
) -> None:
    number = report(app, "Sent by fax", email="", language=Language(language))
    client = sign_in(app, "Ann", "analyst", language="en")
    printer = Mock(return_value=b"%PDF")
    monkeypatch.setattr(pages_of_reports, "to_pdf", printer)
    with clock.turned_to(NOW):
        client.post(f"/staff/reports/{number}/post", data={"words": "x", "address": "1 Pier Road\r\nCentral"})
    client.get(f"/staff/reports/{number}/post.pdf")
    assert f">{day}<br>" in printer.call_args.args[0]
    assert "<br>1 Pier Road<br>Central</div>" in printer.call_args.args[0]
    page = client.get(f"/staff/reports/{number}").text
    assert page.count("1 Pier Road") == 2, "among the facts, and ready for the next letter"
    check_places(page)


@pytest.mark.parametrize("words", ["A mail about a parcel " * 20, "虛假銀行網頁" * 50])
def test_the_heading_of_a_long_report_is_cut_and_says_so(app: Flask, words: str) -> None:
    ann, number = sign_in(app, "Ann", "analyst"), report(app, words)
    page = ann.get(f"/staff/reports/{number}").text
    heading = re.search(r"<h1[^>]*>([^<]*)</h1>", page)
    assert heading
    assert heading[1].endswith("…")
    assert len(heading[1]) <= 120
    assert words.strip() in page, "the whole text stands below"


@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_the_desk_sees_every_answer_of_the_form(app: Flask, language: str) -> None:
    told: dict[str, Any] = {
        "found_how": "A customer called",
        "found_why": "An old plug-in",
        "weaknesses": "No second factor",
        "action_preparation": "Backups every night",
        "action_detection": "Looked at the logs",
        "action_containment": "Pulled the cable",
        "action_post": "Training in June",
        "hardware": ["payment", "A scale"],
        "software": ["cloud", "Our own shop"],
        "personal_data": "yes",
        "pcpd_told": "no",
        "contact_time": "evening",
        "reporter_kind": "sme",
    }
    number = report(app, **told)
    page = sign_in(app, "Ann", "analyst", language=language).get(f"/staff/reports/{number}").text
    with app.test_request_context(f"/{language}/"), force_locale(Language(language).locale):
        words = [
            *(str(asked.HARDWARE["payment"]), str(asked.SOFTWARE["cloud"]), str(asked.CONTACT_TIMES["evening"])),
            str(asked.REPORTER_KINDS["sme"]),
        ]
    said = [each for each in told.values() if isinstance(each, str) and " " in each]
    for each in [*said, "A scale", "Our own shop", *words]:
        assert each in page


def test_what_a_program_wrote_is_not_told_to_be_of_another_sender(app: Flask) -> None:
    number = report(app)
    start_writing()
    with app.app_context():
        for name, head in (("one", "Auto-Submitted: auto-generated"), ("two", "X-Nothing: x")):
            raw = f"From: {name}@other.example\nMessage-ID: <{name}@other.example>\nSubject: {number}\n{head}\n\nx"
            deliver(raw.encode())
    page = sign_in(app, "Ann", "analyst").get(f"/staff/reports/{number}").text
    assert re.findall(r">(Written by a program|Another sender)</span> (\w+)@other", page) == [
        *(("Written by a program", "one"), ("Another sender", "two")),
    ]


def test_links_and_forwarded_messages_of_a_mail_are_shown_inert(app: Flask) -> None:
    inner = EmailMessage()
    inner["From"], inner["Received"] = "post@bad.example", "from pc (192.0.2.66) by mx.bad.example"
    inner.set_content("Pay")
    outer = EmailMessage()
    outer["From"] = "ann@shop.example"
    outer.set_content("Is this real?")
    outer.add_alternative('<a href="http://bad.example/pay">here</a>', subtype="html")
    outer.make_mixed()
    outer.add_attachment(inner)
    start_writing()
    with app.app_context():
        number = deliver(outer.as_bytes()).told
    page = sign_in(app, "Ann", "analyst").get(f"/staff/reports/{number}").text
    assert "hxxp://bad[.]example/pay" in page
    assert "http://bad.example/pay" not in page
    assert "mx[.]bad[.]example" in page


def test_of_many_values_the_first_are_shown_and_the_rest_is_folded(app: Flask) -> None:
    ann = sign_in(app, "Ann", "analyst")
    few, many = (report(app, "\n".join(f"hit from 198.51.100.{n}" for n in range(1, count + 1))) for count in (20, 27))
    page = ann.get(f"/staff/reports/{many}").text
    fold = page.partition(">7 more values</span></summary>")[2].partition("</table>")[0]
    assert fold.count("198[.]51[.]100[.]") == 7
    assert "more value" not in ann.get(f"/staff/reports/{few}").text
