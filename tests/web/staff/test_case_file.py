"""A case as a file: signed PDF and JSON, in either language, with its label on every page."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from cert_portal import config
from cert_portal.cases.correspondence import PlannedLetter
from cert_portal.core import crypto
from cert_portal.core.crypto import CryptoError
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail import outbox
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.outbox import Letter
from cert_portal.intake.models import Report
from cert_portal.intake.status import secret_of
from tests.web.staff.desk import add, check_places, do, open_case, refused, report, sign_in
from tests.web.staff.test_case import tomorrow


def files(data: bytes) -> dict[str, bytes]:
    """The parts of a zip by the end of their names."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name.partition(".")[2] or name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(("language", "words"), [("en", "Incident form"), ("zh-hant", "事故表格")])
def test_a_case_leaves_on_signed_paper(app: Flask, ann: FlaskClient, tmp_path: Path, language: str, words: str) -> None:
    number = open_case(ann, report(app, "A shop was attacked from https://bad.example/login", found_how="一個電話"))
    ann.post(f"/staff/cases/{number}/note", data={"note": "colleagues only"})
    page = ann.get(f"/staff/cases/{number}/export").text
    check_places(page)
    assert config.current().desk_key in page
    answer = ann.post(
        f"/staff/cases/{number}/export.zip", data={"language": language, "tlp": "TLP:AMBER+STRICT", "notes": "y"}
    )
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{number}-AMBER+STRICT.zip"'
    parts = files(answer.data)
    assert set(parts) == {"pdf", "pdf.asc", "txt"}
    assert crypto.desk().is_signed(parts["pdf"], parts["pdf.asc"].decode())
    assert f"gpg --verify {number}-AMBER+STRICT.pdf.asc" in parts["txt"].decode()
    file = tmp_path / "case.pdf"
    file.write_bytes(parts["pdf"])
    text = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout
    *pages, _end = text.split("\f")
    assert all("TLP:AMBER+STRICT" in each for each in pages)
    whole = re.sub(r"\s+", "", "".join(pages))
    for told in (words, "000-59", "一個電話", "colleagues only", "bad[.]example", "rita@victim.example"):
        assert re.sub(r"\s+", "", told) in whole
    page = ann.get(f"/staff/cases/{number}").text
    assert f"PDF {language.upper()} · TLP:AMBER+STRICT · with colleagues’ notes" in page


@pytest.mark.parametrize(("language", "words"), [("en", "Without colleagues’ notes"), ("zh-hant", "不包括同事備註")])
def test_what_colleagues_wrote_for_each_other_stays_unless_it_is_ticked(
    app: Flask, ann: FlaskClient, tmp_path: Path, language: str, words: str
) -> None:
    number = open_case(ann, report(app))
    do(ann, f"/staff/cases/{number}/note", note="colleagues only")
    line = re.search(
        r'id="(e\d+)" class="staff-line__item staff-line__item--note', ann.get(f"/staff/cases/{number}").text
    )
    assert line
    do(ann, f"/staff/cases/{number}/note", note="put right quietly", line=line[1])
    page = ann.get(f"/staff/cases/{number}/export").text
    assert page.count("With the notes of colleagues") == 2
    assert not re.search(r"<input[^>]* checked", page)
    path = f"/staff/cases/{number}/export"
    file = tmp_path / "case.pdf"
    file.write_bytes(files(ann.post(f"{path}.zip", data={"language": language}).data)["pdf"])
    paper = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout
    data = ann.post(f"{path}.json").text
    for whole in (paper, data):
        assert "colleagues only" not in whole
        assert "put right quietly" not in whole
    assert re.sub(r"\s", "", words) in re.sub(r"\s", "", paper)
    assert json.loads(data)["with_notes"] is False
    page = ann.get(f"/staff/cases/{number}").text
    assert "JSON · TLP:AMBER · without colleagues’ notes" in page
    whole = json.loads(ann.post(f"{path}.json", data={"notes": "y"}).text)
    assert whole["with_notes"] is True
    assert {"colleagues only", "put right quietly"} <= {each["text"] for each in whole["timeline"]}


def test_a_case_leaves_as_data_with_its_referrals(app: Flask, ann: FlaskClient) -> None:
    number = open_case(ann, report(app))
    answer = ann.post(f"/staff/cases/{number}/export.json", data={"tlp": "TLP:RED"})
    assert f"{number}-RED.json" in answer.headers["Content-Disposition"]
    told = json.loads(answer.text)
    assert (told["tlp"], told["referrals"], told["reports"][0]["form"]["000-58"]) == (
        "TLP:RED",
        [],
        {"tolerable_hours": None},
    )
    assert json.loads(ann.post(f"/staff/cases/{number}/export.json").text)["tlp"] == "TLP:AMBER"
    for form in ("json", "zip"):
        for wrong in ({"tlp": "TLP:CLEAR"}, {"tlp": "odd"}):
            assert ann.post(f"/staff/cases/{number}/export.{form}", data=wrong).status_code == 400
    assert ann.post(f"/staff/cases/{number}/export.zip", data={"language": "odd"}).status_code == 400


