"""XML of strangers: no document type, so no entity can be declared and nothing is fetched; not deep, not endless."""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

DEEPEST = 60
MOST_ELEMENTS = 100_000


class NotXml(Exception):
    """It is no XML that we read; the message says where (line and column)."""


def parse(data: bytes) -> Element:
    """The root element; names with a namespace as `{namespace}name`. Raises NotXml."""
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refused
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.tree.data
    try:
        parser.Parse(data, True)
        return builder.tree.close()
    except expat.ExpatError as error:
        raise NotXml(f"line {error.lineno}, column {error.offset}: {expat.errors.messages[error.code]}") from None
    except (ValueError, LookupError) as error:  # an encoding that is none
        raise NotXml(str(error)[:200]) from None


class _Builder:
    def __init__(self) -> None:
        self.tree, self.depth, self.count = TreeBuilder(), 0, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth, self.count = self.depth + 1, self.count + 1
        if self.depth > DEEPEST or self.count > MOST_ELEMENTS:
            raise NotXml("nested too deep or too many elements")
        self.tree.start(_name(name), {_name(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        self.depth -= 1
        self.tree.end(_name(name))


def _name(told: str) -> str:
    return "{" + told if "}" in told else told


def _refused(*_told: object) -> None:
    raise NotXml("a document type is not allowed")
