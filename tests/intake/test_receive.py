"""What is stored of a report, and what is not."""

from __future__ import annotations

from flask import Flask

from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.intake.models import Report
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission

WHO = {
    "name": "Ann Chan",
    "organisation": "Chan & Co",
    "email": "ann@shop.example",
    "telephone": "2345 6789",
    "contact_time": "morning",
}


def stored(*, anonymous: bool) -> Report:
    submission = Submission(language=Language.EN, description="x", consents=["isp"], anonymous=anonymous, **WHO)  # type: ignore[arg-type]  # only words
    number = receive(submission, Channel.WEB).number
    session.commit()
    return session.query(Report).filter_by(number=number).one()


def test_of_who_stays_anonymous_nothing_is_stored(context: Flask) -> None:
    report = stored(anonymous=True)
    assert {name: report.details[name] for name in WHO} == dict.fromkeys(WHO, "")
    assert (report.reporter_name, report.reporter_email, report.reporter_telephone) == ("", "", "")
    assert report.ack_address == ""
    assert report.details["consents"] == ["isp"]


def test_of_everybody_else_all_of_it(context: Flask) -> None:
    report = stored(anonymous=False)
    assert {name: report.details[name] for name in WHO} == WHO
    assert report.ack_address == "ann@shop.example"