def test_nothing_that_opens_a_door_is_in_the_files(app: Flask, ann: FlaskClient, tmp_path: Path) -> None:
    told = report(app)
    number = open_case(ann, told)
    with app.app_context():
        secret = secret_of(told)
    do(ann, f"/staff/cases/{number}/note", note="They opened https://portal.example/p/7.1.abc-DEF_9 twice")
    told_all = {"notes": "y"}
    assert secret not in ann.get(f"/staff/cases/{number}").text, "it is the reporter's alone"
    data = ann.post(f"/staff/cases/{number}/export.json", data=told_all).text
    file = tmp_path / "case.pdf"
    file.write_bytes(files(ann.post(f"/staff/cases/{number}/export.zip", data=told_all).data)["pdf"])
    paper = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout
    for whole in (data, re.sub(r"\s+", "", paper)):
        assert secret not in whole
        assert "abc-DEF_9" not in whole
        assert "[…]" in whole


def test_a_restricted_case_stays_with_those_who_need_to_know(app: Flask, ann: FlaskClient) -> None:
    number = open_case(ann, report(app), restricted="y")
    assert "TLP:AMBER</option>" not in ann.get(f"/staff/cases/{number}/export").text
    assert json.loads(ann.post(f"/staff/cases/{number}/export.json").text)["tlp"] == "TLP:AMBER+STRICT"
    bob = sign_in(app, "Bob", "analyst")
    assert bob.get(f"/staff/cases/{number}/export").status_code == 404
    for form in ("json", "zip"):
        assert bob.post(f"/staff/cases/{number}/export.{form}", data={"tlp": "odd"}).status_code == 404


def paper(client: FlaskClient, number: str, folder: Path, **told: str) -> tuple[dict[str, Any], str]:
    """A case as data, and what its signed PDF says."""
    path, file = f"/staff/cases/{number}/export", folder / "case.pdf"
    file.write_bytes(files(client.post(f"{path}.zip", data=told).data)["pdf"])
    text = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout
    return json.loads(client.post(f"{path}.json", data=told).text), text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            [
                "Ann – opened or restricted the case, or owns it",
                "Phase Containment, eradication and recovery",
                "Waits until",
                "What leaked? Data of core work",
                "Expected outage, in hours 8",
                "Cases merged into this one",
                "Letters for later",
                "Waits ·",
                "– Split off",
            ],
        ),
        (
            "zh-hant",
            ["Ann – 開立個案、把個案設為限閱，或負責處理", "等候至", "併入本個案的個案", "待發信件", "– 分拆而成"],
        ),
    ],
)
def test_the_paper_holds_what_the_data_hold(
    app: Flask, ann: FlaskClient, tmp_path: Path, language: str, words: list[str]
) -> None:
    bob, first = add(app, "Bob", "analyst"), report(app)
    number = open_case(ann, first)
    other, near, split = (open_case(ann, report(app, text)) for text in ("One", "Two", "Three"))
    path = f"/staff/cases/{number}"
    first_paper = paper(ann, near, tmp_path)[1]
    assert "Everybody at the centre who may read cases" in first_paper
    assert ("Not decided" in first_paper, "No level" in first_paper) == (True, False)
    do(ann, f"{path}/merge", others=[other], reason="One wave")
    do(ann, f"{path}/restrict", why="A leak")
    do(ann, f"{path}/access", person=str(bob), why_named="She knows the bank")
    for each, why in ((near, "The same wave"), (split, "split")):
        do(ann, f"{path}/link", other=each, why_linked=why)
    do(ann, f"{path}/take")
    do(ann, f"{path}/level", leaked="core", tampered="none", halted="core", tolerable="4", expected="8")
    do(ann, f"{path}/move", verb="triage")
    do(ann, f"{path}/move", verb="start")
    do(ann, f"{path}/move", verb="wait", until=tomorrow().isoformat(), reason="for the host")
    do(ann, f"{path}/phase", phase="containment_eradication_recovery")
    do(ann, f"{path}/write", do="later", to=first, when="next_morning", subject="Soon", letter="Dear Rita, wait a day")
    told, whole = paper(ann, number, tmp_path, language=language, notes="y")
    assert told["named"] == [
        {"name": "Ann", "code": "opened_by", "reason": ""},
        {"name": "Bob", "code": "", "reason": "She knows the bank"},
    ]
    assert told["links"] == [
        {"case": near, "code": "", "reason": "The same wave"},
        {"case": split, "code": "split", "reason": ""},
    ]
    for each in (*words, other, "Bob – She knows the bank", f"{near} – The same wave", "wait a day", "Soon"):
        assert re.sub(r"\s", "", each) in re.sub(r"\s", "", whole), each


def test_signs_made_of_several_signs_can_be_read_and_copied(app: Flask, ann: FlaskClient, tmp_path: Path) -> None:
    signs = "👩‍👩‍👧‍👦 🇭🇰 😀 👍🏽 ❤️ 1️⃣"
    number = open_case(ann, report(app, f"They wrote {signs} below"))
    assert f"They wrote {signs} below" in paper(ann, number, tmp_path)[1]
    fonts = subprocess.run(["pdffonts", str(tmp_path / "case.pdf")], capture_output=True, text=True, check=True).stdout
    assert "Emoji" in fonts


