"""Two people at one case or report at the same time: what a page shows may be over when its button is pressed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from threading import Barrier, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core.db import session
from cert_portal.core.mail.outbox import Letter
from tests.web.staff.desk import check_places, do, open_case, refused, report, sign_in

SENT = {"subject": "About it", "letter": "Unplug the server now."}


@pytest.fixture
def ann(app: Flask) -> FlaskClient:
    return sign_in(app, "Ann", "analyst", "supervisor")


@pytest.fixture
def ben(app: Flask, ann: FlaskClient) -> FlaskClient:
    return sign_in(app, "Ben", "analyst", "supervisor")


def seen(client: FlaskClient, path: str) -> str:
    """What the forms of a page tell as the line that it ends with."""
    found = re.search(r'name="seen" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def together(*acts: Callable[[], int]) -> list[int]:
    """Do these at the same moment; answers what came of each, sorted."""
    ready, came = Barrier(len(acts)), list[int]()

    def run(act: Callable[[], int]) -> None:
        ready.wait()
        came.append(act())

    threads = [Thread(target=run, args=(each,)) for each in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(came)


def post(client: FlaskClient, path: str, data: Mapping[str, object]) -> Callable[[], int]:
    return lambda: client.post(path, data=data).status_code


def letters(app: Flask) -> list[str]:
    """What people wrote, in order."""
    with app.app_context():
        written = session.query(Letter).filter(Letter.name != "report_received").order_by(Letter.id)
        return [each.text for each in written]


def test_a_page_of_a_case_that_was_merged_meanwhile_changes_nothing(
    app: Flask, ann: FlaskClient, ben: FlaskClient
) -> None:
    mine, other = (report(app, words, email=f"{words}@victim.example") for words in ("phishing", "ransomware"))
    case, into = open_case(ann, mine, title="A page"), open_case(ben, other, title="Locked", kind="ransomware")
    at = seen(ann, f"/staff/cases/{case}")
    do(ben, f"/staff/cases/{into}/merge", others=case, reason="the same")
    before = ben.get(f"/staff/cases/{into}").text
    letter = {"to": mine, **SENT}
    forms = {
        "write": letter,
        "note": {"note": "Look at the log"},
        "move": {"verb": "dismiss", "outcome": "no_incident", "letter": "The page is gone."},
        "describe": {"title": "A page, gone", "kind": "phishing"},
        "level": {"functional": "none"},
        "owner": {"owner": ""},
        "take": {},
        "phase": {"phase": "recovery"},
        "tlp": {"tlp": "TLP:RED", "why": "x"},
        "tag": {"tag": "wave"},
        "untag": {"tag": "wave"},
        "join": {"report": other},
        "restrict": {"why": "police"},
        "access": {"person": "1", "why_named": "x"},
        "link": {"other": into, "why_linked": "x"},
        "unlink": {"other": into},
        "merge": {"others": into},
        "take-out": {"reports": mine, "reason": "x"},
        "split": {"reports": mine, "title": "x", "kind": "phishing"},
        "observables/paste": {"lines": "198.51.100.9"},
        "exercise": {"drill": "yes", "why": "x"},
        "refer": {"organisation": "1"},
    }
    for name, data in forms.items():
        page = refused(ann, f"/staff/cases/{case}/{name}", seen=at, **data)
        assert f"{case} was merged into this case meanwhile. Nothing was sent or saved" in page, name
        check_places(page)
        if name in ("write", "note", "move"):
            assert next(iter(data[each] for each in ("note", "letter") if each in data)) in page, "nothing is lost"
    assert letters(app) == []
    now = ben.get(f"/staff/cases/{into}").text
    assert re.sub(r'value="[^"]{40,}"|nonce="[^"]+"', "", now) == re.sub(r'value="[^"]{40,}"|nonce="[^"]+"', "", before)
    do(ann, f"/staff/cases/{into}/write", seen=seen(ann, f"/staff/cases/{into}"), **letter)
    assert len(letters(app)) == 1


@pytest.mark.parametrize(
    ("form", "first", "second"),
    [
        ("tlp", {"tlp": "TLP:RED"}, {"tlp": "TLP:GREEN", "why": "for all members"}),
        ("phase", {"phase": "post_incident"}, {"phase": "preparation"}),
    ],
)
def test_what_a_colleague_set_is_not_taken_back_by_an_older_page(
    app: Flask, ann: FlaskClient, ben: FlaskClient, form: str, first: dict[str, str], second: dict[str, str]
) -> None:
    path = f"/staff/cases/{open_case(ann, report(app))}"
    at = seen(ann, path)
    do(ben, f"{path}/{form}", seen=at, **first)
    page = refused(ann, f"{path}/{form}", seen=at, **second)
    assert "Meanwhile, since you opened this page:" in page
    for value in second.values():
        assert f'value="{value}"' in page, "nothing is lost"
    assert f'<option value="{second[form]}" selected>' in page
    do(ann, f"{path}/{form}", **second, seen=seen(ann, path))
    assert f'<option value="{second[form]}" selected>' in ann.get(path).text


def test_a_case_is_not_closed_with_a_letter_over_what_a_colleague_wrote(
    app: Flask, ann: FlaskClient, ben: FlaskClient
) -> None:
    number = report(app)
    case = open_case(ann, number)
    path = f"/staff/cases/{case}"
    at = seen(ann, path)
    do(ben, f"{path}/write", to=number, subject="Wait", letter="Do NOT reconnect the server.")
    told = {"verb": "dismiss", "outcome": "no_incident", "letter": "You can reconnect it.", "seen": at}
    page = refused(ann, f"{path}/move", **told)
    assert "Somebody changed the case while you were writing" in page
    assert "Do NOT reconnect the server." in page
    assert "You can reconnect it." in page
    assert len(letters(app)) == 1
    do(ann, f"{path}/move", **{**told, "seen": seen(ann, path)})
    assert len(letters(app)) == 2


def test_a_page_is_asked_about_what_came_since_when_its_last_line_has_left_the_case(
    app: Flask, ann: FlaskClient, ben: FlaskClient
) -> None:
    mine, other = report(app), report(app, "another bank", email="other@victim.example")
    path = f"/staff/cases/{open_case(ann, mine)}"
    do(ben, f"{path}/join", report=other)
    do(ben, f"/staff/reports/{other}/write", **SENT)
    at = seen(ann, path)
    do(ben, f"{path}/take-out", reports=other, reason="another bank")
    do(ben, f"{path}/write", to=mine, **SENT)
    do(ben, f"{path}/tlp", tlp="TLP:AMBER+STRICT")
    page = refused(ann, f"{path}/write", to=mine, seen=at, subject="Wait", letter="Do NOT reconnect the server.")
    assert "Meanwhile, since you opened this page:" in page
    assert "Unplug the server now." in page
    assert len(letters(app)) == 2
    page = refused(ann, f"{path}/tlp", tlp="TLP:GREEN", why="for all members", seen=at)
    assert "Meanwhile, since you opened this page:" in page


def test_a_page_that_does_not_tell_when_it_was_made_is_asked_about_everything(
    app: Flask, ann: FlaskClient, ben: FlaskClient
) -> None:
    path = f"/staff/cases/{open_case(ann, report(app))}"
    at = seen(ann, path)
    do(ben, f"{path}/phase", phase="post_incident")
    for told in (at, "e1"):
        assert "Meanwhile, since" in refused(ann, f"{path}/phase", phase="preparation", seen=told)
    do(ann, f"{path}/phase", phase="preparation")


@pytest.mark.parametrize(
    ("act", "more", "look"),
    [
        ("refuse", {"reason": "spam", "letter": "All is well."}, ""),
        ("refuse", {"reason": "outside_remit", "letter": "All is well.", "subject": "Not for us"}, "not-for-us"),
        ("refer", {"body": "police", "letter": "All is well.", "subject": "Turn to"}, "refer?body=police"),
    ],
)
def test_a_report_is_not_ended_with_a_letter_over_what_a_colleague_wrote(
    app: Flask, ann: FlaskClient, ben: FlaskClient, act: str, more: dict[str, str], look: str
) -> None:
    path = f"/staff/reports/{report(app)}"
    at = seen(ann, f"{path}/{look}" if look else path)
    do(ben, f"{path}/write", subject="Wait", letter="Do NOT reconnect the server.")
    page = refused(ann, f"{path}/{act}", seen=at, **more)
    assert "Somebody wrote or decided about the report while you were writing" in page
    assert ("Do NOT reconnect the server." in page, "All is well." in page) == (True, True)
    again = re.findall(r'name="seen" value="([^"]+)"', page)[0]
    assert again != at
    do(ann, f"{path}/{act}", seen=again, **more)
    assert [len(letters(app)), letters(app)[1].count("All is well.")] == [2, 1]


def test_a_report_that_a_colleague_decided_about_is_not_joined_from_an_older_page(
    app: Flask, ann: FlaskClient, ben: FlaskClient
) -> None:
    number = report(app)
    other = open_case(ben, report(app, "something else"))
    at = seen(ben, f"/staff/reports/{number}")
    open_case(ann, number)
    page = refused(ben, f"/staff/reports/{number}/attach", case=other, seen=at)
    assert "Somebody wrote or decided about the report while you were writing" in page
    assert f'value="{other}"' in page
    assert "Nothing was sent or saved yet" in page
    do(ben, f"/staff/reports/{number}/attach", case=other, seen=seen(ben, f"/staff/reports/{number}"))


def test_of_two_letters_at_the_same_moment_one_is_asked_about(app: Flask, ann: FlaskClient, ben: FlaskClient) -> None:
    number = report(app)
    case = open_case(ann, number)
    told = {"to": number, "seen": seen(ann, f"/staff/cases/{case}"), **SENT}
    assert together(*(post(each, f"/staff/cases/{case}/write", told) for each in (ann, ben))) == [302, 422]
    there = {"seen": seen(ann, f"/staff/reports/{number}"), **SENT}
    here = {**told, "seen": seen(ben, f"/staff/cases/{case}")}
    by_report = post(ann, f"/staff/reports/{number}/write", there)
    assert together(by_report, post(ben, f"/staff/cases/{case}/write", here)) == [302, 422]
    assert len(letters(app)) == 2


def test_of_two_who_take_or_judge_a_case_at_the_same_moment_one_is_told(
    app: Flask, ann: FlaskClient, ben: FlaskClient
) -> None:
    case = open_case(ann, report(app))
    path = f"/staff/cases/{case}"
    at = {"seen": seen(ann, path)}
    assert together(*(post(each, f"{path}/take", at) for each in (ann, ben))) == [302, 422]
    at = {"seen": seen(ann, path)}
    level = {"functional": "none", "information": "none", "recoverability": "regular", **at}
    came = together(*(post(each, f"{path}/level", {**level, "override": str(n)}) for n, each in ((2, ann), (3, ben))))
    assert came[1] == 422


def test_the_same_at_the_same_moment_is_done_once_and_hurts_nobody(
    app: Flask, ann: FlaskClient, ben: FlaskClient
) -> None:
    case, other = (open_case(ann, report(app, words)) for words in ("one", "two"))
    path = f"/staff/cases/{case}"
    cid = sign_in(app, "Cid", "analyst")
    page = ann.get(path).text
    person = re.search(r'<option value="(\d+)">Cid', page)
    assert person
    acts: list[tuple[str, dict[str, object]]] = [
        ("tag", {"tag": "wave"}),
        ("untag", {"tag": "wave"}),
        ("link", {"other": other, "why_linked": "the same page"}),
        ("unlink", {"other": other}),
        ("observables/paste", {"lines": "198.51.100.9\nbad.example"}),
        ("restrict", {"why": "police"}),
        ("access", {"person": person[1], "why_named": "knows the bank"}),
        ("access", {"person": person[1], "why_named": "knows the bank"}),
    ]
    for name, data in acts:
        came = together(*(post(ann, f"{path}/{name}", data) for _ in range(3)))
        assert set(came) <= {200, 302}, (name, came)
    backwards = post(ann, f"/staff/cases/{other}/link", {"other": case, "why_linked": "y"})
    assert together(post(ann, f"{path}/link", {"other": other, "why_linked": "x"}), backwards) == [302, 302]
    draft = {"note": "half a thought"}
    assert together(*(post(cid, f"{path}/unsent/note", draft) for _ in range(4))) == [302] * 4


def test_two_who_unmerge_at_the_same_moment_both_find_it_done(app: Flask, ann: FlaskClient, ben: FlaskClient) -> None:
    case, into = (open_case(ann, report(app, words)) for words in ("one", "two"))
    do(ann, f"/staff/cases/{into}/merge", others=case)
    assert together(*(post(each, f"/staff/cases/{case}/unmerge", {}) for each in (ann, ben))) == [302, 302]
    assert case in ann.get(f"/staff/cases/{case}").text


def test_a_tick_that_became_hidden_costs_nothing_else(app: Flask, ann: FlaskClient, ben: FlaskClient) -> None:
    mine, ticked = report(app), report(app)
    open_case(ann, ticked, restricted="y")
    told = {"title": "My own title", "kind": "phishing", "others": [ticked]}
    page = refused(ben, f"/staff/reports/{mine}/open", **told)
    assert "can no longer be opened with this one" in page
    assert 'value="My own title"' in page
    assert ticked not in page
    do(ben, f"/staff/reports/{mine}/open", **{**told, "others": []})


def test_what_asks_by_itself_is_told_that_the_session_is_over(app: Flask) -> None:
    stranger = app.test_client()
    for path in ("/staff/queue/team", "/staff/searches/counts"):
        answer = stranger.get(path, headers={"HX-Request": "true"})
        assert (answer.status_code, answer.text) == (401, "")
    assert stranger.post("/staff/reports/new/alike", headers={"HX-Request": "true"}, data={}).status_code == 401


def test_a_restricted_case_is_offered_only_to_people_who_are_named(
    app: Flask, ann: FlaskClient, ben: FlaskClient
) -> None:
    path = f"/staff/cases/{open_case(ann, report(app))}"

    def offered() -> list[bool]:
        page = ann.get(path).text
        lists = (page.partition('id="owner"')[2].partition("</select>")[0], page.partition('id="colleagues"')[2])
        return ["Ben" in lists[0], "Ben" in lists[1].partition("</datalist>")[0]]

    assert offered() == [True, True]
    do(ann, f"{path}/restrict", why="police")
    assert offered() == [False, False]
    person = re.search(r'<option value="(\d+)">Ben', ann.get(path).text)
    assert person
    do(ann, f"{path}/access", person=person[1], why_named="knows the bank")
    assert offered() == [True, True]


def planned(client: FlaskClient, path: str, number: str) -> tuple[str, dict[str, str]]:
    """The page of a letter for later, and what its form tells besides its words."""
    do(client, f"{path}/write", to=number, do="later", when="in_a_week", **SENT)
    place = re.findall(rf'href="({path}/planned/\d+)"', client.get(path).text)[-1]
    page = client.get(place).text
    leaves_at = re.findall(r'value="(\d{4}-\d\d-\d\dT\d\d:\d\d)"', page)[0]
    at = re.findall(r'name="seen" value="([^"]+)"', page)[0]
    return place, {"seen": at, "subject": "About it", "leaves_at": leaves_at}


def test_of_two_who_change_a_letter_for_later_one_is_asked(app: Flask, ann: FlaskClient, ben: FlaskClient) -> None:
    number = report(app)
    place, form = planned(ann, f"/staff/cases/{open_case(ann, number)}", number)
    acts = [post(each, place, {**form, "letter": f"Words of {each}"}) for each in (ann, ben)]
    assert together(*acts) == [302, 422]


def test_words_for_a_letter_that_is_gone_are_kept(app: Flask, ann: FlaskClient, ben: FlaskClient) -> None:
    number = report(app)
    case = open_case(ann, number)
    place, form = planned(ann, f"/staff/cases/{case}", number)
    do(ben, f"{place}/cancel")
    for more in ({}, {"do": "send"}):
        page = refused(ann, place, **form, **more, letter="My long words")
        assert "The letter left or was cancelled meanwhile" in page
        assert "My long words" in page.partition('id="writing"')[2]
    place, form = planned(ann, f"/staff/cases/{case}", number)
    into = open_case(ben, report(app, "another"))
    do(ben, f"/staff/cases/{into}/merge", others=case)
    page = refused(ann, place, **form, letter="My long words")
    assert f"{case} was merged into this case meanwhile" in page
    assert "My long words" in page.partition('id="writing"')[2]
    of_report = f"/staff/reports/{report(app)}"
    place, form = planned(ann, of_report, number)
    do(ben, f"{place}/cancel")
    assert "My long words" in refused(ann, place, **form, letter="My long words").partition('id="writing"')[2]


def test_whatever_was_typed_for_a_case_that_was_merged_is_shown(app: Flask, ann: FlaskClient, ben: FlaskClient) -> None:
    case, into = (open_case(ann, report(app, words)) for words in ("one", "two"))
    do(ben, f"/staff/cases/{into}/merge", others=case)
    for name, data in (
        ("observables/paste", {"lines": "198.51.100.9\nbad.example"}),
        ("describe", {"title": "A better title", "kind": "phishing"}),
        ("take-out", {"reports": "x", "reason": "not of this case"}),
        ("restrict", {"why": "the police asked"}),
        ("link", {"other": into, "why_linked": "the same page"}),
    ):
        page = refused(ann, f"/staff/cases/{case}/{name}", **data)
        assert next(reversed([each for each in data.values() if each not in ("phishing", "x", into)])) in page, name
        assert "You had typed:" in page


def test_one_mailbox_in_two_spellings_gets_one_letter(app: Flask, ann: FlaskClient) -> None:
    numbers = [report(app, f"page {each}", email=f"{each}@victim.example") for each in ("cap", "Cap")]
    path = f"/staff/cases/{open_case(ann, numbers[0], others=numbers[1:])}"
    assert "All who read English (1 address)" in ann.get(path).text
    look = ann.post(f"{path}/write", data={"do": "look", "every": "en", **SENT}).text
    assert "1 letter, as it will leave" in look


def test_words_that_are_given_back_replace_no_draft(app: Flask, ann: FlaskClient, ben: FlaskClient) -> None:
    number = report(app)
    path = f"/staff/cases/{open_case(ann, number)}"
    place, form = planned(ann, path, number)
    assert ann.post(f"{path}/unsent/letter", data={"letter": "Another letter, begun"}).status_code == 302
    do(ben, f"{place}/cancel")
    page = refused(ann, place, **form, letter="My long words")
    assert "My long words" in page.partition("You had typed:")[2].partition("</div>")[0]
    assert "Another letter, begun" in page.partition('id="writing"')[2]


@pytest.mark.parametrize("ends_reports", [False, True])
def test_no_letter_of_an_act_on_many_leaves_over_what_a_colleague_wrote(
    app: Flask, ann: FlaskClient, ben: FlaskClient, ends_reports: bool
) -> None:
    reports = [report(app, f"Something {n} happened") for n in range(2)]
    numbers = reports if ends_reports else [open_case(ann, each) for each in reports]
    place = "/staff/reports/bulk" if ends_reports else "/staff/cases/bulk"
    act, asked = ("refuse", "/staff/reports/bulk/do") if ends_reports else ("dismiss", place)
    told = {"reason": "not_enough", "tell": "y"} if ends_reports else {"value": "no_incident", "letter": "It is over."}

    def field(page: str) -> dict[str, str]:
        found = re.search(r'name="(seen|looked)" value="(\d[^"]+)"', page)
        assert found
        return {found[1]: found[2]}

    first = field(ann.post(place, data={"act": act, "numbers": numbers}).text)
    nothing = ann.post(
        asked, data={"act": act, "numbers": numbers, **first, ("reason" if ends_reports else "value"): ""}
    )
    assert (nothing.status_code, field(nothing.text)) == (422, first), "what was not told yet is not forgotten"
    page = ann.post(asked, data={"act": act, "numbers": numbers, **told, **first}).text
    assert "left out" not in page
    looked = field(page)
    do(ben, f"/staff/reports/{reports[0]}/write", subject="Wait", letter="Do NOT reconnect the server.")
    why = "After you looked, somebody wrote to a reporter or a reporter told more: read that first."
    again = ann.post(asked, data={"act": act, "numbers": numbers, **told, **first}).text
    assert ("1 is left out." in again, why in again) == (True, True)
    page = do(
        ann, f"{place}/do", act=act, numbers=numbers, **{**told, **looked, **({"seen": "y"} if ends_reports else {})}
    )
    assert f"{numbers[0]}</a>: {why}" in page
    assert len(letters(app)) == 2
    alone = {"act": act, "numbers": numbers[:1], **told, **first}
    assert why in refused(ann, f"{place}/do" if ends_reports else place, **alone)
