"""The values of a case on the pages: reviewed, pasted, copied, ignored."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal import config
from cert_portal.core import clock, rdap
from cert_portal.core.db import session, start_writing
from cert_portal.directory import registry
from tests.core.test_rdap import DOMAIN
from tests.web.staff.desk import check_places, do, open_case, refused, report, sign_in


@pytest.fixture
def path(app: Flask, ann: FlaskClient) -> str:
    """The values of a case that names an address and its domain."""
    return f"/staff/cases/{open_case(ann, report(app))}/observables"


def test_a_value_that_is_no_address_has_a_page(ann: FlaskClient, path: str) -> None:
    before = set(keys(ann.get(path).text))
    ann.post(f"{path}/paste", data={"lines": "http://[::1"})
    (key,) = set(keys(ann.get(path).text)) - before
    assert ann.get(f"{path}/{key}").status_code == 200


def keys(page: str) -> list[str]:
    """The values of a page."""
    return re.findall(r'name="values"[^>]* value="([^"]+)"', page)


def test_values_are_reviewed_and_the_page_says_by_whom(ann: FlaskClient, path: str) -> None:
    page = ann.get(path).text
    check_places(page)
    both = keys(page)
    assert len(both) == 2
    page = do(ann, f"{path}/act", act="confirm", values=both)
    assert "2 values were changed." in page
    assert "Ann" in re.sub(r"(?s).*<tbody", "", page)
    assert keys(ann.get(f"{path}?standing=new").text) == []
    assert "No value of this case is in this list." in ann.get(f"{path}?standing=rejected").text
    page = do(ann, f"{path}/act", act="reject", values=both[:1])
    assert "1 value was changed." in page
    assert "Choose at least one value that may leave" in refused(
        ann, path, form="csv", tlp="TLP:AMBER", values=both[:1]
    )
    assert keys(ann.get(f"{path}?kind=url&q=bad[.]example").text) == both[1:]
    assert "Values reviewed" in ann.get(path.rpartition("/")[0]).text
    assert ann.post(f"{path}/act", data={"act": "odd", "values": both}).status_code == 400
    assert "Choose at least one value" in refused(ann, f"{path}/act", act="confirm")


def test_a_colleagues_review_is_not_written_over_unseen(app: Flask, ann: FlaskClient, path: str) -> None:
    ben = sign_in(app, "Ben", "analyst")
    page = ben.get(path).text
    seen = re.findall(r'name="seen" value="([^"]+)"', page)[0]
    one, two = keys(page)
    do(ann, f"{path}/act", act="reject", values=one)
    told = {"act": "confirm", "values": [one, two], "seen": seen}
    page = refused(ben, f"{path}/act", **told)
    assert "A colleague said something about" in page
    assert re.search(rf'name="values"[^>]* value="{one}" checked', page), "what was ticked stays so"
    check_places(page)
    do(ben, f"{path}/act", act="confirm", values=two, seen=seen)
    do(ann, f"{path}/act", act="reopen", values=one, seen=seen)
    again = re.findall(r'name="seen" value="([^"]+)"', page)[0]
    assert "1 value was changed." in do(ben, f"{path}/act", **{**told, "values": one, "seen": clock.now().isoformat()})
    assert again > seen


def test_an_end_and_a_reason_are_asked_for(ann: FlaskClient, path: str) -> None:
    both = keys(ann.get(path).text)
    assert "Say why" in refused(ann, f"{path}/act", act="ignore", values=both)
    page = do(ann, f"{path}/act", act="ignore", values=both, reason="A page of everybody")
    assert "A page of everybody" in page
    assert "Not compared <span" in page
    do(ann, f"{path}/act", act="heed", values=both)
    assert "Enter a day" in refused(ann, f"{path}/act", act="expire", values=both, until="soon")
    page = do(ann, f"{path}/act", act="expire", values=both, until="２０２６－０１－０１")
    assert "1 Jan 2026" in page
    assert "out of date" in page
    page = ann.get(f"{path}/{both[0]}").text
    check_places(page)
    for told in ("Values no longer compared", "Values compared again", "holds until 1 Jan 2026"):
        assert told in page
    do(ann, f"{path}/act", act="usual", values=both)
    assert ann.get(f"{path}/url.nothing").status_code == 404


def test_a_pasted_list_shows_what_became_of_each_line(ann: FlaskClient, path: str) -> None:
    told = "hxxps://evil[.]example/x\nnonsense\n10.0.0.1\nbad.example"
    answer = ann.post(f"{path}/paste", data={"lines": told})
    check_places(answer.text)
    for each in ("Taken", "Not understood", "Already there", "On the allow list", "hxxps://evil[.]example/x"):
        assert each in answer.text
    assert "A range, not taken" not in answer.text, "what did not happen is not counted out"
    assert "https://evil.example" not in answer.text
    page = ann.get(path).text
    assert "added by Ann" in page
    assert "Enter at least one address" in refused(ann, f"{path}/paste", lines=" ")
    long = "\n".join(f"https://long{n}.example/{'x' * 150}" for n in range(3200))
    page = refused(ann, f"{path}/paste", lines=long)
    assert "more than 500,000 characters: paste them in parts" in page
    assert "https://long3199.example/" in page, "nothing is cut"
    assert "long0.example" not in ann.get(path).text
    many = "\n".join(f"198.51.100.{number}" for number in range(1, 251))
    ann.post(f"{path}/paste", data={"lines": many})
    page = ann.get(path).text
    assert len(keys(page)) == 100
    assert "Page 1 of 3" in page
    assert "Page 3 of 3" in ann.get(f"{path}?page=99").text
    page = do(ann, f"{path}/act", act="confirm", everything="y", kind="ip")
    assert "250 values were changed." in page


def test_a_value_is_copied_as_it_is_and_that_is_written_down(ann: FlaskClient, path: str) -> None:
    one = next(each for each in keys(ann.get(path).text) if each.startswith("url."))
    answer = ann.post(path, data={"copy": one}, headers={"Sec-Fetch-Dest": "empty"})
    assert (answer.text, answer.content_type) == ("https://bad.example/login\n", "text/plain; charset=utf-8")
    assert "TXT · TLP:RED · 1" in ann.get(path.rpartition("/")[0]).text


def test_values_are_ignored_everywhere_until_somebody_ends_it(ann: FlaskClient, path: str) -> None:
    where = "/staff/values/ignored"
    assert "No value is ignored everywhere." in ann.get(where).text
    for told, wrong in (
        ({"value": "nothing", "reason": "x"}, "Enter at least one address"),
        ({"value": "bad.example"}, "Say why"),
        ({"value": "bad.example", "reason": "x", "until": "soon"}, "Enter a day"),
        ({"value": "bad.example", "reason": "x", "until": "2020-01-01"}, "This day is over"),
    ):
        assert wrong in refused(ann, where, **told)
    page = do(ann, where, value="bad[.]example", reason="Everybody is there")
    check_places(page)
    assert "1 value is ignored from now on." in page
    assert "ignored everywhere" in ann.get(path).text
    end = re.search(r'action="(/staff/values/ignored/\d+/end)"', page)
    assert end
    assert "The value is compared again." in do(ann, end[1])
    assert "ignored everywhere" not in re.sub(r"(?s)<fieldset.*?</fieldset>", "", ann.get(path).text)


def test_a_value_shows_who_answers_for_it_and_a_registry_is_asked_on_request(
    app: Flask, ann: FlaskClient, path: str
) -> None:
    one = next(each for each in keys(ann.get(path).text) if each.startswith("domain."))
    page = ann.get(f"{path}/{one}").text
    assert "Nobody in the directory answers for this." in page
    assert "Registries are not asked" in page
    assert "Ask the registry" not in page
    assert "Registries are not asked" in do(ann, f"{path}/{one}/registry")
    config.use(replace(config.current(), rdap_bootstrap="https://rdap.example"))
    assert "Load this page again in a moment" in do(ann, f"{path}/{one}/registry")
    assert "Registry asked" in ann.get(f"{path}/{one}").text
    start_writing()
    with app.app_context():
        registry.failed(1, "status_500")
        session.commit()
    assert "could not be read (status_500)" in ann.get(f"{path}/{one}").text
    with app.app_context():
        registry.answered(1, rdap.read(json.dumps(DOMAIN).encode()))
        session.commit()
    page = ann.get(f"{path}/{one}").text
    for told in ("Peak Domains", "abuse[@]peak[.]example", "It is not in the directory.", "ns1[.]bad[.]hk"):
        assert told in page
    assert "Said on" in do(ann, f"{path}/{one}/registry")
    assert ann.post(f"{path}/url.nothing/registry").status_code == 404


def test_values_of_notes_are_reviewed_before_they_belong_to_the_case(app: Flask) -> None:
    ann, olga = sign_in(app, "Ann", "analyst"), sign_in(app, "Olga", "operator")
    path = f"/staff/cases/{open_case(ann, report(app))}"
    page = do(ann, f"{path}/note", note="Seen at 198.51.100.9 and 198.51.100.10")
    assert "2 values of notes wait for a review under Observables." in page
    assert "wait for a review" not in do(ann, f"{path}/note", note="Nothing new")
    page = ann.get(f"{path}/observables").text
    check_places(page)
    keys = re.findall(r'name="noted" type="checkbox" value="([^"]+)"', page)
    assert len(keys) == 2
    act = f"{path}/observables/noted"
    assert "Choose at least one value" in refused(ann, act, act="confirm")
    assert ann.post(act, data={"act": "reopen", "noted": keys}).status_code == 400
    assert olga.post(act, data={"act": "confirm", "noted": keys}).status_code == 403
    page = do(ann, act, act="confirm", noted=keys[:1])
    assert "from a note" in page
    assert page.count('name="noted"') == 1
    page = do(ann, act, act="reject", noted=keys[1:])
    assert "Named in notes" not in page


def test_what_a_restricted_case_asked_a_registry_is_told_to_nobody_else(
    app: Flask, ann: FlaskClient, path: str
) -> None:
    config.use(replace(config.current(), rdap_bootstrap="https://rdap.example"))
    secret = f"/staff/cases/{open_case(ann, report(app), restricted='y')}/observables"
    ben = sign_in(app, "Ben", "analyst")
    one = next(each for each in keys(ann.get(path).text) if each.startswith("domain."))
    url = next(each for each in keys(ann.get(path).text) if each.startswith("url."))
    do(ann, f"{secret}/{one}/registry")
    assert "The registry is asked" in ann.get(f"{path}/{url}").text, "asked about the same domain in her own case"
    assert "The registry is asked" not in ben.get(f"{path}/{one}").text
    start_writing()
    with app.app_context():
        registry.answered(1, rdap.read(json.dumps(DOMAIN).encode()))
        row = session.get_one(registry.RegistryAnswer, 1)
        row.answered_at = (row.answered_at or row.asked_at) - timedelta(days=3)
        long_ago = f"{row.answered_at:%Y-%m-%d}"
        session.commit()
    page = ben.get(f"{path}/{one}").text
    assert "Said on" not in page
    assert "Peak Domains" not in page
    page = do(ben, f"{path}/{one}/registry")
    assert "Peak Domains" in page
    assert long_ago not in page.partition("Said on")[2].partition("What was done with it")[0]
    assert "Peak Domains" in ben.get(f"{path}/{url}").text


def test_what_is_taken_in_part_is_told_with_the_way_to_keep_it(app: Flask, ann: FlaskClient) -> None:
    path = f"/staff/cases/{open_case(ann, report(app))}/observables/paste"
    page = ann.post(path, data={"lines": "192.0.2.55:8080"}).text
    assert "Taken in part: <strong>1</strong>" in page
    assert "put https:// in front to keep a path or a port" in page
    assert "In part" not in ann.post(path, data={"lines": "192.0.2.56"}).text
