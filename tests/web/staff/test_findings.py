"""Findings at the desk, and what the desk sees of a report that came by the other ways."""

from __future__ import annotations

import io
import zipfile

from flask import Flask

from cert_portal.core.db import session, start_writing
from cert_portal.core.i18n import Language
from cert_portal.directory import organisations
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.intake import files
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission
from cert_portal.monitoring import findings
from cert_portal.monitoring.machine_mail import Seen
from tests.web.staff.desk import check_places, do, sign_in

MAIL = (
    b"From: Bank <a@bad.example>\nReply-To: b@worse.example\nReceived: from evil.example by mx\nSubject: Pay\n"
    b"Message-ID: <1@bad.example>\nDate: Fri, 01 May 2026 10:00:00 +0000\n\nGo to http://bad.example/login now\n"
)


def test_findings_are_listed_and_filtered(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    assert "No findings" in client.get("/staff/findings").text
    start_writing()
    with app.app_context():
        seen = [Seen("feed a", "botnet", ip=f"192.0.2.{n}", raw={"n": n}) for n in range(60)]
        findings.keep([*seen, Seen("feed b", "phishing", url="http://bad.example/x")], None)
        session.commit()
    page = client.get("/staff/findings").text
    assert "hxxp://bad[.]example/x" in page
    assert "Nobody known" in page
    assert "before=" in page
    only = client.get("/staff/findings?feed=feed+b&organisation=x").text
    assert "192[.]0[.]2" in page
    assert "192[.]0[.]2" not in only
    assert client.get("/staff/findings?before=3").text.count("staff-where") == 2
    assert client.get("/staff/findings?state=nonsense").text.count("staff-where") == 50
    assert "No findings in this list" in client.get("/staff/findings?state=set_aside").text
    check_places(page)


def test_a_search_shows_no_finding_of_a_case_that_is_hidden(app: Flask) -> None:
    ann, bob = sign_in(app, "Ann", "analyst"), sign_in(app, "Bob", "analyst")
    keep(app, *(Seen(f"feed {n}", "botnet", ip="192.0.2.77", raw={"n": n}) for n in (1, 2)))
    do(ann, "/staff/findings/open", finding="2", title="Locked", kind="botnet", restricted="y")
    for_ann = ann.get("/staff/search?q=192.0.2.77").text
    assert ('href="/staff/findings/1"' in for_ann, 'href="/staff/findings/2"' in for_ann) == (True, True)
    for_bob = bob.get("/staff/search?q=ip:192.0.2.77").text
    assert ("feed 1" in for_bob, "feed 2" in for_bob) == (True, False)


def keep(app: Flask, *told: Seen) -> None:
    start_writing()
    with app.app_context():
        organisations.add(OrganisationTold("hosting", "Harbour Hosting", domains=["harbour.example"]), "system")
        findings.keep(list(told), None)
        session.commit()


def test_a_case_is_opened_from_ticked_findings(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    told = [Seen("feed a", "botnet", domain=f"h{n}.harbour.example", raw={"n": n}, rsit="x") for n in (1, 2, 3)]
    keep(app, *told)
    assert "Tick at least one" in client.get("/staff/findings/selected", follow_redirects=True).text
    page = client.get("/staff/findings/selected?finding=1&finding=2&finding=nonsense").text
    assert "Botnet: Harbour Hosting" in page, "a title is proposed"
    assert "With all" not in page, "not without a list"
    check_places(page)
    ticked = {"finding": ["1", "2"], "kind": "botnet"}
    wrong = client.post("/staff/findings/open", data=ticked)
    assert wrong.status_code == 422
    check_places(wrong.text)
    answer = client.post("/staff/findings/open", data={**ticked, "title": "Two hosts"})
    assert answer.status_code == 302
    page = client.get(answer.location).text
    assert "h1[.]harbour[.]example" in page
    assert "No report yet" not in page
    again = client.post("/staff/findings/open", data={**ticked, "title": "Again"}, follow_redirects=True).text
    assert "dealt with one of these findings" in again
    assert "h1[.]" in client.get("/staff/findings?state=in_case").text
    one = client.get("/staff/findings/1").text
    assert "Two hosts" in one
    assert "Open a case" not in one
    case = answer.location.rpartition("/")[2]
    third = client.get("/staff/findings/3").text
    assert f"Join {case}" in third, "the case of the same organisation is proposed"
    check_places(third)
    assert client.get("/staff/findings/4").status_code == 404
    missing = client.post("/staff/findings/attach", data={"finding": "3", "case": "C26-999999-9"})
    assert (missing.status_code, "There is no such case" in missing.text) == (422, True)
    assert client.post("/staff/findings/attach", data={"finding": "3", "proposed": case}).location.endswith(case)
    assert client.post("/staff/findings/attach", data={"finding": "3", "proposed": case}).location.endswith("findings")


def test_findings_are_set_aside_with_a_reason_all_of_a_list_at_once(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    keep(app, *(Seen("feed a", "botnet", ip=f"192.0.2.{n}", raw={"n": n}) for n in range(60)), Seen("b", "spam"))
    page = client.get("/staff/findings/selected?finding=60&feed=feed+a").text
    assert "With all 60 open findings" in page
    told = {"finding": "60", "feed": "feed a", "whole": "y"}
    assert client.post("/staff/findings/set-aside", data=told).status_code == 422
    said = client.post("/staff/findings/set-aside", data={**told, "reason": "repaired"}, follow_redirects=True).text
    assert "60 findings were set aside" in said
    assert '<option value="feed a" selected>' in said, "the list is the one that was left"
    assert "Repaired in the meantime" in client.get("/staff/findings/60").text
    assert "Open it again" in client.get("/staff/findings/60").text
    back = client.post("/staff/findings/return", data={"finding": ["60", "59"]}, follow_redirects=True).text
    assert "2 findings are open again" in back
    assert "(nowhere told)" in client.get("/staff/findings/61").text
    assert "Tick at least one" in client.post("/staff/findings/return", data={}, follow_redirects=True).text
    for act in ("open", "attach", "set-aside"):
        assert "Tick at least one" in client.post(f"/staff/findings/{act}", follow_redirects=True).text


def test_an_operator_reads_findings_and_decides_nothing(app: Flask) -> None:
    client = sign_in(app, "Olive", "operator")
    keep(app, Seen("feed a", "botnet", ip="192.0.2.1"))
    assert "Decide about" not in client.get("/staff/findings").text
    assert "Open a case" not in client.get("/staff/findings/1").text
    assert client.post("/staff/findings/open", data={"finding": "1"}).status_code == 403


def test_the_desk_sees_answers_indicators_and_what_is_inside_files(app: Flask) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("invoice.exe", b"MZ")
    with app.app_context():
        told = Submission(
            Language.EN,
            description="x",
            kind="phishing",
            answers={"money_sent": "yes"},
            indicators="10:11:12.345 Apache 2.4.62 GET http://bad.example/i",
            for_whom="Bakery Ltd",
            for_whom_contact="no",
            reference="T-17",
            restriction="TLP:GREEN",
            together=["R26-000002-0"],
        )
        report = receive(told, Channel.API)
        number, report_id = report.number, report.id
        files.keep("suspicious.eml", MAIL, report_id=report_id)
        files.keep("a.zip", out.getvalue(), report_id=report_id)
        session.commit()
    page = sign_in(app, "Ann", "analyst").get(f"/staff/reports/{number}").text
    assert "10:11:12.345 Apache 2.4.62 GET hxxp://bad[.]example/i" in page
    for words in ("Was money sent?", "Bakery Ltd", "may be contacted: No", "T-17", "TLP:GREEN", "R26-000002-0"):
        assert words in page, words
    for words in ("Reply-To", "worse", "evil", "hxxp://bad[.]example/login", "invoice.exe"):
        assert words in page, words
    assert "http://bad.example" not in page.partition("What it names")[0].partition("Inside")[2]
