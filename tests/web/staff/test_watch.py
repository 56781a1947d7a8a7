"""Watched sources at the desk: an item becomes a draft or is set aside, once."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core.db import session, start_writing
from cert_portal.core.feeds import Entry
from cert_portal.monitoring import service
from cert_portal.monitoring.models import Item, Source
from tests.web.staff.desk import check_places, sign_in

ADDRESS = "https://vendor.example/feed"


def add(client: FlaskClient, name: str = "A vendor", address: str = ADDRESS) -> tuple[int, str]:
    """Watch a source by the page."""
    answer = client.post("/staff/watch/sources", data={"name": name, "address": address}, follow_redirects=True)
    check_places(answer.text)
    return answer.status_code, answer.text


def found(app: Flask, title: str, summary: str = "Update now", link: str = "https://vendor.example/1") -> int:
    """An item of the watched source; answers its id."""
    start_writing()
    with app.app_context():
        service.store(session.query(Source.id).scalar(), [Entry("0" * 64, title, link, summary, None)], "", "")
        session.commit()
        return session.query(Item.id).order_by(Item.id.desc()).limit(1).scalar() or 0


def test_a_source_is_added_and_a_wrong_one_is_named(eva: FlaskClient) -> None:
    status, page = add(eva, address="ftp://vendor.example/<feed>")
    assert status == 422
    assert "Enter an address that begins with http:// or https://" in page
    assert 'id="address-error"' in page, "the field itself says what is wrong with it"
    assert 'value="ftp://vendor.example/&lt;feed&gt;"' in page, "what was typed is kept"
    assert 'value="A vendor"' in page
    status, page = add(eva, name=" ")
    assert (status, "Enter a name" in page) == (422, True)
    status, page = add(eva)
    assert (status, "The source is being read." in page) == (200, True)
    status, page = add(eva)
    assert (status, "This address is watched already" in page) == (422, True)


def test_a_source_is_switched_off_and_on(eva: FlaskClient) -> None:
    add(eva)
    page = eva.post("/staff/watch/sources/1", follow_redirects=True).text
    assert "Not watched" in page
    page = eva.post("/staff/watch/sources/1", data={"active": "y"}, follow_redirects=True).text
    assert "Not watched" not in page
    assert eva.post("/staff/watch/sources/99").status_code == 404


@pytest.mark.parametrize(
    ("title", "box"), [("A flaw in Mail", "title_en"), ("郵件伺服器出現保安漏洞", "title_zh-hant")]
)
def test_an_item_becomes_a_draft_in_its_own_language(app: Flask, eva: FlaskClient, title: str, box: str) -> None:
    add(eva)
    number = found(app, title, "更新" if "zh" in box else "Update now")
    assert title in eva.get("/staff/watch").text
    answer = eva.post(f"/staff/watch/items/{number}", data={"do": "draft"})
    assert answer.status_code == 302
    page = eva.get(answer.location).text
    assert f'name="{box}" value="{title}"' in page
    assert page.count(title) == 1, "the editor writes the other language"
    assert "https://vendor.example/1" in page
    assert title not in eva.get("/staff/watch").text
    assert "https://vendor.example/1" in eva.get(answer.location.removesuffix("/edit")).text


def test_an_item_without_a_link(app: Flask, eva: FlaskClient) -> None:
    add(eva)
    number = found(app, "A flaw", link="")
    answer = eva.post(f"/staff/watch/items/{number}", data={"do": "draft"})
    assert "Still missing:" in eva.get(answer.location.removesuffix("/edit")).text


def test_an_item_is_dealt_with_once(app: Flask, eva: FlaskClient) -> None:
    add(eva)
    number = found(app, "A <b>flaw</b>")
    assert "A &lt;b&gt;flaw&lt;/b&gt;" in eva.get("/staff/watch").text
    assert "An item of a watched source" in eva.get("/staff/advisories").text
    eva.post(f"/staff/watch/items/{number}", data={"do": "dismiss"})
    assert "Nothing new." in eva.get("/staff/watch").text
    for do in ("dismiss", "draft"):
        answer = eva.post(f"/staff/watch/items/{number}", data={"do": do})
        assert answer.status_code == 422
        assert "Somebody has dealt with this item in the meantime." in answer.text
    assert "No advisory is being written." in eva.get("/staff/advisories").text


def test_odd_pages_of_the_list(eva: FlaskClient) -> None:
    for before in ("x", "-1", "9" * 40, "٣"):
        assert eva.get(f"/staff/watch?before={before}").status_code == 200


@pytest.mark.parametrize(
    ("reason", "said", "chinese"),
    [
        ("too_slow", "answers too slowly", "回應太慢"),
        ("not_public", "leads into a network that is not public", "指向非公開網絡"),
        ("status_503", "answers with error 503", "回應錯誤 503"),
    ],
)
def test_why_a_source_cannot_be_read(app: Flask, eva: FlaskClient, reason: str, said: str, chinese: str) -> None:
    add(eva)
    start_writing()
    with app.app_context():
        service.unread(session.query(Source.id).scalar(), reason)
        session.commit()
    assert said in eva.get("/staff/watch").text
    assert chinese in sign_in(app, "Mei", "editor", language="zh-hant").get("/staff/watch").text
