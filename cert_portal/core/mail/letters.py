"""Letters are text files, one per letter and language; code only supplies facts. A missing fact is an error."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cert_portal.config import current
from cert_portal.core.i18n import Language

FOLDER = Path(__file__).parents[2] / "letters"


def render(name: str, language: Language, facts: dict[str, Any]) -> tuple[str, str]:
    """Subject and text of a letter; the first line of the file is the subject.

    Raises jinja2.UndefinedError when a fact is missing, jinja2.TemplateNotFound when there is no such letter.
    """
    here = current()
    centre = {"name": here.centre_name(language), "hotline": here.hotline, "address": here.report_address}
    template = _environment().get_template(f"{name}.{language}.txt")
    whole = template.render(facts, centre=centre, base_url=here.base_url, language=str(language))
    subject, _, text = whole.partition("\n")
    return " ".join(subject.split()), text.strip() + "\n"


def names() -> list[str]:
    """All letters."""
    return sorted({path.name.split(".")[0] for path in FOLDER.glob("[a-z]*.txt")})


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701  # plain text
