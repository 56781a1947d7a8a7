"""Words that people write in Markdown, as HTML that is safe to print unescaped: no links, no pictures, no raw HTML."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

TAGS = {"p", "h2", "h3", "ol", "ul", "li", "strong", "em"}


def to_html(words: str) -> str:
    """Paragraphs, lists and emphasis; everything else becomes plain text."""
    return nh3.clean(MarkdownIt("commonmark", {"html": False}).render(words), tags=TAGS)
