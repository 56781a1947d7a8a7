"""Brings the translation catalogue in step with the code: no dates, no line numbers, so that extracting twice changes
nothing. `--check` only tells whether it is in step. Sources may carry new Chinese texts as further .po files.

Usage: python deploy/messages.py [--check] [MORE.po ...]
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "cert_portal/web/translations/zh_Hant/LC_MESSAGES/messages.po"
METHODS = [("**/node_modules/**", "ignore"), ("**.py", "python"), ("web/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


def extracted() -> Catalog:
    """All texts of the code, sorted."""
    found = Catalog(charset="utf-8")
    options = {"**.html": {"trimmed": "true", "silent": "false"}}
    rows = extract_from_dir(ROOT / "cert_portal", METHODS, options, keywords=KEYWORDS)
    for _file, _line, words, _comments, _context in rows:
        if words:
            found.add(words)
    return found


def known(paths: list[Path]) -> Catalog:
    """All translations that we have; a later file wins."""
    merged = Catalog(locale="zh_Hant", charset="utf-8")
    for path in paths:
        if path.exists():
            with path.open("rb") as file:
                for message in read_po(file, locale="zh_Hant"):
                    if message.id and message.string and not message.fuzzy:
                        merged.delete(message.id)  # else the earlier translation would stay
                        merged[message.id] = Message(message.id, message.string)
    return merged


def written(more: list[Path]) -> bytes:
    """The catalogue as it should stand in the repository."""
    chinese = known([TARGET, *more])
    out = Catalog(locale="zh_Hant", charset="utf-8")
    for message in extracted():
        if message.id:
            have = chinese.get(message.id)
            flags = [flag for flag in message.flags if flag == "python-format"]
            out.add(message.id, have.string if have else "", flags=flags)
    buffer = BytesIO()
    write_po(buffer, out, no_location=True, omit_header=True, sort_output=True, width=100)
    header = b'msgid ""\nmsgstr ""\n"Language: zh_Hant\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    return header + b'"Plural-Forms: nplurals=1; plural=0;\\n"\n\n' + buffer.getvalue()


def main() -> int:
    """Write the catalogue, or tell whether it is in step."""
    arguments = sys.argv[1:]
    more = [Path(each) for each in arguments if each != "--check"]
    wanted = written(more)
    if "--check" in arguments:
        return 0 if TARGET.exists() and TARGET.read_bytes() == wanted else 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(wanted)
    missing = [message.id for message in read_po(BytesIO(wanted)) if message.id and not message.string]
    print("\n".join(f"no Chinese yet: {each}" for each in missing))
    return 0


if __name__ == "__main__":
    sys.exit(main())
