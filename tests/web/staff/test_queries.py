"""How often the pages of the desk ask the database: a bounded number, whatever the number of rows they show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from cert_portal.core.db import db
from tests.web.staff.desk import do, open_case, report


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that are run inside."""
    told: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        told.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", note)


def asked(app: Flask, client: FlaskClient, path: str) -> int:
    """How many statements a page needs."""
    with counted(app) as told:
        answer = client.get(path)
    assert answer.status_code == 200, path
    return len(told)


def grow(app: Flask, ann: FlaskClient, path: str) -> None:
    """More of everything that a list or the case shows."""
    for n in range(6):
        number = report(app, f"Number {n} saw https://bad.example/login from 192.0.2.{n}", email=f"p{n}@victim.example")
        do(ann, f"{path}/join", report=number)
        do(ann, f"{path}/note", note=f"note {n} @Ann")
        do(ann, f"{path}/tag", tag=f"tag {n}")
        do(ann, f"{path}/write", to=number, subject="x", letter="y", do="send")
        do(ann, f"/staff/reports/{number}/write", subject="x", letter="y", do="later", when="in_a_week")
        report(app, f"Wait {n}: https://bad.example/login")
        open_case(ann, report(app, f"Other {n}: https://bad.example/login"))


PAGES = {
    "/staff/": 29,
    "/staff/queue/team": 32,
    "/staff/queue/unassigned": 32,
    "/staff/cases?q=kind:phishing": 32,
    "/staff/search?q=bad.example": 35,
    "{report}": 38,
    "{case}": 52,
    "{case}?lines=notes": 52,
    "{case}/access": 25,
    "{case}/observables": 40,
    "/staff/team": 30,
    "/staff/team/workload": 30,
    "/staff/notices": 20,
}
"""The most statements that each page may need."""


LISTS = ("/staff/", "/staff/queue/team", "/staff/cases?q=kind:phishing", "/staff/queue/answered")


def test_no_list_asks_once_for_every_kept_search(app: Flask, ann: FlaskClient) -> None:
    open_case(ann, report(app))
    none = {page: asked(app, ann, page) for page in LISTS}
    for n in range(10):
        told = {"name": f"Cases {n}", "q": f"is:open bad.example words{n}", "shared": "y"}
        assert ann.post("/staff/searches", data=told).status_code == 302
        told = {"name": f"Reports {n}", "q": f"kind:phishing words{n}", "view": "triage"}
        assert ann.post("/staff/searches", data=told).status_code == 302
    assert {page: asked(app, ann, page) for page in LISTS} == none
    assert ann.get("/staff/searches/counts").text.count("<span") == 20


def test_no_page_asks_once_for_every_row(app: Flask, ann: FlaskClient) -> None:
    first = report(app)
    path = f"/staff/cases/{open_case(ann, first)}"
    of_report = f"/staff/reports/{first}"
    do(ann, f"{path}/write", to=first, subject="x", letter="y", do="send")
    do(ann, f"{of_report}/write", subject="x", letter="y", do="later", when="in_a_week")
    do(ann, f"{path}/note", note="a note @Ann")
    do(ann, f"{path}/tag", tag="one")
    report(app, "Waits: https://bad.example/login")
    open_case(ann, report(app, "Other: https://bad.example/login"))
    few = {page: asked(app, ann, page.format(case=path, report=of_report)) for page in PAGES}
    grow(app, ann, path)
    many = {page: asked(app, ann, page.format(case=path, report=of_report)) for page in PAGES}
    assert {page: count for page, count in many.items() if count > few[page] + 2} == {}
    assert {page: count for page, count in many.items() if count > PAGES[page]} == {}
