"""Words that people write in Markdown, as HTML that is safe to print unescaped: no links, no pictures, no raw HTML."""

from __future__ import annotations

import re

import nh3
from markdown_it import MarkdownIt

FULL_WIDTH = "。！？；：，、）」"
BLANK_AFTER_BOLD = re.compile(rf"(?<=[{FULL_WIDTH}])(</strong>|</em>) +")
BLANK = re.compile(rf"(?<=[{FULL_WIDTH}]) +(?=\S)")
TAGS = {"p", "h2", "h3", "ol", "ul", "li", "strong", "em"}


def to_html(words: str) -> str:
    """Paragraphs, lists and emphasis; everything else becomes plain text."""
    rendered = MarkdownIt("commonmark", {"html": False}).render(words)
    return nh3.clean(BLANK_AFTER_BOLD.sub(r"\1", rendered), tags=TAGS)


def closed_up(words: str) -> str:
    """Plain words without the blank that Markdown needs between a full-width stop in bold and what follows."""
    return BLANK.sub("", words)
