"""The one door to WeasyPrint. Nothing is fetched: what a document needs stands in its own HTML."""

from __future__ import annotations

from typing import Any

from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher


class FetchRefused(FatalURLFetchingError):
    """The document asked for something from outside itself."""


class _NoFetching(URLFetcher):
    """Answers every request with a refusal, files and networks alike; words from outside reach these pages."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        raise FetchRefused(f"a document may not fetch {url.partition(':')[0]} addresses")


def to_pdf(html: str, base_url: str | None = None) -> bytes:
    """A tagged PDF of a complete HTML page; styles stand in its head. Raises FetchRefused if it wants anything else.

    `base_url` only completes the links that are printed; it is not read.
    """
    document = HTML(string=html, base_url=base_url or "about:blank", url_fetcher=_NoFetching())
    return bytes(document.write_pdf(pdf_variant="pdf/ua-1"))
