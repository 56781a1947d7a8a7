"""Words of people as HTML: nothing that runs, loads or leads elsewhere."""

from __future__ import annotations

import pytest

from cert_portal.core.prose import to_html


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
