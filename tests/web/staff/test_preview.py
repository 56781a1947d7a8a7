"""What an editor is shown of an advisory before readers see it."""

from __future__ import annotations

from flask import Flask

from tests.web.staff.desk import sign_in
from tests.web.staff.test_advisories import in_review


def test_each_side_has_headings_of_its_own_language(app: Flask) -> None:
    eva = sign_in(app, "Eva", "editor")
    page = eva.get(in_review(eva)).text
    english, chinese = (part.split("</article>")[0] for part in page.split('class="staff-preview"')[1:3])
    assert "What to do now" in english
    assert "現在應該怎樣做" not in english
    assert "現在應該怎樣做" in chinese
    assert "What to do now" not in chinese
