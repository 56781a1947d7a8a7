"""Advisories at the desk of the editors: from the first word to the public page, and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal import config
from cert_portal.core import clock
from cert_portal.core.crypto import Keyring
from cert_portal.core.db import session, start_writing
from cert_portal.directory import accounts
from cert_portal.publishing import service
from cert_portal.publishing.content import Content, Words
from cert_portal.publishing.models import AdvisoryVersion
from cert_portal.publishing.service import draft
from cert_portal.web.staff.advisory_forms import AdvisoryForm
from tests.publishing.press import FULL, told
from tests.web.staff.desk import do, open_case, refused, report, sign_in

Run = Callable[[], int]


@pytest.fixture(autouse=True)
def signing(publication_key: str) -> str:
    """There is a key to sign with."""
    return publication_key


@pytest.fixture
def fred(app: Flask) -> FlaskClient:
    return sign_in(app, "Fred", "approver")


def begin(client: FlaskClient) -> str:
    """Begin an advisory by the page; answers its address."""
    answer = client.post("/staff/advisories/new")
    assert answer.status_code == 302
    return str(answer.location)


def hidden(page: str) -> str:
    """What the form says it began from."""
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


def boxes(content: Content, **more: str) -> dict[str, str]:
    """What a browser sends for the content."""
    return {**AdvisoryForm.of(content).boxes, **more}


def write(client: FlaskClient, path: str, content: Content = FULL) -> str:
    """Type everything in and save; answers the page that follows."""
    seen = hidden(client.get(f"{path}/edit").text)
    return do(client, f"{path}/edit", **boxes(content, seen=seen))


def in_review(eva: FlaskClient, content: Content = FULL) -> str:
    """An advisory that waits for its second reader; answers its address."""
    path = begin(eva)
    write(eva, path, content)
    do(eva, f"{path}/submit")
    return path


def approve(fred: FlaskClient, path: str, **more: str) -> str:
    return do(fred, f"{path}/approve", seen=hidden(fred.get(path).text), **more)


def out(eva: FlaskClient, fred: FlaskClient, run_jobs: Run, content: Content = FULL) -> str:
    """An advisory that is published by the pages and the job; answers its address."""
    path = in_review(eva, content)
    approve(fred, path)
    assert run_jobs()
    return path


def test_from_the_first_word_to_the_public_page(eva: FlaskClient, fred: FlaskClient, run_jobs: Run) -> None:
    page = eva.get("/staff/advisories").text
    assert "No advisory is being written." in page
    path = begin(eva)
    page = eva.get(path).text
    assert "Title (English)" in page
    assert "Title (Chinese)" in page
    page = write(eva, path)
    assert "The draft is stored." in page
    assert "Still missing" not in page
    page = do(eva, f"{path}/submit")
    assert "The second reader has it now." in page
    assert "Approve and publish" not in page
    page = fred.get(path).text
    for words in FULL.words.values():
        assert words.title in page
    assert "Approved. It is being signed." in approve(fred, path)
    assert eva.get("/en/advisories/CP-A-2026-0001").status_code == 404
    run_jobs()
    page = eva.get(path).text
    assert "Signed and published" in page
    assert "Eva" in page
    assert "Fred" in page
    for address, title in (("en", FULL.words["en"].title), ("zh-hant", FULL.words["zh-hant"].title)):
        found = re.search(r"/en/advisories/([\w-]+)", page)
        assert found
        assert title in eva.get(f"/{address}/advisories/{found[1]}").text
    page = eva.get("/staff/advisories").text
    assert FULL.words["en"].title in page
    assert "Published" in page


def test_what_happened_within_a_second_stands_in_its_order(eva: FlaskClient, fred: FlaskClient, run_jobs: Run) -> None:
    with clock.turned_to(clock.now().replace(microsecond=400_000)):
        page = eva.get(out(eva, fred, run_jobs)).text
    told = page.partition('id="timeline"')[2] or page
    assert 0 < told.index("Approved<") < told.index("Signed and published")


def test_wrong_lines_are_named_and_what_was_typed_stays(eva: FlaskClient) -> None:
    path = begin(eva)
    wrong = boxes(
        FULL,
        products="Example; Mail; 4.0; 4.2\nonly a name <i>",
        vulnerabilities="CVE-2026-12345\n\nCVE-12",
        references="https://vendor.example/\njavascript:alert(1)",
        title_en="x" * 201,
        seen=hidden(eva.get(f"{path}/edit").text),
    )
    page = refused(eva, f"{path}/edit", **wrong)
    for told_so in (
        "Products: line 2 cannot be read.",
        "Vulnerabilities: line 3 cannot be read.",
        "Sources: line 2 cannot be read.",
        "Title: too long",
    ):
        assert told_so in page, told_so
    assert {"#products", "#vulnerabilities", "#references", "#title_en"} <= set(re.findall(r'href="(#[^"]+)"', page))
    assert "only a name &lt;i&gt;" in page
    assert FULL.words["zh-hant"].to_do in page
    assert "x" * 201 in page
    twice = boxes(FULL, vulnerabilities="CVE-2026-1111\ncve-2026-1111", seen=hidden(page))
    assert "the same number stands there twice" in refused(eva, f"{path}/edit", **twice)
    many = boxes(FULL, references="https://vendor.example/\n" * 201, seen=hidden(page))
    assert "more than 200 lines" in refused(eva, f"{path}/edit", **many)
    assert "Only" not in eva.get(path).text


def test_a_text_in_any_part_that_is_too_long_is_named(eva: FlaskClient) -> None:
    path = begin(eva)
    seen = hidden(eva.get(f"{path}/edit").text)
    for name, label in (("going_on", "What is going on"), ("to_do", "What to do now")):
        page = refused(eva, f"{path}/edit", **boxes(FULL, seen=seen, **{f"{name}_zh-hant": "字" * 10_001}))
        assert f"{label}: too long" in page
        assert f'href="#{name}_zh-hant"' in page


def test_an_odd_level_from_a_program_is_no_error_of_the_server(eva: FlaskClient) -> None:
    path = begin(eva)
    page = do(eva, f"{path}/edit", **boxes(FULL, level="many", seen=hidden(eva.get(f"{path}/edit").text)))
    assert "Medium risk" in page


def test_two_editors_who_save_at_once_see_both_texts(app: Flask, eva: FlaskClient) -> None:
    emil = sign_in(app, "Emil", "editor")
    path = begin(eva)
    seen = hidden(eva.get(f"{path}/edit").text)
    mine = told(FULL, "mine")
    do(emil, f"{path}/edit", **boxes(FULL, seen=seen))
    changed = replace(FULL, words={**FULL.words, "en": replace(FULL.words["en"], title="Eva's title")})
    page = refused(eva, f"{path}/edit", **boxes(changed, seen=seen))
    assert "Somebody else saved in between." in page
    assert "Eva&#39;s title" in page
    assert f"What somebody else saved: {FULL.words['en'].title}" in page
    assert FULL.words["en"].title in eva.get(path).text, "nothing was overwritten"
    page = do(eva, f"{path}/edit", **boxes(changed, seen=hidden(page)))
    assert "Eva&#39;s title" in page
    assert mine.words["en"].changed


def test_what_lacks_is_named_before_anybody_else_reads(eva: FlaskClient) -> None:
    path = begin(eva)
    half = replace(FULL, words={"en": FULL.words["en"], "zh-hant": Words(title="標題")}, references=(), products=())
    page = write(eva, path, half)
    assert "Give it to the second reader</button>" not in page
    page = refused(eva, f"{path}/submit")
    for lack in ("In one sentence (Chinese)", "What to do now (Chinese)", "Sources", "Products"):
        assert lack in page
    assert "In one sentence (English)" not in page


def test_nobody_approves_their_own_words(app: Flask, fred: FlaskClient) -> None:
    both = sign_in(app, "Bob", "editor", "approver")
    path = in_review(both)
    page = both.get(path).text
    assert "You had a hand in these words." in page
    assert 'name="seen"' not in page
    page = refused(both, f"{path}/approve", seen=hidden(fred.get(path).text))
    assert "You had a hand in these words." in page
    assert "With the second reader" in page


def test_the_slower_second_reader_is_told(app: Flask, eva: FlaskClient, fred: FlaskClient) -> None:
    gus = sign_in(app, "Gus", "approver")
    path = in_review(eva)
    seen = hidden(gus.get(path).text)
    approve(fred, path)
    assert "This version has moved on" in refused(gus, f"{path}/approve", seen=seen)


def test_words_that_changed_while_somebody_read_are_not_approved(eva: FlaskClient, fred: FlaskClient) -> None:
    path = in_review(eva)
    seen = hidden(fred.get(path).text)
    do(eva, f"{path}/take-back", why="A typing error")
    write(eva, path, replace(FULL, level=4))
    do(eva, f"{path}/submit")
    page = refused(fred, f"{path}/approve", seen=seen)
    assert "The words were changed since you opened the page." in page
    assert "What you typed" not in page
    assert "Approved. It is being signed." in approve(fred, path)


@pytest.mark.parametrize(
    ("embargo", "said"),
    [
        ("soon", "like 2026-05-04 09:00"),
        ("2026-13-40T09:00", "like 2026-05-04 09:00"),
        ("9999-12-31T23:59", "between the years 1990 and 2200"),
        ("2100-12-31T23:59", "The embargo must end within a year."),
        ("2020-01-01T09:00", "The embargo must end in the future."),
    ],
)
def test_an_embargo_that_cannot_be(
    eva: FlaskClient, fred: FlaskClient, embargo: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Keyring, "expires", lambda _ring: None)
    path = in_review(eva)
    page = refused(fred, f"{path}/approve", seen=hidden(fred.get(path).text), embargo=embargo)
    assert said in page
    assert "With the second reader" in page
    assert f'value="{embargo}"' in page, "what was typed is kept"


def test_an_embargo_is_kept(eva: FlaskClient, fred: FlaskClient, run_jobs: Run) -> None:
    path = in_review(eva)
    local = (clock.now() + timedelta(hours=2)).astimezone(config.current().zone)
    page = approve(fred, path, embargo=local.strftime("%Y-%m-%dT%H:%M"))
    assert "It is published when the embargo ends." in page
    assert f"{local:%H:%M}" in page
    run_jobs()
    assert "Approved, under embargo" in eva.get(path).text
    assert "An earlier day" in do(eva, f"{path}/take-back", why="An earlier day, please")


def test_a_key_that_ends_soon_is_renewed_first(
    eva: FlaskClient, fred: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = clock.now() + timedelta(days=10)
    monkeypatch.setattr(Keyring, "expires", lambda _ring: int(ends.timestamp()))
    path = in_review(eva)
    page = refused(fred, f"{path}/approve", seen=hidden(fred.get(path).text))
    assert f"ends on {ends.astimezone(config.current().zone).date().isoformat()}" in page


def test_without_a_key_nothing_is_approved(eva: FlaskClient, fred: FlaskClient) -> None:
    path = in_review(eva)
    seen = hidden(fred.get(path).text)
    here = config.current()
    config.use(replace(here, publication_key="0" * 40))
    page = refused(fred, f"{path}/approve", seen=seen)
    config.use(here)
    assert "There is no publication key" in page


def test_given_back_with_a_word_why(eva: FlaskClient, fred: FlaskClient) -> None:
    path = in_review(eva)
    page = do(fred, f"{path}/return", why="Name the <b>fixed</b> version")
    assert "It is a draft again." in page
    assert "Name the &lt;b&gt;fixed&lt;/b&gt; version" in eva.get(path).text
    assert "This version has moved on" in refused(fred, f"{path}/return", why="twice")


def test_update_and_withdrawal(eva: FlaskClient, fred: FlaskClient, run_jobs: Run) -> None:
    path = out(eva, fred, run_jobs)
    answer = eva.post(f"{path}/update")
    second = answer.location.removesuffix("/edit")
    assert "What has changed" in eva.get(answer.location).text
    assert "There is a version at hand already." in refused(eva, f"{path}/update")
    write(eva, second)
    assert "What has changed (English)" in refused(eva, f"{second}/submit")
    write(eva, second, told(FULL, "Fixed since Monday"))
    do(eva, f"{second}/submit")
    approve(fred, second)
    run_jobs()
    assert "Replaced by a later version" in eva.get(path).text
    assert "Only what is published" not in eva.get(second).text
    third = eva.post(f"{second}/update", data={"withdrawal": "y"}).location.removesuffix("/edit")
    assert "Withdrawal" in eva.get(third).text
    asked = eva.get(f"{third}/edit").text
    assert "Why it is withdrawn – English" in asked
    assert "What has changed" not in asked
    assert "Why it is withdrawn (English)" in refused(eva, f"{third}/submit")
    wrong = boxes(told(FULL, "x" * 10_001), seen=hidden(asked))
    assert "Why it is withdrawn: too long" in refused(eva, f"{third}/edit", **wrong)
    page = write(eva, third, told(FULL, "It was a mistake"))
    assert "<h4>This advisory is withdrawn</h4>" in page
    assert "<h4>本公告已撤回</h4>" in page
    do(eva, f"{third}/submit")
    approve(fred, third)
    run_jobs()
    assert "Its page stays and says that it no longer holds." in eva.get(third).text
    found = re.search(r"/en/advisories/[\w-]+", eva.get(third).text)
    assert found
    public = eva.get(found[0]).text
    assert "Withdrawn " in public
    assert "Updated " not in public, "what was withdrawn is not up to date"
    assert "Only what is published can be updated" in refused(eva, f"{third}/update")


def test_markup_in_the_words_is_shown_and_never_obeyed(eva: FlaskClient, fred: FlaskClient, run_jobs: Run) -> None:
    evil = "<script>alert(1)</script> & <b>bold</b>"
    words = {name: replace(each, title=evil, summary=evil, going_on=evil) for name, each in FULL.words.items()}
    path = out(eva, fred, run_jobs, replace(FULL, words=words))
    public_id = re.search(r"/en/advisories/([\w-]+)", eva.get(path).text)
    assert public_id
    for place in (
        path,
        f"{path}/edit",
        "/staff/advisories",
        "/en/advisories/",
        f"/en/advisories/{public_id[1]}",
        "/en/",
    ):
        page = eva.get(place, follow_redirects=True).text
        assert "<script>alert" not in page, place
        assert "<b>bold" not in page, place
    assert "&lt;script&gt;alert(1)" in eva.get(f"/zh-hant/advisories/{public_id[1]}").text
    for shape in ("atom", "rss"):
        feed = eva.get(f"/feeds/advisories.en.{shape}").text
        assert "<script>" not in feed
        assert "&lt;script&gt;" in feed


def test_what_moved_on_is_not_edited(eva: FlaskClient) -> None:
    path = in_review(eva)
    answer = eva.get(f"{path}/edit")
    assert (answer.status_code, answer.location) == (302, path)
    page = refused(eva, f"{path}/edit", **boxes(FULL, seen="0"))
    assert "This version has moved on" in page
    assert FULL.words["en"].title in page
    assert eva.get("/staff/advisories/999999").status_code == 404


def test_a_case_that_led_to_it_stays_with_it(app: Flask, eva: FlaskClient) -> None:
    ann = sign_in(app, "Ann", "analyst", "editor")
    number = open_case(ann, report(app))
    secret = open_case(sign_in(app, "Zoe", "supervisor"), report(app), restricted="y")
    path = ann.post("/staff/advisories/new", data={"cases": f"{number} {secret} a\x00b"}).location
    page = ann.get(path).text
    assert "Writing began" in page
    assert secret not in page


def test_the_page_reads_in_chinese(app: Flask, eva: FlaskClient) -> None:
    path = in_review(eva)
    mei = sign_in(app, "Mei", "editor", language="zh-hant")
    for place in ("/staff/advisories", path):
        page = mei.get(place).text
        assert FULL.words["zh-hant"].title in page
        assert "The second reader" not in page
    start_writing()
    with app.app_context():
        version = draft(accounts.everybody()[0])
        number = version.id
        session.commit()
    assert "標題（英文）" in mei.get(f"/staff/advisories/{number}").text
    page = mei.get(f"/staff/advisories/{number}/edit").text
    assert "英文" in page
    assert "In one sentence" not in page


def test_a_failed_signature_is_said(app: Flask, eva: FlaskClient, fred: FlaskClient) -> None:
    path = in_review(eva)
    approve(fred, path)
    start_writing()
    with app.app_context():
        version = session.get_one(AdvisoryVersion, int(path.rpartition("/")[2]))
        version.trouble = "no <secret> key"
        session.commit()
        assert service.of(version.advisory)
    assert "nothing is public: no &lt;secret&gt; key" in eva.get(path).text
    assert "Signing failed" in eva.get("/staff/advisories").text
