"""Lists of cases in the browser: filter, kept searches, columns, many at once."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import select

from cert_portal.cases import search as searching
from cert_portal.cases.models import Case
from cert_portal.core.db import session, start_writing
from cert_portal.core.i18n import Language
from cert_portal.directory.models import User
from cert_portal.intake import calls
from cert_portal.intake.models import CallKind
from cert_portal.monitoring import findings
from cert_portal.monitoring.machine_mail import Seen
from cert_portal.web.staff.exports import as_csv
from tests.web.staff.desk import check_places, do, open_case, report, sign_in


@pytest.fixture
def numbers(app: Flask, ann: FlaskClient) -> list[str]:
    return [open_case(ann, report(app, f"Something {number} happened")) for number in range(3)]


def shown(client: FlaskClient, path: str) -> set[str]:
    """The cases of a list."""
    page = client.get(path)
    assert page.status_code == 200
    return set(re.findall(r'/staff/cases/(C[\d-]+)"', page.text))


def shown_in(form: str) -> dict[str, str]:
    """What the boxes of a filter say."""
    boxes = re.findall(r'<select[^>]* id="f-(\w+)"[^>]*>(.*?)</select>', form)
    return {name: "".join(re.findall(r'value="([^"]*)" selected', choices)) for name, choices in boxes}


def counts(client: FlaskClient) -> str:
    """How much each kept search finds, as a list asks for it."""
    return client.get("/staff/searches/counts", headers={"HX-Request": "true"}).text


def test_triage_is_led_to_by_the_name_of_its_list(ann: FlaskClient) -> None:
    assert ann.get("/staff/queue/triage").location == "/staff/"


def test_a_list_says_what_may_not_travel(app: Flask, ann: FlaskClient) -> None:
    number = report(app, restriction="TLP:RED")
    other = report(app, "Another")
    label = "portal-tlp--red"
    assert ann.get("/staff/").text.count(label) == 1
    assert label in ann.get(f"/staff/reports/{number}").text
    case = open_case(ann, other)
    assert label not in ann.get("/staff/queue/team").text
    do(ann, f"/staff/cases/{case}/tlp", tlp="TLP:RED", why="names a source")
    assert label in ann.get("/staff/queue/team").text
    assert label in ann.get("/staff/search?q=is:open").text


def test_a_letter_of_a_restricted_case_begins_without_its_title(app: Flask, ann: FlaskClient) -> None:
    case = open_case(ann, report(app))
    subject = re.compile(r'name="subject" [^>]*value="([^"]*)"')
    assert subject.findall(ann.get(f"/staff/cases/{case}").text) == ["Fake bank"]
    do(ann, f"/staff/cases/{case}/restrict", why="police")
    assert subject.findall(ann.get(f"/staff/cases/{case}").text) == [""]


def test_the_filter_writes_the_query_into_the_address(ann: FlaskClient, numbers: list[str]) -> None:
    boxes = {"was": "", "q": "something -kind:malware", "kind": "phishing", "owner": "none", "sort": "oldest"}
    answer = ann.get("/staff/queue/team", query_string=boxes)
    assert answer.location == "/staff/queue/team?q=-kind:malware+kind:phishing+owner:none+something&sort=oldest"
    assert shown(ann, answer.location) == set(numbers)
    level = ann.get("/staff/cases", query_string={"was": "", "level": "3", "state": "new", "tag": "hong kong"})
    assert level.location == "/staff/cases?q=state:new+tag:%22hong+kong%22+level%3E%3D3"
    for code in ("undecided", "no_level", "none"):
        assert ann.get(f"/staff/cases?was=&level={code}").location == f"/staff/cases?q=level:{code}"
    assert ann.get("/staff/cases?was=&q=level:9").location == "/staff/cases?q=level:9"
    assert ann.get("/staff/queue/mine?was=").location == "/staff/queue/mine"


def test_the_filter_loses_nothing_that_its_boxes_do_not_show(ann: FlaskClient, numbers: list[str]) -> None:
    page = ann.get("/staff/cases?q=tag:rare").text
    assert '<option value="rare" selected>rare</option>' in page, "a tag that no open case bears"
    assert 'type="date"' not in page, "no tag is in use"
    told = "tag:a tag:b -kind:phishing level<=3 owner:gone@portal.example"
    page = ann.get("/staff/cases", query_string={"q": told}).text
    boxes = dict(re.findall(r'<select class="govuk-select" id="f-(\w+)".*?<option value="([^"]*)" selected>', page))
    assert boxes == {"tag": "a", "owner": "gone@portal.example"}
    kept = ann.get("/staff/cases", query_string={"q": told, "was": "", **boxes, "state": "new"}).location
    assert set(parse_qs(urlsplit(kept).query)["q"][0].split()) == {*told.split(), "state:new"}


@pytest.mark.parametrize(
    ("was", "told", "chosen", "now"),
    [
        ("", "tag:vip 釣魚", {"state": "new"}, "state:new tag:vip 釣魚"),
        ("", "level>=3 owner:ben", {"kind": "phishing"}, "kind:phishing level>=3 owner:ben"),
        ("kind:phishing", "", {}, ""),
        ("kind:phishing", "kind:malware bank", {}, "kind:malware bank"),
        ("kind:phishing", "kind:phishing bank", {"kind": ""}, "bank"),
        ("kind:phishing", "kind:phishing bank", {"kind": "malware"}, "kind:malware bank"),
        ("種類:釣魚 tag:a tag:b", "種類:釣魚 tag:a tag:b", {"tag": "c"}, "kind:釣魚 tag:b tag:c"),
        ("level>=3", "level>=3 level<=3", {"level": "undecided"}, "level:undecided level<=3"),
        ("", "level:9", {"state": "new"}, "level:9 state:new"),
        ("level:9", "level:3", {"state": "new"}, "level:3 state:new"),
    ],
)
def test_what_was_typed_and_what_was_chosen_hold_together(
    ann: FlaskClient, was: str, told: str, chosen: dict[str, str], now: str
) -> None:
    page = ann.get("/staff/queue/team", query_string={"q": was}).text
    form = page[page.index('<form class="list-filter"') :].partition("</form>")[0]
    assert (form.count('type="submit"'), form.count(f'name="was" value="{escape(was)}"')) == (2, 1)
    asked = {"was": was, "q": told, **shown_in(form), **chosen}
    kept = ann.get("/staff/queue/team", query_string=asked).location
    assert sorted(parse_qs(urlsplit(kept).query).get("q", [""])[0].split()) == sorted(now.split())


def test_each_condition_can_be_taken_away(ann: FlaskClient, numbers: list[str]) -> None:
    page = ann.get("/staff/cases?q=kind:phishing+owner:none").text
    assert 'href="/staff/cases?q=owner:none"' in page
    assert 'href="/staff/cases?q=kind:phishing"' in page


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("kind:dragon", "choose one of"),
        ("level:9", "choose one of 1, 2, 3, 4, undecided (Not decided), no_level (No level), none (Without a level)"),
        ("before:may", "write the day as"),
        ("foo:bar", "foo:bar is no condition. Those are: after, asn, before"),
    ],
)
def test_what_cannot_be_read_is_said_and_kept(told: str, said: str, ann: FlaskClient) -> None:
    for path in ("/staff/cases", "/staff/queue/team", "/staff/search"):
        page = ann.get(path, query_string={"q": told})
        assert page.status_code == 422
        assert said in page.text
        assert f'value="{told}"' in page.text


def test_a_search_is_kept_shared_and_removed(app: Flask, ann: FlaskClient, numbers: list[str]) -> None:
    kept = ann.post("/staff/searches", data={"name": "Waves", "q": "kind:phishing", "sort": "changed", "shared": "y"})
    assert kept.location == "/staff/cases?q=kind:phishing&sort=changed"
    bob = sign_in(app, "Bob", "analyst")
    page = bob.get("/staff/queue/team").text
    assert re.search(
        r'Waves</a> <span class="staff-quiet">Ann</span> <span class="staff-found"><span [^>]*id="found-1"></', page
    ), "no number yet"
    assert '<span class="staff-count" id="found-1" data-hx-swap-oob="true">3</span>' in counts(bob)
    assert "/remove" not in page.split("Keep this list")[0].split("staff-saved")[1].split("</nav>")[0]
    path = re.search(r"/staff/searches/\d+/remove", ann.get("/staff/").text)
    assert path is not None
    assert bob.post(path[0]).status_code == 404
    assert ann.post(path[0], data={"list": "waiting"}).location == "/staff/queue/waiting"
    assert "Waves" not in bob.get("/staff/queue/team").text
    for data, said in (
        ({"name": ""}, "Give the search a name"),
        ({"name": "x", "q": "level:9"}, "level:9: choose one of 1"),
    ):
        refused = ann.post("/staff/searches", data=data)
        assert (refused.status_code, said in refused.text) == (422, True)


def test_a_kept_search_that_takes_the_place_of_another_says_so(ann: FlaskClient, numbers: list[str]) -> None:
    def keep(**told: str) -> str:
        return do(ann, "/staff/searches", name=" Waves", **told)

    gone = "It replaced your list of that name ("
    assert gone not in keep(q="kind:phishing")
    assert gone not in keep(q="kind:phishing", sort="oldest", shared="y"), "it asks the same"
    page = keep(q="kind:malware", view="triage")
    assert f"{gone}Cases, kind:phishing). Colleagues see it too, as before." in page
    assert f"{gone}Triage, kind:malware)." in keep(q="is:open")
    ann.post("/staff/account/language", data={"language": "zh-hant"})
    said = "「Waves」已保存於你的清單。它取代了你同名的清單（個案，is:open）。同事仍可看到。"
    assert said in keep(q="kind:malware", view="triage")


def test_counts_are_asked_for_once_and_are_no_further_than_they_are_said(
    ann: FlaskClient, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "data-hx-get" not in ann.get("/staff/queue/team").text.partition("staff-saved")[2].partition("</nav>")[0]
    for name, told in (("All", "is:open"), ("None", "is:closed")):
        ann.post("/staff/searches", data={"name": name, "q": told})
    page = ann.get("/staff/queue/team").text
    assert page.count('data-hx-get="/staff/searches/counts"') == 1
    assert re.findall(r"found-(\d+).*?>(.*?)<", counts(ann)) == [("1", "3"), ("2", "0")]
    monkeypatch.setattr("cert_portal.cases.queue.COUNTED", 2)
    monkeypatch.setattr("cert_portal.cases.queue.count.__defaults__", (2,))
    assert ">2+<" in counts(ann)


def test_a_list_that_cannot_be_kept_goes_on_refreshing_itself(ann: FlaskClient, numbers: list[str]) -> None:
    for path, data in (("/staff/cases", {"q": "is:open"}), ("/staff/", {"q": "kind:phishing", "view": "triage"})):
        page = ann.post("/staff/searches", data={"name": "", **data})
        assert page.status_code == 422
        check_places(page.text)
        assert f'action="{path}"' in page.text
        assert re.search(rf'<div id="rows" data-hx-get="{path}\?q=', page.text)


def test_columns_are_chosen(ann: FlaskClient, numbers: list[str]) -> None:
    assert "Last change</th>" in ann.get("/staff/queue/team").text
    every = ["state", "due", "level", "kind", "owner", "tags", "reports", "opened", "changed"]
    assert ann.post("/staff/columns", data={"columns": every, "q": "is:open"}).location == "/staff/cases?q=is:open"
    page = ann.get("/staff/queue/team").text
    assert all(f"{name}</th>" in page for name in ("State", "Time left", "Kind", "Reports", "Opened", "Last change"))
    ann.post("/staff/columns", data={"columns": ["kind"]})
    assert "Last change</th>" not in ann.get("/staff/queue/team").text


def test_columns_and_a_kept_search_leave_one_on_the_list_where_one_was(ann: FlaskClient, numbers: list[str]) -> None:
    here = {"q": "is:open kind:phishing", "list": "team", "told": "kind:phishing", "sort": "oldest"}
    place = "/staff/queue/team?q=kind:phishing&sort=oldest"
    assert ann.post("/staff/columns", data={"columns": ["state"], **here}).location == place
    assert ann.post("/staff/searches", data={"name": "Waves", **here}).location == place
    page = ann.get(place).text
    for name, value in here.items():
        assert page.count(f'<input type="hidden" name="{name}" value="{value}">') >= 2, name
    refused = ann.post("/staff/searches", data={"name": "", **here})
    assert refused.status_code == 422
    assert re.search(r'aria-current="page" href="/staff/queue/team"', refused.text)
    assert re.search(r'name="q" type="search" [^>]*value="kind:phishing"', refused.text)
    path = re.search(r"/staff/searches/\d+/remove", page)
    assert path is not None
    assert ann.post(path[0]).location == "/staff/queue/team"


def test_many_are_tagged_after_a_look_and_put_back(ann: FlaskClient, numbers: list[str]) -> None:
    ann.post(f"/staff/cases/{numbers[0]}/tag", data={"tag": "Wave"})
    look = ann.post("/staff/cases/bulk", data={"act": "tag", "tag": "wave", "numbers": numbers})
    assert "2 cases will be changed. 1 is left out." in look.text
    assert "It is so already." in look.text
    assert shown(ann, "/staff/cases?q=tag:wave") == {numbers[0]}
    told = {"act": "tag", "value": "wave", "numbers": re.findall(r'name="numbers" value="([^"]+)"', look.text)}
    done = ann.post("/staff/cases/bulk/do", data=told)
    assert shown(ann, "/staff/cases?q=tag:wave") == set(numbers)
    assert "2 cases were changed." in ann.get(done.location).text
    assert ann.post(f"{done.location}/undo").location == done.location
    page = ann.get(done.location).text
    assert "2 cases are as they were." in page
    assert "Undone" in page
    assert shown(ann, "/staff/cases?q=tag:wave") == {numbers[0]}
    ann.post(f"/staff/cases/{numbers[0]}/untag", data={"tag": "wave"})
    assert shown(ann, "/staff/cases?q=tag:wave") == set()


def test_an_undo_is_found_again_and_says_what_it_left(app: Flask, ann: FlaskClient, numbers: list[str]) -> None:
    assert "My last acts on many" not in ann.get("/staff/account").text
    ann.post("/staff/cases/bulk/do", data={"act": "give", "value": "", "owner": "", "numbers": numbers})
    ann.post("/staff/cases/bulk/do", data={"act": "give", "value": "1", "numbers": numbers})
    bob = sign_in(app, "Bob", "analyst")
    bob.post(f"/staff/cases/{numbers[0]}/take")
    page = ann.get("/staff/account").text
    check_places(page)
    undo = re.findall(r'action="(/staff/cases/bulk/\d+/undo)"', page)
    assert undo
    page = ann.get(ann.post(undo[0]).location).text
    check_places(page)
    assert "2 cases are as they were." in page
    assert "Not put back" in page
    assert f"{numbers[0]}</a>: Somebody else has taken it" in page
    assert "My last acts on many" in page
    assert undo[0] not in ann.get("/staff/account").text


def test_all_that_match_are_given_away(app: Flask, ann: FlaskClient, numbers: list[str]) -> None:
    told = {"act": "give", "owner": "1", "everything": "y", "q": "is:open"}
    look = ann.post("/staff/cases/bulk", data=told)
    assert "3 cases will be changed." in look.text
    ann.post("/staff/cases/bulk/do", data={**told, "value": "1"})
    assert shown(ann, "/staff/queue/mine") == set(numbers)


def test_what_somebody_took_after_the_look_is_not_given_away(app: Flask, ann: FlaskClient, numbers: list[str]) -> None:
    ben = sign_in(app, "Ben", "analyst")
    told = {"act": "give", "owner": "1", "value": "1", "numbers": numbers}
    seen = re.findall(r'name="seen" value="([^"]+)"', ann.post("/staff/cases/bulk", data=told).text)[0]
    ben.post(f"/staff/cases/{numbers[0]}/take")
    page = ann.post("/staff/cases/bulk/do", data={**told, "seen": seen}, follow_redirects=True).text
    assert "Somebody else decided who owns it after you looked." in page
    assert shown(ann, "/staff/queue/mine") == set(numbers[1:])
    for odd in ("", "x", "2026-01-01T00:00", "2026-01-01T00:00Z"):
        assert ann.post("/staff/cases/bulk", data={**told, "seen": odd}).status_code == 200


def test_many_are_merged_into_the_oldest_on_the_page_for_that(ann: FlaskClient, numbers: list[str]) -> None:
    answer = ann.post("/staff/cases/bulk", data={"act": "merge", "numbers": [numbers[2], numbers[0], numbers[1]]})
    assert answer.status_code == 302
    page = ann.get(answer.location).text
    assert f"/staff/cases/{numbers[0]}/merge" in answer.location
    assert "Merge 2 cases into this one" in page
    assert "Choose at least one case" in ann.post("/staff/cases/bulk", data={"act": "tag", "tag": "x"}).text
    assert ann.post("/staff/cases/bulk", data={"act": "merge"}).location == "/staff/cases"


def test_letters_of_many_are_seen_before_they_leave_one_in_each_language(app: Flask, ann: FlaskClient) -> None:
    chinese = [report(app, f"假網頁{n}", email=f"lee{n}@shop.example", language=Language.ZH_HANT) for n in range(2)]
    numbers = [open_case(ann, each) for each in (*chinese, report(app, email="rita@victim.example"))]
    told = {"act": "dismiss", "numbers": numbers, "value": "no_incident", "reason": ""}
    page = ann.post("/staff/cases/bulk", data={**told, "letter": "About {report}: done."}).text
    check_places(page)
    shown = re.findall(r'<section class="staff-letter-out staff-look" aria-label="([^"]+)"', page)
    assert shown == ["rita@victim.example", "lee1@shop.example"]
    assert "{report}" not in re.sub(r"(?s)<form.*?</form>", "", page)
    assert "繁體中文: 2 letters" in page
    assert "They read different languages" in page
    page = ann.post("/staff/cases/bulk", data={**told, "numbers": numbers[:1], "letter": "Done."}).text
    assert "They read different languages" not in page
    assert "letters to reporters are not encrypted" not in page
    do(ann, f"/staff/cases/{numbers[0]}/restrict", why="a colleague")
    page = ann.post("/staff/cases/bulk", data={**told, "numbers": numbers[:1], "letter": "Done."}).text
    assert "letters to reporters are not encrypted" in page
    assert "letters to reporters are not encrypted" in ann.get(f"/staff/cases/{numbers[0]}").text


def test_closing_many_asks_for_the_outcome_first(ann: FlaskClient, numbers: list[str]) -> None:
    asks = ann.post("/staff/cases/bulk", data={"act": "dismiss", "numbers": numbers[:2]})
    assert (asks.status_code, "2 cases are selected." in asks.text) == (200, True)
    assert all(f'/staff/cases/{number}">{number}</a>' in asks.text for number in numbers[:2])
    assert numbers[2] not in asks.text
    assert "Fake bank" in asks.text
    told = {"act": "dismiss", "numbers": numbers[:2], "value": "no_incident", "letter": "", "reason": ""}
    refused = ann.post("/staff/cases/bulk", data=told)
    assert (refused.status_code, "Give a reason." in refused.text) == (422, True)
    look = ann.post("/staff/cases/bulk", data={**told, "letter": "It was a test of ours."})
    assert "It was a test of ours." in look.text
    assert "2 letters to 1 reporter will leave." in look.text
    done = ann.post("/staff/cases/bulk/do", data={**told, "letter": "It was a test of ours."})
    page = ann.get(done.location).text
    assert "2 cases were changed." in page
    assert "2 letters to 1 reporter went into the outbox." in page
    assert "Undo<" not in page
    assert shown(ann, "/staff/queue/closed") == set(numbers[:2])


def test_cases_in_handling_are_resolved_and_closed_with_a_look_at_what_is_left_out(
    app: Flask, ann: FlaskClient, numbers: list[str]
) -> None:
    with app.app_context():
        case = session.scalars(select(Case).where(Case.number == numbers[0])).one()
        case.state, case.level_rule = "in_handling", "E1"
        session.commit()
    asks = ann.post("/staff/cases/bulk", data={"act": "close", "numbers": numbers})
    assert "Its handling has not begun" in asks.text
    check_places(asks.text)
    told = {"act": "close", "numbers": numbers, "value": "fixed", "letter": "It is over.", "reason": ""}
    look = ann.post("/staff/cases/bulk", data=told)
    assert "1 case will be changed. 2 are left out." in look.text
    done = ann.get(ann.post("/staff/cases/bulk/do", data=told).location).text
    assert "1 case was changed." in done
    assert shown(ann, "/staff/queue/closed") == {numbers[0]}
    none = ann.post("/staff/cases/bulk", data={"act": "close", "numbers": numbers[1:], "value": "fixed", "reason": "x"})
    assert (none.status_code, "None of these cases can end like that" in none.text) == (422, True)
    assert 'name="reason"' in none.text
    check_places(none.text)


def test_what_is_wrong_with_a_bulk_act_is_said(app: Flask, ann: FlaskClient, numbers: list[str]) -> None:
    nothing = ann.post("/staff/cases/bulk", data={"act": "tag", "tag": "wave"})
    assert (nothing.status_code, "Choose at least one case" in nothing.text) == (422, True)
    empty = ann.post("/staff/cases/bulk", data={"act": "tag", "tag": " ", "numbers": numbers})
    assert (empty.status_code, "Enter some words." in empty.text) == (422, True)
    assert ann.post("/staff/cases/bulk/do", data={"act": "tag", "tag": " ", "numbers": numbers}).status_code == 422
    assert ann.post("/staff/cases/bulk", data={"act": "fly"}).status_code == 400
    assert ann.post("/staff/cases/bulk", data={"act": "tag", "everything": "y", "q": "level:9"}).status_code == 400
    assert ann.post(f"/staff/cases/{numbers[0]}/tag", data={"tag": " "}).status_code == 422
    assert ann.get("/staff/cases/bulk/99").status_code == 404


def test_a_list_and_a_case_are_downloaded(ann: FlaskClient, numbers: list[str]) -> None:
    answer = ann.post("/staff/cases.csv", data={"q": "is:open"})
    assert answer.content_type == "text/csv; charset=utf-8"
    assert [line.partition(",")[0] for line in answer.text.splitlines()] == ["\ufeffnumber", *reversed(numbers)]
    assert ann.post("/staff/cases.csv", data={"q": "level:9"}).status_code == 400
    case = ann.post(f"/staff/cases/{numbers[0]}/export.json")
    assert (case.json or {})["number"] == numbers[0]
    assert case.headers["Content-Disposition"] == f'attachment; filename="{numbers[0]}-AMBER.json"'
    for sort, first in (("oldest", numbers[0]), ("changed", numbers[1]), ("level", numbers[2]), ("x", numbers[2])):
        do(ann, f"/staff/cases/{numbers[1]}/note", note=sort)
        assert f'name="sort" value="{sort}"' in ann.get(f"/staff/queue/team?sort={sort}").text or sort == "x"
        told = ann.post("/staff/cases.csv", data={"q": "is:open", "sort": sort}).text.splitlines()
        assert (told[1].partition(",")[0], len(told)) == (first, 4)
    do(ann, f"/staff/cases/{numbers[1]}/tlp", tlp="TLP:RED", why="names a source")
    for tlp, name, left in (("", "RED", 3), ("TLP:RED", "RED", 3), ("TLP:AMBER", "AMBER", 2)):
        answer = ann.post("/staff/cases.csv", data={"q": "is:open", "tlp": tlp})
        assert answer.headers["Content-Disposition"] == f'attachment; filename="cases-{name}.csv"'
        assert len(answer.text.splitlines()) == left + 1
    assert len(ann.post("/staff/cases.csv", data={"q": "is:open", "tlp": "TLP:GREEN"}).text.splitlines()) == 1
    assert ann.post("/staff/cases.csv", data={"q": "is:open", "tlp": "TLP:PINK"}).status_code == 400
    assert as_csv([["＝1", "＋2", "－3", "＠4", "a＝b"]]) == "\ufeff'＝1,'＋2,'－3,'＠4,a＝b\r\n"
    assert as_csv([["=1+1", "-2", "a,b"]]) == "\ufeff'=1+1,'-2,\"a,b\"\r\n"


def test_observables_of_a_case_are_downloaded(app: Flask, ann: FlaskClient) -> None:
    number = open_case(ann, report(app, "A page at https://bad.example/login"))
    path = f"/staff/cases/{number}/observables"
    ann.post(f"/staff/cases/{number}/tlp", data={"tlp": "TLP:GREEN", "why": "a warning to partners"})
    page = ann.get(path).text
    assert "hxxps://bad[.]example/login" in page
    assert "https://bad.example" not in page
    keys = re.findall(r'name="values"[^>]* value="([^"]+)"', page)
    for form, kind in (
        ("csv", "text/csv"),
        ("stix", "application/stix+json"),
        ("misp", "application/json"),
        ("txt", "text/plain"),
    ):
        answer = ann.post(path, data={"form": form, "tlp": "TLP:GREEN", "values": keys})
        assert answer.content_type == f"{kind}; charset=utf-8"
        assert "https://bad.example/login" in answer.text
        assert f"{number}-GREEN" in answer.headers["Content-Disposition"]
    url = next(key for key in keys if key.startswith("url."))
    copied = ann.post(path, data={"copy": url}).text
    assert copied.startswith(f"# TLP:RED {number} ")
    assert copied.endswith("\nhttps://bad.example/login\n")
    script = {"Sec-Fetch-Dest": "empty"}
    assert ann.post(path, data={"copy": url}, headers=script).text == "https://bad.example/login\n"
    nothing = ann.post(path, data={"form": "csv", "tlp": "TLP:GREEN"})
    assert (nothing.status_code, "Choose at least one value that may leave" in nothing.text) == (422, True)
    assert ann.post(path, data={"form": "odd", "tlp": "TLP:GREEN"}).status_code == 400
    empty = open_case(ann, report(app, "nothing to see"))
    assert "The reports name no address" in ann.get(f"/staff/cases/{empty}/observables").text


def test_a_wrong_kind_names_those_that_there_are_in_the_language_of_the_reader(app: Flask) -> None:
    page = sign_in(app, "Chan", "analyst", language="zh-hant").get("/staff/search?q=kind:dragon").text
    assert "ransomware（勒索軟件）" in page
    page = sign_in(app, "Dan", "analyst", language="zh-hant").get("/staff/search?q=foo:bar").text
    assert "kind（種類、類別）" in page


def test_a_number_without_its_check_digit_leads_to_its_row(app: Flask, ann: FlaskClient, numbers: list[str]) -> None:
    assert ann.get(f"/staff/search?q={numbers[1][:-2]}").location == f"/staff/cases/{numbers[1]}"
    assert ann.get("/staff/search?q=R26-1").location.startswith("/staff/reports/R26-000001-")


def test_search_shows_letters_and_findings_and_how_to_ask(ann: FlaskClient, numbers: list[str]) -> None:
    number = re.findall(r"R\d\d-[\d-]+", ann.get(f"/staff/cases/{numbers[0]}").text)[0]
    told = {"to": number, "subject": "Unplug", "letter": "Please unplug the server."}
    assert ann.post(f"/staff/cases/{numbers[0]}/write", data=told).status_code == 302
    page = ann.get("/staff/search?q=unplug").text
    assert "Letters" in page
    assert f"/staff/search?q={number}" in page
    assert "How to search" in page
    assert "Ctrl-Enter" in page


@pytest.mark.parametrize(
    "name", ["asn", "cve", "domain", "email", "file", "hash", "ip", "mac", "phone", "url", "owner"]
)
def test_no_value_of_a_condition_breaks_the_search(ann: FlaskClient, name: str) -> None:
    for value in ("abc", "0", "²", "4760,4761", "9" * 40, "٣", "[.]", "%", "'", "../", "+852", '""', "é" * 40, "1/33"):
        for page in ("/staff/search", "/staff/cases", "/staff/"):
            assert ann.get(page, query_string={"q": f"{name}:{value}"}).status_code in (200, 422), (name, value, page)


def test_a_number_with_a_wrong_digit_is_told_as_one(ann: FlaskClient, numbers: list[str]) -> None:
    wrong = f"{numbers[0][:-1]}{(int(numbers[0][-1]) + 1) % 10}"
    page = ann.get("/staff/search", query_string={"q": wrong}).text
    assert f"Without the last digit you look for {numbers[0][:-2]}." in page
    assert ann.get("/staff/search", query_string={"q": numbers[0][:-2]}).status_code == 302
    assert ann.get(f"/staff/cases/{numbers[0][:-2]}").status_code == 200


def test_whatever_is_beyond_the_newest_is_on_further_pages(
    app: Flask, ann: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST", 2)
    monkeypatch.setattr("cert_portal.intake.calls.FOUND", 2)
    monkeypatch.setattr("cert_portal.monitoring.find.MOST", 2)
    start_writing()
    with app.app_context():
        user = session.scalars(select(User).where(User.name == "Ann")).one()
        for n in range(3):
            calls.note(CallKind.ANSWERED, "", f"ring-{n} about 192.0.2.77", user)
            findings.keep([Seen(f"feed-{n}", "botnet", ip="192.0.2.77", raw={"n": n})], None)
        session.commit()
    told = [report(app, f"report-{n} of 192.0.2.77") for n in range(3)]
    case = open_case(ann, told[0])
    for n in range(3):
        do(ann, f"/staff/cases/{case}/write", to=told[0], subject=f"letter-{n}", letter="Look at 192.0.2.77 please")
    page = ann.get("/staff/search?q=192.0.2.77").text
    kinds = {"reports": [f"/staff/reports/{each}" for each in told]}
    kinds |= {"letters": [f"letter-{n}" for n in range(3)], "calls": [f"ring-{n}" for n in range(3)]}
    kinds["findings"] = [f"feed-{n}" for n in range(3)]
    assert page.count("the newest 2") == 4
    for kind, rows in kinds.items():
        assert [row in page for row in rows[1:]] == [True, True], kind
        further = re.findall(rf'href="(/staff/search\?q=192.0.2.77&amp;of={kind}&amp;after=\d+)"', page)
        later = ann.get(further[0].replace("&amp;", "&")).text
        assert [row in later for row in rows] == [True, False, False], kind
        assert "Back to the first results" in later
        assert f"of={kind}&amp;after=" not in later.partition("<main")[2], "the last page"
        assert len([each for each in kinds if kinds[each][0] in later]) == 1, "of this kind alone"
    assert "Nothing was found" in ann.get("/staff/search?q=192.0.2.77&of=reports&after=1").text
    assert ann.get("/staff/search?q=foo:bar&of=reports&after=1").status_code == 422
    assert ann.get("/staff/search?q=192.0.2.77&of=nothing&after=1").status_code == 404
    assert ann.get("/staff/search?q=&of=reports&after=1").status_code == 404


def test_a_serial_alone_names_what_bears_it_this_year(app: Flask, ann: FlaskClient, numbers: list[str]) -> None:
    page = ann.get("/staff/search?q=1").text
    first = re.findall(r"R\d\d-000001-\d", page)[0]
    assert f'href="/staff/search?q={first}"' in page
    assert next(each for each in numbers if each[4:10] == "000001") in page
    assert ann.get(f"/staff/search?q=%23{first[:3]}-1").location == f"/staff/reports/{first}"
    assert "of this year" not in ann.get("/staff/search?q=999999").text
