"""Published advisories for everybody: the list, the pages in both languages, and copies that are checked."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core.db import session, start_writing
from cert_portal.publishing import service
from cert_portal.publishing.models import AdvisoryVersion
from tests.publishing import press
from tests.publishing.press import CHINESE, ENGLISH, FULL, PLAIN


class Press:
    """An editor and a second reader, who publish."""

    def __init__(self, app: Flask) -> None:
        start_writing()
        self.app = app
        with app.app_context():
            self.people = (press.editor().id, press.reader().id)
            session.commit()

    def publish(self, content: press.Content = FULL) -> str:
        """Answers the id of an advisory that is out."""
        with self.app.app_context():
            return press.published(*self._both(), content).advisory.public_id

    def update(self, public_id: str, *, withdrawal: bool = False) -> None:
        """The next version, out."""
        with self.app.app_context():
            rows = session.query(AdvisoryVersion).order_by(AdvisoryVersion.id.desc())
            version = next(each for each in rows if each.advisory.public_id == public_id)
            press.updated(version, *self._both(), withdrawal=withdrawal)

    def _both(self) -> tuple[press.User, press.User]:
        first, second = (session.get_one(press.User, each) for each in self.people)
        return first, second


@pytest.fixture
def out(app: Flask, publication_key: str) -> Press:
    return Press(app)


def test_the_list_and_its_filter(client: FlaskClient, out: Press) -> None:
    assert "No advisory has been published yet." in client.get("/en/advisories/").text
    high, medium = out.publish(), out.publish(PLAIN)
    page = client.get("/en/advisories/").text
    assert page.index(medium) < page.index(high), "newest first"
    assert "Already used in attacks" in page
    page = client.get("/en/advisories/?risk=3").text
    assert high in page
    assert medium not in page
    assert "No advisory of this risk" in client.get("/en/advisories/?risk=4").text
    assert CHINESE.title in client.get("/zh-hant/advisories/").text
    for odd in ("risk=many", "risk=99", "risk=-1", "before=x", f"before={'9' * 30}"):
        assert client.get(f"/en/advisories/?{odd}").status_code == 200


def test_one_page_in_both_languages(client: FlaskClient, out: Press) -> None:
    public_id = out.publish()
    page = client.get(f"/en/advisories/{public_id}").text
    for told in (ENGLISH.title, ENGLISH.summary, "Update to 4.2.", "CVE-2026-12345", "9.8", "High risk", "TLP:CLEAR"):
        assert told in page, told
    assert page.index("What to do now") < page.index("What is going on")
    assert f'href="/zh-hant/advisories/{public_id}"' in page
    chinese = client.get(f"/zh-hant/advisories/{public_id}").text
    for told in (CHINESE.title, CHINESE.signs, "TLP:CLEAR", 'lang="zh-Hant'):
        assert told in chinese, told
    assert "What to do now" not in chinese
    for link in (f"/advisories/{public_id}.en.txt.asc", "/pgp.asc"):
        assert link in page
        assert client.get(link).status_code == 200


def test_unknown_ones_and_drafts_are_not_there(app: Flask, client: FlaskClient, out: Press) -> None:
    with app.app_context():
        version = press.approved(*out._both())
        waiting = version.advisory.public_id
        draft = service.draft(out._both()[0], FULL).advisory.public_id
        session.commit()
    for path in (waiting, draft, "CP-A-2026-9999", "x", "..%2f..%2fetc"):
        assert client.get(f"/en/advisories/{path}").status_code == 404
        assert client.get(f"/advisories/{path}.en.txt.asc").status_code == 404
    assert ENGLISH.title not in client.get("/en/advisories/").text


def test_a_copy_is_good_until_the_next_publication(client: FlaskClient, out: Press) -> None:
    public_id = out.publish()
    path = f"/en/advisories/{public_id}"
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    out.update(public_id)
    later = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200
    assert "The fix is out (en)" in later.text
    assert "version 2" in later.text
    assert "<strong>updated</strong>" in client.get("/en/advisories/").text


def test_a_withdrawn_page_stays_and_says_so(client: FlaskClient, out: Press) -> None:
    public_id = out.publish()
    out.update(public_id, withdrawal=True)
    for lang in ("en", "zh-hant"):
        answer = client.get(f"/{lang}/advisories/{public_id}")
        assert answer.status_code == 200
        assert f"The fix is out ({lang})" in answer.text
    assert "This advisory is withdrawn" in client.get(f"/en/advisories/{public_id}").text
    assert "portal-advisories__gone" in client.get("/en/advisories/").text


def test_brackets_are_those_of_the_language(client: FlaskClient, out: Press) -> None:
    number = out.publish()
    for lang, before, after in (
        ("en", "CSAF 2.0</a> (<a", "signature</a>)"),
        ("zh-hant", "CSAF 2.0</a>（<a", "簽署</a>）"),
    ):
        page = client.get(f"/{lang}/advisories/{number}").text
        assert before in page
        assert after in page
