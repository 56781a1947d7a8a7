"""Templates of letters, in both languages: kept with all their versions, taken into use at once, never thrown away."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from cert_portal.cases import wording
from cert_portal.cases.correspondence import LetterTemplate, TemplateVersion
from cert_portal.cases.wording import PREPARED
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import declare, record
from cert_portal.core.i18n import Language
from cert_portal.core.mail import letters
from cert_portal.core.text import clean, is_blank
from cert_portal.core.tlp import TLP, narrowest
from cert_portal.directory.models import User

ADDED = declare("template.added", "A template of letters was added", "code", "version")
CHANGED = declare("template.changed", "A template of letters got another wording", "code", "version")
RETIRED = declare("template.retired", "A template of letters is offered no longer", "code", "version")
RESTORED = declare("template.restored", "A template of letters is offered again", "code", "version")

SHIPPED = letters.FOLDER / "desk_templates.json"
FORMAT = "cert-portal letter templates 1"
PARTS = {"name": 80, "subject": 200, "text": 20_000}
"""What each language says, and how long it may be."""
MOST = 500
_CODE = re.compile(r"[a-z][a-z0-9_]{1,23}")

Words = Mapping[str, Mapping[str, str]]


class TemplateRefused(Exception):
    """The change is not possible; `reason` is a code: bad_code, code_taken, missing, too_long, unknown_fact,
    open_blank (half of its brackets are missing), label (the subject names one, and each letter bears that of its
    case), newer, bad_file. `told` names what is meant,
    `place` the part where it stands, such as text-en.
    """

    def __init__(self, reason: str, told: str = "", place: str = "") -> None:
        super().__init__(reason)
        self.reason, self.told, self.place = reason, told, place


@dataclass(frozen=True)
class Template:
    """A template with the words of one of its versions."""

    row: LetterTemplate
    version: TemplateVersion

    def words(self, language: str) -> dict[str, str]:
        """Name, subject and text in a language."""
        told: dict[str, str] = self.version.words[language]
        return told

    def filled(self, language: Language, facts: Mapping[str, str]) -> tuple[str, str]:
        """Subject and text with the facts that are known; a paragraph about one that is empty falls away."""
        told = self.words(language)
        text = told["text"]
        for each in (name for name, fact in facts.items() if not fact):
            text = wording.without(text, each)
        return wording.fill(told["subject"], facts), wording.fill(text, facts)


def everything() -> list[Template]:
    """All templates with their current words, those in use first."""
    rows = select(LetterTemplate, TemplateVersion).join(
        TemplateVersion, TemplateVersion.template_id == LetterTemplate.id
    )
    rows = rows.where(TemplateVersion.version == LetterTemplate.version).order_by(LetterTemplate.id)
    found = [Template(row, version) for row, version in session.execute(rows)]
    return sorted(found, key=lambda each: each.row.retired_at is not None)


def in_use() -> list[Template]:
    """Those that are offered for a letter of any kind."""
    return [each for each in everything() if each.row.retired_at is None and each.row.code not in PREPARED]


def prepared(code: str) -> Template:
    """A template that a decision begins from; as it came with the portal as long as the desk has none."""
    found = next((each for each in everything() if each.row.code == code), None)
    if found:
        return found
    told = next(each for each in _listed(SHIPPED.read_bytes()) if each["code"] == code)
    return Template(LetterTemplate(code=code, version=0), TemplateVersion(version=0, words=check(told, code)))


def find(template_id: int) -> Template | None:
    """A template, offered or not, with its current words."""
    row = session.get(LetterTemplate, template_id)
    return Template(row, session.get_one(TemplateVersion, (row.id, row.version))) if row else None


def offered(code: str) -> Template | None:
    """A template that is offered, by its code."""
    return next((each for each in in_use() if each.row.code == code), None)


def versions(row: LetterTemplate) -> list[TemplateVersion]:
    """All that it ever said, the newest first."""
    found = select(TemplateVersion).where(TemplateVersion.template_id == row.id)
    return list(session.scalars(found.order_by(TemplateVersion.version.desc())))


def add(code: str, words: Words, actor: User | None) -> LetterTemplate:
    """A new template, offered at once. Raises TemplateRefused."""
    check_code(code)
    if session.scalar(select(LetterTemplate.id).where(LetterTemplate.code == code)):
        raise TemplateRefused("code_taken", code)
    checked = check(words, code)
    row = LetterTemplate(code=code, version=1)
    session.add(row)
    session.flush()
    _keep(row, checked, actor)
    _record(ADDED, row, actor)
    return row


def change(row: LetterTemplate, words: Words, actor: User, *, seen: int) -> bool:
    """Another wording; answers whether anything differs. `seen` is the version that was changed.

    Raises TemplateRefused: "newer" when somebody changed it meanwhile.
    """
    session.refresh(row, with_for_update=True)
    if row.version != seen:
        raise TemplateRefused("newer", str(row.version))
    checked = check(words, row.code)
    if checked == session.get_one(TemplateVersion, (row.id, row.version)).words:
        return False
    row.version += 1
    _keep(row, checked, actor)
    _record(CHANGED, row, actor)
    return True


def retire(row: LetterTemplate, actor: User) -> None:
    """Offer it no longer. A second press changes nothing, nor one for a template that a decision begins from."""
    if row.retired_at is None and row.code not in PREPARED:
        row.retired_at = clock.now()
        _record(RETIRED, row, actor)


def restore(row: LetterTemplate, actor: User) -> None:
    """Offer it again. A second press changes nothing."""
    if row.retired_at is not None:
        row.retired_at = None
        _record(RESTORED, row, actor)


def check_code(code: str) -> None:
    """Whether a template may be called so. Raises TemplateRefused("bad_code")."""
    if not _CODE.fullmatch(code):
        raise TemplateRefused("bad_code", clean(code)[:40])


def check(words: Words, code: str = "") -> dict[str, dict[str, str]]:
    """The words of both languages as they will be kept.

    Raises TemplateRefused: missing, too_long, unknown_fact, open_blank, label.
    """
    kept: dict[str, dict[str, str]] = {}
    for language in Language:
        told = {part: _plain(words.get(language, {}).get(part, ""), part) for part in PARTS}
        for part, limit in PARTS.items():
            if not told[part]:
                raise TemplateRefused("missing", f"{part}-{language}")
            if len(told[part]) > limit:
                raise TemplateRefused("too_long", f"{part}-{language}")
        if unknown := wording.unknown_facts(told.values(), code):
            raise TemplateRefused("unknown_fact", ", ".join(unknown), f"text-{language}")
        if halves := wording.open_blanks(told.values()):
            raise TemplateRefused("open_blank", " · ".join(halves), f"text-{language}")
        if label := narrowest(told["subject"]):
            raise TemplateRefused("label", label, f"subject-{language}")
        kept[language.value] = told
    return kept


def preview(words: Words, language: Language) -> tuple[str, str]:
    """Subject and text of a letter about a case that never was, with its head and foot."""
    told, facts = words[language], wording.sample(language)
    known = {part: wording.fill(told[part], facts) for part in ("subject", "text")}
    return letters.render("case_letter", language, {**known, **facts, **known, "tlp": TLP.AMBER})


def as_file() -> dict[str, Any]:
    """All templates with their current words, to be kept or carried to another portal."""
    return {"format": FORMAT, "templates": [told(each) for each in everything()]}


def told(each: Template) -> dict[str, Any]:
    """One template as a file tells it."""
    return {"code": each.row.code, "retired": each.row.retired_at is not None, **each.version.words}


def read_file(data: str | bytes, actor: User) -> tuple[int, int]:
    """Take in a file of templates, all or none; answers how many were added and how many changed.

    One that the file does not name stays as it is. Raises TemplateRefused.
    """
    known = {each.row.code: each.row.version for each in everything()}
    added = changed = 0
    for told in _listed(data):
        row = put(told, actor)
        before, known[row.code] = known.get(row.code, 0), row.version
        added += not before
        changed += 0 < before < row.version
    return added, changed


def put(told: Mapping[str, Any], actor: User) -> LetterTemplate:
    """What a file says about one template: it is added or gets these words, and is offered or not.

    Raises TemplateRefused.
    """
    check_code(told["code"])
    row = session.scalar(select(LetterTemplate).where(LetterTemplate.code == told["code"]))
    if row is None:
        row = add(told["code"], told, actor)
    else:
        change(row, told, actor, seen=row.version)
    if "retired" in told:
        (retire if told["retired"] else restore)(row, actor)
    return row


def seed() -> int:
    """Put in the templates that come with the portal and whose code is not known; answers how many."""
    known = set(session.scalars(select(LetterTemplate.code)))
    missing = [each for each in _listed(SHIPPED.read_bytes()) if each["code"] not in known]
    for told in missing:
        add(told["code"], told, None)
    return len(missing)


def _listed(data: str | bytes) -> list[dict[str, Any]]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise TemplateRefused("bad_file") from error
    rows = told.get("templates") if isinstance(told, dict) and told.get("format") == FORMAT else None
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST or not all(_is_template(each) for each in rows):
        raise TemplateRefused("bad_file")
    if len({each["code"] for each in rows}) < len(rows):
        raise TemplateRefused("bad_file")
    return rows


def _is_template(told: Any) -> bool:
    """Whether a part of a file has the shape of a template; what it says is checked later."""
    sides = [language.value for language in Language]
    if not isinstance(told, dict) or not isinstance(told.get("code"), str):
        return False
    if set(told) - {"code", "retired", *sides} or not isinstance(told.get("retired", False), bool):
        return False
    return all(_is_side(told.get(side)) for side in sides)


def _is_side(told: Any) -> bool:
    """Whether it is the words of one language, and nothing else."""
    return isinstance(told, dict) and set(told) == set(PARTS) and all(isinstance(each, str) for each in told.values())


def _plain(told: str, part: str) -> str:
    words = "" if is_blank(told) else clean(told.replace("\r\n", "\n")).strip()
    return words if part == "text" else " ".join(words.split())


def _keep(row: LetterTemplate, words: dict[str, dict[str, str]], actor: User | None) -> None:
    user_id = actor.id if actor else None
    version = TemplateVersion(template_id=row.id, version=row.version, words=words, user_id=user_id, at=clock.now())
    session.add(version)
    session.flush()


def _record(kind: Any, row: LetterTemplate, actor: User | None) -> None:
    who = actor.actor if actor else "system"
    record(kind, f"template:{row.code}", who, code=row.code, version=row.version)
