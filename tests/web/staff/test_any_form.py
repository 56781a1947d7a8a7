"""Whatever is typed into whatever form of the desk: an answer, never an error, and every problem leads to its field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.cases import templates
from cert_portal.core.db import session, start_writing
from cert_portal.directory import contacts, organisations
from cert_portal.directory.contacts import ContactTold
from cert_portal.directory.organisations import OrganisationTold
from tests.web.staff.desk import open_case, report, sign_in

FORMS = 150
ELSEWHERE = ("/sign-out", "/account", "/people", "passphrase", "authenticator", "revoke")
"""What would end the session or shut the person out."""
SENSE = ("Dear Rita, we look into it.", "wave", "3", "2026-12-24", "10:00", "bad.example", "C26-2", "phishing", "y")
NONSENSE = (
    *(
        "",
        " ",
        "x" * 5000,
        "中文釣魚個案",
        "\u202eevil",
        "a\x00b",
        "😀😀",
        "ＡＢＣ１２３",
        "-1",
        "9" * 20,
        "1e400",
        "NaN",
    ),
    *("2026-02-30", "9999-12-31", "2026-12-31T25:61", "<script>x</script>", "%s%(x)s", "{{ 7*7 }}", "'; DROP TABLE"),
    *("http://[::1", "\r\n\r\nBcc: x@y.example", "AS4294967296", "10.0.0.0/8", "١٢٣", "is:open level>=9", "@Ann"),
)


@dataclass
class Box:
    """A field of a form: what kind it is, and what it holds or offers."""

    name: str
    kind: str
    values: list[str]


@dataclass
class Written:
    """A form of a page."""

    action: str
    method: str
    boxes: list[Box] = field(default_factory=list)


class Page(HTMLParser):
    """The forms and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Written] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what can be followed or filled in."""
        told = {name: value or "" for name, value in attrs}
        if tag == "a" and told.get("href", "").startswith("/staff"):
            self.links.append(told["href"].partition("#")[0])
        elif tag == "form":
            self.forms.append(Written(told.get("action", ""), told.get("method", "get").lower()))
        elif tag == "option" and self.forms and self.forms[-1].boxes:
            self.forms[-1].boxes[-1].values.append(told.get("value", ""))
        elif tag in ("input", "select", "textarea", "button") and told.get("name") and self.forms:
            kind = told.get("type", "text") if tag == "input" else tag
            held = [told.get("value", "")] if tag in ("input", "button") else []
            self.forms[-1].boxes.append(Box(told["name"], kind, held))


def filled(form: Written, random: Random) -> Iterator[tuple[str, str]]:
    """Sense and nonsense for each field that a person fills in, and one of the buttons."""
    buttons = [each for each in form.boxes if each.kind == "button"]
    for each in form.boxes:
        if each.kind == "hidden":
            yield each.name, each.values[0]
        elif each.kind in ("checkbox", "radio"):
            if random.random() < 0.5:
                yield each.name, each.values[0]
        elif each.kind == "select":
            yield each.name, random.choice(each.values or [""])
        elif each.kind not in ("button", "file"):
            yield each.name, random.choice(random.choice([SENSE, NONSENSE, each.values or [""]]))
    if buttons:
        chosen = random.choice(buttons)
        yield chosen.name, chosen.values[0]


def desk(app: Flask) -> FlaskClient:
    """A person who may do nearly all, three cases, and reports that wait."""
    client = sign_in(app, "Ann", "analyst", "supervisor", "admin", "auditor", "liaison", "editor", "approver")
    start_writing()
    with app.app_context():
        templates.seed()
        party = organisations.add(OrganisationTold("hosting", "Harbour Hosting", domains=["bad.example"]), "system")
        contacts.add(party, ContactTold(email="abuse@harbour.example"), "system")
        session.commit()
    told = [report(app, f"https://bad{n}.example/x of 192.0.2.{n}", email=f"r{n}@victim.example") for n in range(6)]
    for number in told[:3]:
        open_case(client, number)
    return client


@pytest.mark.parametrize("seed", range(2))
def test_every_form_answers_whatever_is_typed(app: Flask, seed: int) -> None:
    client, random = desk(app), Random(seed)
    places = ["/staff/", "/staff/cases", "/staff/search?q=bad"]
    sent = 0
    for number in range(FORMS):
        client.environ_base["REMOTE_ADDR"] = f"198.51.100.{number % 250 + 1}"
        place = random.choice(places)
        shown = client.get(place, follow_redirects=True)
        assert shown.status_code < 500, place
        if not shown.content_type.startswith("text/html"):
            continue
        page = Page(shown.text)
        places += [each for each in page.links if each not in places and not any(word in each for word in ELSEWHERE)]
        forms = [each for each in page.forms if each.method == "post" and not any(w in each.action for w in ELSEWHERE)]
        if not forms:
            continue
        form = random.choice(forms)
        told: dict[str, list[str]] = {}
        for name, value in filled(form, random):
            told.setdefault(name, []).append(value)
        answer = client.post(form.action.partition("#")[0], data=told)
        sent += 1
        assert answer.status_code < 500, (form.action, told)
        if answer.status_code == 422:
            ids = re.findall(r' id="([^"]+)"', answer.text)
            summary = answer.text.partition("govuk-error-summary__list")[2].partition("</ul>")[0]
            assert set(re.findall(r'href="#([^"]+)"', summary)) <= set(ids), (form.action, told)
            assert len(ids) == len(set(ids)), form.action
    assert sent > FORMS / 2
