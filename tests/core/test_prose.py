"""Words of people as HTML: nothing that runs, loads or leads elsewhere."""

from __future__ import annotations

import pytest

from cert_portal.core.prose import closed_up, to_html


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://bad.example/x.png)",
        "<img src=x onerror=y>",
    ],
)
def test_only_plain_shapes_are_left(evil: str) -> None:
    html = to_html(f"1. Update\n2. **Look**\n\n{evil}")
    assert "<ol>" in html
    assert "<strong>Look</strong>" in html
    assert not any(word in html for word in ("<script", "<a", "<img"))


def test_no_blank_is_left_behind_a_full_width_stop_that_was_bold() -> None:
    """Markdown needs one there to close the bold words; Chinese has none."""
    assert (
        to_html("1. **將裝置斷開。** 拔掉網絡線") == "<ol>\n<li><strong>將裝置斷開。</strong>拔掉網絡線</li>\n</ol>\n"
    )
    assert "<strong>Cut it off.</strong> Pull" in to_html("**Cut it off.** Pull")
    assert closed_up("將裝置斷開。 拔掉\n\n- 甲： 乙") == "將裝置斷開。拔掉\n\n- 甲：乙"
