"""Guides, and the facts about the centre under the headings of RFC 2350."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from cert_portal import config
from cert_portal.core.i18n import Language
from cert_portal.guidance import kinds


@pytest.mark.parametrize("language", Language)
def test_every_kind_has_its_guide(app: Flask, language: Language) -> None:
    client = app.test_client()
    page = client.get(f"/{language}/guides/").text
    for kind in kinds.load():
        assert f"/{language}/guides/{kind.code}" in page or kind.code == "other"
        told = client.get(f"/{language}/guides/{kind.code}").text
        assert kind.names[language] in told
        assert "portal-prose" in told
    assert client.get(f"/{language}/guides/nothing").status_code == 404


def test_contact_keeps_the_headings_and_shows_both_keys(app: Flask) -> None:
    page = app.test_client().get("/en/contact").text
    assert [int(each) for each in re.findall(r"<h2[^>]*>(\d)\. ", page)] == list(range(1, 8))
    plain = page.replace(" ", "")
    for fingerprint in (config.current().desk_key, config.current().publication_key):
        assert fingerprint in plain
    assert config.current().hotline in page
    assert "a fax is not secure" in page