def test_a_letter_that_did_not_leave_says_why_on_paper(app: Flask, ann: FlaskClient, tmp_path: Path) -> None:
    number = open_case(ann, rita := report(app))
    letter = {"when": "next_morning", "subject": "Soon", "letter": "Dear Rita, wait a day"}
    do(ann, f"/staff/cases/{number}/write", do="later", to=rita, **letter)
    start_writing()
    with app.app_context():
        row = session.query(PlannedLetter).one()
        row.state, row.reason = "stopped", "closed"
        session.commit()
    assert "Did not leave · the case was closed in the meantime" in paper(ann, number, tmp_path)[1]


def test_a_letter_that_came_back_says_so_on_paper_and_in_the_search(
    app: Flask, ann: FlaskClient, tmp_path: Path
) -> None:
    number = open_case(ann, rita := report(app))
    do(ann, f"/staff/cases/{number}/write", to=rita, subject="Hello", letter="Dear Rita")
    start_writing()
    with app.app_context():
        sent = session.query(Letter).filter_by(name="case_letter").one()
        outbox.came_back(sent.id, Verdict.HARD, "550 no such mailbox")
        session.commit()
    told, whole = paper(ann, number, tmp_path)
    assert [each["letter"]["came_back"] for each in told["timeline"] if each["kind"] == "letter.case_letter"] == [
        "hard"
    ]
    assert "· Came back for good" in whole
    assert "550 no such mailbox" in whole
    assert "Came back for good" in ann.get("/staff/search?q=Hello").text


def test_what_cannot_be_signed_does_not_leave(app: Flask, ann: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    number = open_case(ann, report(app))

    def fail(*_told: object) -> str:
        raise CryptoError("no key")

    monkeypatch.setattr(crypto.Keyring, "sign", fail)
    assert "could not be signed" in refused(ann, f"/staff/cases/{number}/export.zip")
    assert "Downloaded as a file" not in do(ann, f"/staff/cases/{number}/tag", tag="x")


def test_the_paper_holds_what_was_told_besides_the_form(app: Flask, ann: FlaskClient, tmp_path: Path) -> None:
    told = report(app)
    start_writing()
    with app.app_context():
        row = session.scalars(select(Report).where(Report.number == told)).one()
        more = {"answers": {"ransom_ending": ".qwzx"}, "contact_time": "after six", "still_going": "yes"}
        whom = {"for_whom": "My mother", "for_whom_relation": "her son", "for_whom_contact": "no"}
        row.details = {**row.details, **more, **whom, "indicators": "GET /x.php 203.0.113.5"}
        session.commit()
    _data, page = paper(ann, open_case(ann, told), tmp_path)
    plain = re.sub(r"\s+", " ", page)
    for words in ("What else was told", "after six", "My mother · her son · may be contacted: No", "/x.php"):
        assert words in plain, words


def test_the_steps_leave_and_their_reasons_stay(app: Flask, ann: FlaskClient, tmp_path: Path) -> None:
    number, near = (open_case(ann, report(app, text)) for text in ("One", "Two"))
    path = f"/staff/cases/{number}"
    do(ann, f"{path}/take")
    do(ann, f"{path}/level", leaked="core", tampered="none", halted="core", tolerable="4", expected="8")
    do(ann, f"{path}/move", verb="triage")
    do(ann, f"{path}/move", verb="start")
    do(ann, f"{path}/link", other=near, why_linked="ASECRETGANG")
    do(ann, f"{path}/restrict", why="ASECRETINQUIRY")
    do(ann, f"{path}/move", verb="wait", until=tomorrow().isoformat(), reason="ASECRETHOST")
    page = ann.get(path).text
    assert page.count("staff-line__item--note") == 1, "the wait alone has words"
    assert not re.search("Notes <[^>]*>[1-9]", page)
    told, whole = paper(ann, number, tmp_path)
    assert {"case.triaged", "case.started", "case.waiting"} <= {each["kind"] for each in told["timeline"]}
    assert "Handling began" in whole
    for each in (json.dumps(told), whole):
        assert "ASECRET" not in each
    told, whole = paper(ann, number, tmp_path, notes="y")
    assert json.dumps(told).count("ASECRETGANG") == 2
    for each in ("ASECRETGANG", "ASECRETINQUIRY", "ASECRETHOST"):
        assert each in whole, each


def test_what_a_red_case_holds_leaves_no_other_case_under_a_wider_label(app: Flask, ann: FlaskClient) -> None:
    shared = report(app)
    first, second = open_case(ann, shared), open_case(ann, report(app, "Another"))
    do(ann, f"/staff/cases/{second}/join", report=shared)
    do(ann, f"/staff/cases/{first}/tlp", tlp="TLP:RED")
    path = f"/staff/cases/{second}/export.json"
    assert json.loads(ann.post(path).text)["tlp"] == "TLP:RED"
    assert ann.post(path, data={"tlp": "TLP:AMBER"}).status_code == 400
