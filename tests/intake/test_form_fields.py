"""Every field of the report form (000-49 to 000-59) arrives with the report, whatever page it stands on."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core.db import session
from cert_portal.intake.models import Report

PAGES: dict[str, dict[str, Any]] = {
    "emergency": {},
    "who": {"reporter_kind": "sme"},
    "what": {"description": "What we saw", "kind": "other", "kind_other": "In our own words"},
    "when": {
        "occurred-day": "3",
        "occurred-month": "3",
        "occurred-year": "2026",
        "occurred-time": "14:30",
        "discovered-day": "4",
        "discovered-month": "3",
        "discovered-year": "2026",
        "found_how": "A customer called",
    },
    "affected": {
        "hardware": ["server", "payment"],
        "hardware_other": "Scale",
        "software": ["email"],
        "software_other": "ERP",
        "affects": ["confidentiality", "integrity", "availability"],
        "business_effect": "No sales",
        "people_affected": "12",
        "severity_told": "5",
        "tolerable": "2",
        "tolerable_unit": "days",
    },
    "personal-data": {"personal_data": "yes", "personal_data_what": "Names", "pcpd_told": "no"},
    "actions": {
        "action_preparation": "Backups",
        "action_detection": "Logs",
        "action_containment": "Unplugged",
        "action_post": "Training",
        "found_why": "A weak password",
        "weaknesses": "No second factor",
    },
    "contact": {"reach": "contact", "email": "ann@shop.example", "language": "en"},
}
ITEMS: dict[str, dict[str, Any]] = {
    "000-49": {"description": "What we saw"},
    "000-50": {"kind": "other", "kind_other": "In our own words"},
    "000-51": {"hardware": ["server", "payment", "Scale"], "software": ["email", "ERP"]},
    "000-52": {"severity_told": 5},
    "000-53": {"affects": ["confidentiality", "integrity", "availability"]},
    "000-54": {"business_effect": "No sales", "people_affected": 12},
    "000-55": {"occurred_at": "2026-03-03T06:30:00+00:00", "discovered_at": "2026-03-03T16:00:00+00:00"},
    "000-56": {"found_how": "A customer called", "found_why": "A weak password", "weaknesses": "No second factor"},
    "000-57": {"personal_data": "yes", "personal_data_what": "Names", "pcpd_told": "no"},
    "000-58": {"tolerable_hours": 48},
    "000-59": {
        "action_preparation": "Backups",
        "action_detection": "Logs",
        "action_containment": "Unplugged",
        "action_post": "Training",
    },
}


@pytest.mark.parametrize("lang", ["en", "zh-hant"])
def test_every_field_of_the_form_arrives(app: Flask, client: FlaskClient, lang: str) -> None:
    for slug, data in PAGES.items():
        assert client.post(f"/{lang}/report/{slug}", data=data).status_code == 302, slug
    assert client.post(f"/{lang}/report/check").status_code == 302
    with app.app_context():
        details = session.query(Report).one().details
    for item, fields in ITEMS.items():
        assert {name: details[name] for name in fields} == fields, item
