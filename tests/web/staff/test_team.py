"""The pages of the team: roster, absence, workload, handover, notices, mentions."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.cases.workflow import today
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import accounts
from cert_portal.intake.models import Report
from tests.web.staff.desk import NOW, add, do, open_case, refused, report, sign_in
from workers.team import tell_people


@pytest.fixture
def carol(app: Flask) -> FlaskClient:
    return sign_in(app, "Carol", "supervisor")


@pytest.fixture
def case(app: Flask, ann: FlaskClient) -> str:
    number = open_case(ann, report(app))
    with app.app_context():  # from here on the record is read
        tell_people()
    return number


def day(app: Flask, later: int = 0) -> date:
    with app.app_context():
        return today() + timedelta(days=later)


def number_of(app: Flask, name: str) -> int:
    with app.app_context():
        user = accounts.by_email(f"{name.lower()}@portal.example")
        assert user
        return user.id


def tell(app: Flask) -> None:
    start_writing()
    with app.app_context():
        tell_people()
        tell_people()


def subjects(app: Flask, name: str) -> list[str]:
    with app.app_context():
        letters = session.query(Letter).filter_by(name="notice", recipient=f"{name}@portal.example")
        return [each.subject for each in letters.order_by(Letter.id)]


def test_the_roster_marks_who_left_and_names_the_shifts_that_nobody_takes(app: Flask, carol: FlaskClient) -> None:
    root, ben, leo = sign_in(app, "Root", "admin"), add(app, "Ben", "analyst"), add(app, "Leo", "analyst")
    eva, tomorrow = add(app, "Eva", "analyst"), day(app, 1)
    for user, begins in ((ben, "07:00"), (leo, "08:00"), (eva, "09:00"), (number_of(app, "Carol"), "10:00")):
        told = {"person": user, "day": tomorrow, "begins": begins, "ends": "17:00", "days": "1"}
        page = do(carol, "/staff/team/shifts", **told)
    assert "Shifts to give to somebody else" not in page
    do(root, f"/staff/people/{ben}", name="Ben", roles=["analyst"])
    do(root, f"/staff/people/{leo}", name="Leo", roles=["editor"], active="y")
    page = do(carol, "/staff/team/absences", away_person=eva, first=tomorrow, last=tomorrow)
    assert len(re.findall(r">left</span>", page)) == 2
    holes = page.partition("Shifts to give to somebody else")[2].partition("</div>")[0]
    assert re.findall(r"(\d\d:00)–17:00 (\w+)", holes) == [("07:00", "Ben"), ("08:00", "Leo"), ("09:00", "Eva")]


def test_a_supervisor_plans_and_the_desk_says_who_is_on_duty(app: Flask, ann: FlaskClient, carol: FlaskClient) -> None:
    told = {"person": number_of(app, "Ann"), "day": day(app), "begins": "00:00", "ends": "23:59", "days": "2"}
    page = do(carol, "/staff/team/shifts", **told)
    assert "2 shifts are on the roster." in page
    assert "00:00–23:59" in page
    assert "<strong>Ann</strong>" in ann.get("/staff/").text
    assert "<strong>Ann</strong>" in ann.get("/staff/queue/team").text
    assert "Put on the roster" not in ann.get("/staff/team").text
    assert ann.post("/staff/team/shifts", data=told).status_code == 403
    for shift in (1, 2):
        page = do(carol, f"/staff/team/shifts/{shift}/remove")
    assert "Nobody is on the roster now." in page


def test_every_planned_shift_is_found_and_taken_off_by_paging(app: Flask, ann: FlaskClient, carol: FlaskClient) -> None:
    told = {"person": number_of(app, "Ann"), "begins": "07:00", "ends": "08:00"}
    seen = {"Earlier shifts", "The next two weeks", "Later shifts"}
    assert not [words for words in seen if words in ann.get("/staff/team").text]
    do(carol, "/staff/team/shifts", **told, day=day(app, 1), days="31")
    page = do(carol, "/staff/team/shifts", **told, day=day(app, 300), days="1")
    rows = re.findall("07:00–08:00</span> Ann", page)  # the next shift of all may stand above them
    assert (len(rows), "Earlier shifts" in page, "Later shifts" in page) == (1, True, False)
    counts = []
    page = ann.get("/staff/team").text
    while later := re.search(r'href="([^"]+)">Later shifts<', page):
        counts.append(len(re.findall("07:00–08:00</span> Ann", page)))
        page = ann.get(later[1]).text
    assert counts == [13, 14, 4]
    earlier = re.search(r'href="([^"]+)">Earlier shifts<', page)
    assert earlier
    page = carol.get(earlier[1]).text
    assert len(re.findall("07:00–08:00</span> Ann", page)) == 14
    remove = re.findall(r'action="(/staff/team/shifts/\d+/remove[^"]*)"', page)[-1]
    assert len(re.findall("07:00–08:00</span> Ann", do(carol, remove))) == 13
    for told_day in ("soon", "0001-01-01", "9999-12-31"):
        assert "The next two weeks" not in ann.get(f"/staff/team?first={told_day}").text


def test_of_days_that_are_over_no_shift_is_taken_off(app: Flask, carol: FlaskClient) -> None:
    told = {"person": number_of(app, "Carol"), "begins": "07:00", "ends": "08:00", "days": "1"}
    with clock.turned_to(clock.now() - timedelta(days=3)):
        do(carol, "/staff/team/shifts", **told, day=day(app, 1))
    earlier = re.search(r'href="([^"]+)">Earlier shifts<', carol.get("/staff/team").text)
    assert earlier
    page = carol.get(earlier[1]).text
    assert ("07:00–08:00</span> Carol" in page, "/remove" in page) == (True, False)


def test_what_is_wrong_with_a_plan(app: Flask, carol: FlaskClient) -> None:
    told = {"person": number_of(app, "Carol"), "day": "2026-05-04", "begins": "09:00", "ends": "18:00", "days": "1"}
    assert "Choose a day" in refused(carol, "/staff/team/shifts", **{**told, "day": "soon"})
    assert "Enter a time like 09:00" in refused(carol, "/staff/team/shifts", **{**told, "begins": ""})
    for odd in ("0", "-1", "x", "1.5", "32"):
        page = refused(carol, "/staff/team/shifts", **{**told, "days": odd})
        assert ("Enter a number between 1 and 31," in page, "absence lasts" in page) == (True, False), odd
    page = refused(carol, "/staff/team/absences", first=day(app), last=day(app, 366))
    assert ("An absence lasts a year at most." in page, "31 days" in page) == (True, False)
    assert "The shift ends when it begins" in refused(carol, "/staff/team/shifts", **{**told, "ends": "09:00"})
    assert "This shift is over already" in refused(carol, "/staff/team/shifts", **{**told, "day": "2026-05-04"})
    for far, days in ((day(app, 366), "1"), (day(app, 365), "2"), (date(2199, 12, 25), "31")):
        page = refused(carol, "/staff/team/shifts", **{**told, "day": far, "days": days})
        assert "The time must lie within a year" in page
    assert "1 shift is on the roster" in do(carol, "/staff/team/shifts", **{**told, "day": day(app, 365)})
    assert carol.post("/staff/team/shifts", data={**told, "person": "999"}).status_code == 400


def test_whoever_is_away_is_marked_and_the_cases_are_offered(
    app: Flask, ann: FlaskClient, carol: FlaskClient, case: str
) -> None:
    do(ann, f"/staff/cases/{case}/take")
    page = do(ann, "/staff/team/absences", first=day(app), last=day(app, 3))
    assert "The absence is noted." in page
    assert "Open cases of people who are away" in page
    assert "away until" in carol.get(f"/staff/cases/{case}").text
    offered = carol.get("/staff/cases?q=is:open+is:away").text
    assert case in offered
    assert "away until" in offered
    assert "Open cases of people who are away" in carol.get("/staff/").text
    page = carol.get("/staff/team/workload").text
    assert "away until" in page
    assert ('data-label="No level"' in page, 'data-label="Not decided"' in page) == (True, True)
    assert "The last day is before" in refused(ann, "/staff/team/absences", first=day(app, 1), last=day(app))
    assert "Choose a day" in refused(ann, "/staff/team/absences", first="", last=day(app))
    for first, last in ((date(1990, 1, 1), date(1990, 1, 2)), (day(app, -3), day(app, -1))):
        assert "These days are over already" in refused(ann, "/staff/team/absences", first=first, last=last)
    assert "noted already" in refused(
        carol, "/staff/team/absences", away_person=number_of(app, "Ann"), first=day(app), last=day(app)
    )
    do(carol, "/staff/team/absences", away_person=number_of(app, "Ann"), first=day(app), last=day(app, 4))
    bob = sign_in(app, "Bob", "analyst")
    assert "Only the duty supervisor" in refused(bob, "/staff/team/absences/1/remove")
    do(ann, "/staff/team/absences/1/remove")
    assert "Nobody is away." in do(carol, "/staff/team/absences/2/remove")


def test_the_roster_marks_each_day_on_which_its_person_is_away(
    app: Flask, ann: FlaskClient, carol: FlaskClient
) -> None:
    told = {"person": str(number_of(app, "Ann")), "day": day(app, 1), "begins": "09:00", "ends": "17:00", "days": "3"}
    do(carol, "/staff/team/shifts", **told)
    told_of = f"Ann is on the roster though away: {day(app, 2):%-d %b %Y}."
    assert told_of in do(ann, "/staff/team/absences", first=day(app, 2), last=day(app, 2))
    assert told_of in do(carol, "/staff/team/shifts", **told)
    page = refused(carol, "/staff/team/shifts", **{**told, "begins": "10:00"})
    assert "This person has a shift in that time already" in page
    do(ann, "/staff/team/absences", first=day(app, 20), last=day(app, 40))
    page = do(carol, "/staff/team/shifts", **{**told, "day": day(app, 20), "days": "12"})
    assert "…." in page, "the first ten are named"
    shifts = re.findall(r'<ul class="govuk-list staff-shifts">(.*?)</ul>', ann.get("/staff/team").text, re.DOTALL)
    assert ["away until" in each for each in shifts[:4]] == [False, False, True, False]


def test_a_handover_offers_nobody_to_oneself(app: Flask, ann: FlaskClient, carol: FlaskClient) -> None:
    told = {"person": str(number_of(app, "Ann")), "day": day(app, 1), "begins": "00:00", "ends": "01:00", "days": "1"}
    do(carol, "/staff/team/shifts", **told)
    assert "Whoever comes next</option>" in ann.get("/staff/team/handovers").text
    assert "Whoever comes next (Ann)</option>" in carol.get("/staff/team/handovers").text


def test_a_handover_waits_until_it_is_confirmed(app: Flask, ann: FlaskClient, case: str) -> None:
    bob = sign_in(app, "Bob", "analyst")
    assert "Enter some words." in refused(ann, "/staff/team/handovers", words=" ")
    assert "characters or fewer" in refused(ann, "/staff/team/handovers", words="x" * 20_001)
    page = do(ann, "/staff/team/handovers", words="Call the <bank>", to=number_of(app, "Bob"))
    assert "Call the &lt;bank&gt;" in page
    assert "I have read it" not in page
    assert "for somebody else, or you wrote it" in refused(ann, "/staff/team/handovers/1/confirm")
    assert "/staff/team/handovers/1" in bob.get("/staff/").text
    assert "I have read it" in bob.get("/staff/team/handovers/1").text
    assert "Bob confirmed having read it" in do(bob, "/staff/team/handovers/1/confirm")
    assert "/staff/team/handovers/1" not in bob.get("/staff/").text
    assert "Call the" in ann.get("/staff/team/handovers").text
    assert "handover" in do(bob, "/staff/notices/1/open").lower()
    do(bob, "/staff/team/absences", first=day(app, 0), last=day(app, 2))
    assert "Bob – away until" in ann.get("/staff/team/handovers").text
    assert do(ann, "/staff/team/handovers", words="To all")
    assert ann.get("/staff/team/handovers/9").status_code == 404


def test_a_second_press_writes_no_second_note_and_no_second_handover(
    app: Flask, ann: FlaskClient, carol: FlaskClient, case: str
) -> None:
    for _ in range(2):
        assert do(ann, f"/staff/cases/{case}/note", note="Call the bank").count("Call the bank") == 1
        for to in ("", number_of(app, "Carol")):
            assert "Take care" in do(ann, "/staff/team/handovers", words="Take care", to=to)
    assert ann.get("/staff/team/handovers/3").status_code == 404
    do(ann, "/staff/team/handovers", words="Take great care", to="")
    assert "Call the bank" in do(carol, f"/staff/cases/{case}/note", note="Call the bank")
    page = do(ann, f"/staff/cases/{case}/note", note="Call the bank", happened="2026-01-02 10:00")
    assert page.count("Call the bank") == 3, "another call"
    with clock.turned_to(clock.now() + timedelta(minutes=2)):
        assert do(ann, f"/staff/cases/{case}/note", note="Call the bank").count("Call the bank") == 4
        do(ann, "/staff/team/handovers", words="Take care", to="")
    assert ann.get("/staff/team/handovers/4").status_code == 200


def test_the_bell_counts_leads_and_is_read(app: Flask, ann: FlaskClient, case: str) -> None:
    bob = sign_in(app, "Bob", "analyst")
    assert "Nothing yet" in bob.get("/staff/notices").text
    do(ann, f"/staff/cases/{case}/owner", owner=number_of(app, "Bob"))
    do(ann, f"/staff/cases/{case}/note", note="Please look, @Bob")
    tell(app)
    page = bob.get("/staff/notices").text
    assert re.search(r'staff-bell__count">2<', page)
    assert (page.count("You were given a case"), page.count("You were mentioned on a case")) == (1, 1)
    assert case in do(bob, "/staff/notices/1/open")
    assert re.search(r'staff-bell__count">1<', bob.get("/staff/").text)
    assert "staff-bell__count" not in do(bob, "/staff/notices/read")
    assert ann.post("/staff/notices/1/open").status_code == 404
    assert subjects(app, "bob") == [f"[{case}] You were given a case", f"[{case}] You were mentioned on a case"]


def test_what_one_is_told_of_is_chosen_on_the_account(app: Flask, ann: FlaskClient, case: str) -> None:
    bob = sign_in(app, "Bob", "analyst")
    page = do(bob, "/staff/account/notices", in_portal=["given"], by_mail=["overdue"])
    ticked = set(re.findall(r'id="((?:portal|mail)-\w+)"[^>]* checked', page))
    assert ticked == {"portal-given", "mail-overdue"}
    do(ann, f"/staff/cases/{case}/owner", owner=number_of(app, "Bob"))
    do(ann, f"/staff/cases/{case}/note", note="@Bob")
    tell(app)
    page = bob.get("/staff/notices").text
    assert ("You were given a case" in page, "You were mentioned" in page, subjects(app, "bob")) == (True, False, [])
    assert "In the portal" not in sign_in(app, "Eva", "editor").get("/staff/account").text


def test_a_colleague_is_mentioned_by_the_list_or_in_the_words(app: Flask, ann: FlaskClient, case: str) -> None:
    add(app, "Bob", "analyst")
    page = ann.get(f"/staff/cases/{case}").text
    assert '<option value="@Bob">bob@portal.example</option>' in page
    page = do(ann, f"/staff/cases/{case}/note", note="see <this>", mention="@Bob")
    assert "Will be told: Bob" in page
    assert '<mark class="staff-mention">@Bob</mark> see &lt;this&gt;' in page
    assert "no colleague is called that" in refused(ann, f"/staff/cases/{case}/note", note="x", mention="@Zed")
    page = do(ann, f"/staff/cases/{case}/note", note="@Zed and @eva: see @Ann")
    assert "Nobody is told of @Zed, @eva: no colleague with access to cases is called that." in page
    assert "Will be told" not in page
    do(ann, f"/staff/cases/{case}/restrict", why="a colleague")
    page = refused(ann, f"/staff/cases/{case}/note", note="@bob, look")
    assert "Bob may not see this restricted case and cannot be mentioned here." in page
    assert "@bob, look</textarea>" in page


def test_a_major_case_without_an_owner_stands_above_every_list(
    app: Flask, ann: FlaskClient, carol: FlaskClient, case: str
) -> None:
    worst = {"leaked": "sensitive", "tampered": "none", "halted": "none"}
    do(ann, f"/staff/cases/{case}/level", **worst)
    with clock.turned_to(clock.now() + timedelta(minutes=31)):
        for page in (carol.get("/staff/").text, carol.get("/staff/queue/mine").text):
            assert "Nobody owns this major case since" in page
            assert case in page
        tell(app)
        assert subjects(app, "carol")[-1] == f"[{case}] Alarm: a major case without an owner"
        do(ann, f"/staff/cases/{case}/take")
        assert "Nobody owns this major case" not in carol.get("/staff/").text


def test_an_exercise_is_marked_in_the_alarm_and_in_notices_and_no_work_is_counted(
    app: Flask, ann: FlaskClient, carol: FlaskClient
) -> None:
    number = report(app, "Played")
    start_writing()
    with app.app_context():
        session.query(Report).filter_by(number=number).one().drill = True
        session.commit()
    case = open_case(ann, number)
    do(ann, f"/staff/cases/{case}/level", leaked="sensitive", tampered="none", halted="none")
    with clock.turned_to(clock.now() + timedelta(minutes=31)):
        alarm = carol.get("/staff/").text.partition("Nobody owns this major case since")[2].partition("</p>")[0]
        assert "Exercise" in alarm
        tell(app)
        notices = carol.get("/staff/notices").text
        assert "Exercise" in notices.partition(f"{case}</span>")[2].partition("</li>")[0]
    assert ">1</strong>" not in carol.get("/staff/team/workload").text


def test_many_of_them_do_not_push_the_list_away(app: Flask, ann: FlaskClient, carol: FlaskClient) -> None:
    for number in range(5):
        with clock.turned_to(NOW + timedelta(minutes=number)):
            case = open_case(ann, report(app, f"Wave {number}"))
            do(ann, f"/staff/cases/{case}/level", leaked="sensitive", tampered="none", halted="none")
    with clock.turned_to(NOW + timedelta(minutes=60)):
        page = carol.get("/staff/").text
        assert page.count("Nobody owns this major case since") == 3
        assert "and 2 more" in page
        everything = carol.get("/staff/cases?q=is:open is:unassigned is:major").text
        assert all(number in everything for number in re.findall(r"C26-\d{6}-\d", page))


def test_workload_tells_a_supervisor_nothing_of_a_restricted_case(
    app: Flask, ann: FlaskClient, carol: FlaskClient, case: str
) -> None:
    do(ann, f"/staff/cases/{case}/take")
    do(ann, f"/staff/cases/{case}/restrict", why="a colleague")
    mine, others = (
        re.findall(r'data-label="All"><strong>(\d+)', each.get("/staff/team/workload").text) for each in (ann, carol)
    )
    assert sum(map(int, mine)) == 1
    assert sum(map(int, others)) == 0
