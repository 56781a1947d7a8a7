"""Days and moments that people type: no year that nobody means is kept, and none is a mistake of ours."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import DateField, DateTimeField, Form, TimeField

import cert_portal.web
from cert_portal import config
from cert_portal.cases.workflow import today
from cert_portal.core import clock
from cert_portal.directory import accounts
from cert_portal.web.forms.days import BadMoment, Day, LocalMoment, TimeOfDay, read_local
from cert_portal.web.forms.moments import MomentError, read_moment
from tests.web.staff.desk import check_places, do, open_case, refused, report, sign_in

ODD = st.one_of(st.integers(1, clock.FIRST_YEAR - 1), st.integers(clock.LAST_YEAR + 1, 9999))


class Asked(Form):
    """A day and a moment."""

    day = Day()
    at = LocalMoment()


def test_every_field_of_a_day_or_moment_is_of_ours() -> None:
    names = [each.name for each in pkgutil.walk_packages(cert_portal.web.__path__, "cert_portal.web.")]
    odd = [
        f"{module}.{name}"
        for module in names
        for name, form in vars(importlib.import_module(module)).items()
        if isinstance(form, type) and issubclass(form, Form)
        for field in vars(form).values()
        if issubclass(getattr(field, "field_class", object), (DateField, DateTimeField, TimeField))
        and not issubclass(field.field_class, (Day, LocalMoment, TimeOfDay))
    ]
    assert odd == []


@given(year=ODD, month=st.integers(1, 12), day=st.integers(1, 28))
def test_odd_years_are_refused_with_what_to_do(year: int, month: int, day: int) -> None:
    told = f"{year:04}-{month:02}-{day:02}"
    form = Asked(MultiDict({"day": told, "at": f"{told}T00:00"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cert_portal.web.forms.days.out_of_range", lambda: "odd")
        assert not form.validate()
        with pytest.raises(BadMoment, match="odd"):
            read_local(f"{told}T23:59")
    assert form.errors == {"day": ["odd"], "at": ["odd"]}


@given(st.dates(date(clock.FIRST_YEAR, 1, 1), date(clock.LAST_YEAR, 12, 31)))
def test_other_years_are_taken(day: date) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cert_portal.web.forms.days.current", lambda: SimpleNamespace(zone=ZoneInfo("Asia/Hong_Kong")))
        assert Asked(MultiDict({"day": day.isoformat(), "at": f"{day.isoformat()}T00:00"})).validate()


@pytest.mark.parametrize("told", ["yesterday", "2026-13-01", "2026-05-04T25:00"])
def test_what_is_no_moment_is_none(told: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cert_portal.web.forms.days.unreadable", lambda: "no moment")
        with pytest.raises(BadMoment, match="no moment"):
            read_local(told)


def test_a_moment_is_read_in_the_zone_of_the_portal(app: Flask) -> None:
    with app.app_context():
        assert read_local("2026-05-04 09:00") == datetime(2026, 5, 4, 1, tzinfo=UTC)
        assert read_local(" ") is None


def test_days_and_times_are_read_in_full_width_signs(app: Flask) -> None:
    carol = sign_in(app, "Carol", "supervisor")
    with app.app_context():
        assert read_local("２０２６－０５－０４　０９：００") == datetime(2026, 5, 4, 1, tzinfo=UTC)
        tomorrow = today() + timedelta(days=1)
        person = accounts.by_email("carol@portal.example")
        assert person
    wide = tomorrow.isoformat().translate({ord(each): chr(ord(each) + 0xFEE0) for each in "0123456789-"})
    told = {"person": person.id, "day": wide, "begins": "０９：００", "ends": "１７：００", "days": "２"}
    page = do(carol, "/staff/team/shifts", **told)
    assert ("2 shifts are on the roster" in page, page.count("09:00–17:00</span> Carol")) == (True, 2)
    assert "Enter a time like 09:00" in refused(carol, "/staff/team/shifts", **{**told, "ends": "１７點"})
    assert "The absence is noted" in do(carol, "/staff/team/absences", first=wide, last=f"　{wide} ")
    case = open_case(carol, report(app))
    note = {"note": "x", "happened": "２０２６－０５－０４　０９：００"}
    assert "4 May 2026 09:00" in do(carol, f"/staff/cases/{case}/note", **note)
    ignored = {"value": "192.0.2.1", "reason": "Ours", "until": wide}
    assert "Ours" in do(carol, "/staff/values/ignored", **ignored)
    root = sign_in(app, "Root", "admin")
    assert "A day off" in do(root, "/staff/settings/holidays", lines=f"{wide}；A day off；休息")


@pytest.mark.parametrize("told", ["0001-01-01T00:00", "0026-05-04T09:00", "1900-01-01T00:00", "9999-12-31T23:59"])
def test_a_note_of_an_odd_year_is_not_kept(app: Flask, told: str) -> None:
    ann = sign_in(app, "Ann", "analyst")
    case = open_case(ann, report(app))
    answer = ann.post(f"/staff/cases/{case}/note", data={"note": "Seen", "happened": told})
    assert answer.status_code == 422
    check_places(answer.text)
    assert "Enter a day between the years 1990 and 2200" in answer.text
    assert "Seen" in answer.text
    ann.post("/staff/account/language", data={"language": "zh-hant"})
    for place, data in (
        (f"/staff/cases/{case}/move", {"verb": "wait", "until": told[:10]}),
        ("/staff/values/ignored", {"value": "192.0.2.1", "reason": "Ours", "until": told[:10]}),
        ("/staff/team/absences", {"first": told[:10], "last": told[:10]}),
        ("/staff/reports/new", {"channel": "letter", "description": "x", "received_on": told[:10]}),
    ):
        answer = ann.post(place, data=data)
        assert (answer.status_code, place) == (422, place)
        assert "請輸入 1990 年至 2200 年" in answer.text, place


def test_the_zone_of_another_portal_is_named_and_its_summer_time_leaves_an_hour_out(app: Flask) -> None:
    ann = sign_in(app, "Ann", "analyst")
    case = open_case(ann, report(app))
    assert "Hong Kong time" in ann.get(f"/staff/cases/{case}").text
    config.use(replace(config.current(), timezone="Europe/Berlin"))
    page = ann.get(f"/staff/cases/{case}").text
    assert "Central European Time (Europe/Berlin)" in page
    foot = page.rpartition("staff-foot")[2]
    assert "Hong Kong time" not in foot
    told = {"note": "Seen", "happened": "2026-03-29T02:30"}
    answer = ann.post(f"/staff/cases/{case}/note", data=told)
    assert (answer.status_code, "the clocks are put forward" in answer.text) == (422, True)
    with app.app_context():
        with pytest.raises(BadMoment, match="put forward"):
            read_local(told["happened"])
        assert read_local("2026-03-29 03:30") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    parts = {"day": "29", "month": "3", "year": "2026", "time": "02:30"}
    with app.test_request_context(), pytest.raises(MomentError) as refused:
        read_moment(parts, config.current().zone, datetime(2026, 5, 1, tzinfo=UTC))
    assert refused.value.part == "time"
