"""Figures for everybody: statistics of the year and the annual reports, the same numbers in both languages."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal import config
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.i18n import Language
from cert_portal.directory import accounts, calendar
from cert_portal.governance import annual, definitions
from cert_portal.governance.figures import measure
from cert_portal.governance.period import named
from tests.governance import busy
from tests.governance.record import report

NOW = datetime(2026, 12, 20, 2, 0, tzinfo=UTC)
WORDS = {Language.EN: "Parcels & <b>bold</b>", Language.ZH_HANT: "包裹騙局"}


@pytest.fixture(autouse=True)
def december(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A day near the end of 2026."""
    with clock.turned_to(NOW):
        yield


@pytest.fixture
def years(app: Flask) -> Flask:
    """Two years; the report of the first is published."""
    start_writing()
    with app.app_context():
        calendar.seed()
        carol = accounts.add_user("carol@portal.example", "Carol", "four unrelated words", ["supervisor"])
        busy.year(2025, 60)
        busy.year(2026, 60, seed=2)
        annual.write(2025, "foreword", WORDS, carol)
        annual.publish(2025, carol)
        session.commit()
    return app


def numbers(page: str) -> list[str]:
    """Every number of the main part that is no year, date, or part of a word or a definition."""
    main = page.partition("<main")[2].partition("</main>")[0]
    cells = re.findall(r"<td[^>]*--numeric[^>]*>(.*?)</td>|fig-three__number[^>]*>(.*?)<", main, re.DOTALL)
    return [re.sub(r"<[^>]+>|[^\d.,%/−+]", "", " ".join(cell)) for cell in cells]


def test_statistics_say_the_same_in_both_languages(years: Flask) -> None:
    client = years.test_client()
    english, chinese = (client.get(f"/{language.value}/statistics").text for language in Language)
    assert numbers(english) == numbers(chinese)
    assert len(numbers(english)) > 100
    with years.app_context():
        found = measure(named("2026"))
    assert f"{found['cases.opened'].value:,.0f}" in english
    assert "under 5" in english
    assert "少於 5" in chinese
    assert "isp A" not in english


def test_statistics_as_files_leave_out_small_numbers(years: Flask) -> None:
    client = years.test_client()
    told = json.loads(client.get("/en/statistics.json").text)
    counts = [count for row in told["metrics"] for table in row["by"].values() for count in table.values()]
    assert None in counts
    assert not [count for count in counts if count and count < 5]
    table = client.get("/zh-hant/statistics.csv")
    assert table.headers["Content-Disposition"] == 'attachment; filename="statistics-2026.csv"'
    assert ",not_shown" in table.text


def test_the_list_and_a_year_without_a_report(years: Flask) -> None:
    client = years.test_client()
    assert "/en/annual-reports/2025.pdf" in client.get("/en/annual-reports/").text
    for language, words in ((Language.EN, "No report of 2024"), (Language.ZH_HANT, "沒有 2024 年的年報")):
        missing = client.get(f"/{language.value}/annual-reports/2024")
        assert (missing.status_code, words in missing.text) == (404, True)
        assert f"/{language.value}/annual-reports/2025" in missing.text
    assert client.get("/en/annual-reports/2024.pdf").status_code == 404
    assert client.get("/en/annual-reports/2026").status_code == 404, "a draft is nobody's but the staff's"


def test_without_any_report_the_list_leads_on(app: Flask) -> None:
    client = app.test_client()
    assert "/en/statistics" in client.get("/en/annual-reports/").text
    assert client.get("/en/statistics").status_code == 200
    assert "沒有" in client.get("/zh-hant/annual-reports/2025").text


def test_the_report_says_the_same_in_both_languages(years: Flask) -> None:
    client = years.test_client()
    for ending in ("", ".html"):
        english, chinese = (client.get(f"/{each.value}/annual-reports/2025{ending}").text for each in Language)
        assert numbers(english) == numbers(chinese)
        assert len(numbers(english)) > 150
        assert "Parcels &amp; &lt;b&gt;bold" in english
        assert "包裹騙局" in chinese
        for each in definitions.targets():
            assert each.denominators[Language.ZH_HANT] in chinese
            assert each.exclusions[Language.EN].replace("'", "&#39;") in english


def test_the_files_are_the_same_bytes_for_ever(years: Flask) -> None:
    client = years.test_client()
    paths = [f"/{language.value}/annual-reports/2025.{ending}" for language in Language for ending in ("html", "json")]
    before = [client.get(path).data for path in paths]
    start_writing()
    with years.app_context():
        report("R9", datetime(2025, 6, 1, tzinfo=UTC))
        session.commit()
    in_force = config.current()
    config.use(replace(in_force, hotline="+852 5550 0777", centre_name_en="Another centre"))
    with clock.turned_to(datetime(2028, 1, 1, tzinfo=UTC)):
        assert [client.get(path).data for path in paths] == before
    config.use(in_force)
    page = client.get("/en/annual-reports/2025").text
    assert hashlib.sha256(before[1]).hexdigest() in page


def test_the_html_file_needs_nothing_else(years: Flask) -> None:
    page = years.test_client().get("/zh-hant/annual-reports/2025.html").text
    assert '<html lang="zh-Hant-HK">' in page
    assert not re.search(r"<script|<link|src=|@import|url\(", page)
    assert page.count('role="img"') == page.count('<svg class="fig-chart"') == 2
    assert not re.search(r"<(em|i)>", page)


@pytest.mark.parametrize(("language", "words"), [("en", "The year at a glance"), ("zh-hant", "全年概覽")])
def test_the_pdf_holds_its_text(years: Flask, tmp_path: Path, language: str, words: str) -> None:
    answer = years.test_client().get(f"/{language}/annual-reports/2025.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    file = tmp_path / "report.pdf"
    file.write_bytes(answer.data)
    text = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout
    assert words in text
    assert WORDS[Language(language)].split(" ")[0] in text
    assert b"/MarkInfo" in answer.data or b"/StructTreeRoot" in answer.data or len(answer.data) > 50_000


def test_counting_a_year_again_and_again_is_limited(client: FlaskClient) -> None:
    answers = [client.get("/en/statistics.json").status_code for _ in range(22)]
    assert answers == [200] * 20 + [429] * 2


def test_the_portal_leads_to_the_figures(client: FlaskClient) -> None:
    page = client.get("/en/").text
    assert 'href="/en/statistics"' in page
    assert 'href="/en/annual-reports/"' in page


def test_the_chapters_follow_the_four_necessary_services(years: Flask) -> None:
    client = years.test_client()
    services = ("handling", "alerts", "awareness", "cooperation")
    for language in Language:
        page = client.get(f"/{language.value}/annual-reports/2025").text
        places = [page.index(f'id="{chapter}"') for chapter in services]
        assert places == sorted(places)
    for name in ("事故處理、應變及協調", "發布警報及預警", "保安認知的建立和培訓", "合作及協調"):
        assert name in page


def test_times_of_first_answer_and_of_resolution_stand_beside_those_of_the_year_before(years: Flask) -> None:
    page = years.test_client().get("/en/annual-reports/2025").text
    with years.app_context():
        names = [definitions.by_id(each).names[Language.EN] for each in ("response.median", "resolution.median")]
    for name in names:
        row = re.search(rf'<th[^>]*scope="row">{re.escape(name)}</th>(.*?)</tr>', page, re.DOTALL)
        assert row
        assert row[1].count("<td") >= 2
