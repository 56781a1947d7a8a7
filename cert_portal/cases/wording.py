"""Words of a letter with gaps: facts that the portal knows are put in, blanks wait for a person.

A fact stands in braces, `{report}`; a blank in double brackets, `[[which device?]]`. No letter leaves with a blank, nor
with what was meant as either and is neither: a name in braces that is no fact, brackets that lost their other half.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from cert_portal.cases.models import Case
from cert_portal.config import current
from cert_portal.core.i18n import Language
from cert_portal.guidance.advice import Body, who_to_tell
from cert_portal.guidance.kinds import by_code, named
from cert_portal.intake.models import Report

OF_CASE = ("number", "centre", "hotline", "address", "status_page")
OF_REPORT = ("reporter", "report", "kind", "subject", "received")
FACTS = (*OF_CASE, *OF_REPORT)
"""Names that may stand in braces; those of the report differ from one reporter to the next."""

PREPARED: Mapping[str, tuple[str, ...]] = {
    "not_for_us": ("bodies",),
    "refused_not_an_incident": (),
    "refused_not_enough": (),
    "refused_repeated": (),
    "refused_test": (),
    "refused_other": ("reason",),
    "refer_elsewhere": ("body", "body_contact"),
}
"""Templates that a decision about a report begins from, each with the facts that it alone knows."""

NOBODY = {Language.EN: "Sir or Madam", Language.ZH_HANT: "先生／女士"}
UNSETTLED = {Language.EN: "incident", Language.ZH_HANT: "事故"}
"""What stands for a kind that nobody settled; in brackets it would say nothing, and they go with it."""
SAMPLE = {
    Language.EN: {
        "reporter": "Chan Tai Man",
        "subject": "Fake bank page",
        "received": "4 May 2026",
        "reason": "The sender asked us to drop it.",
    },
    Language.ZH_HANT: {
        "reporter": "陳大文",
        "subject": "虛假銀行網頁",
        "received": "2026年5月4日",
        "reason": "報告人要求不再跟進。",
    },
}
_FACT = re.compile(r"[{｛]{2}([a-z_]{1,30})[}｝]{2}|[{｛]([a-z_]{1,30})[}｝]")
_KIND_ASIDE = re.compile(r" ?\([{｛]{1,2}kind[}｝]{1,2}\)|（[{｛]{1,2}kind[}｝]{1,2}）")
_NAMED = re.compile(r"[{｛]{1,2}([A-Za-z_][\w.]{0,40})[}｝]{1,2}", re.ASCII)
_WHOLE = r"\[\[(?:(?!\[\[).){0,200}?\]\]|［［(?:(?!［［).){0,200}?］］"
_BLANK = re.compile(rf"({_WHOLE}|\[\[|\]\]|［［|］］)", re.DOTALL)
_OPEN = re.compile(r"(?:\[\[|［［).{0,30}|.{0,30}(?:\]\]|］］)")
_QUOTED = re.compile(r"^>.*$", re.MULTILINE)


def blanks(*texts: str) -> list[str]:
    """What a person still has to fill in or to put right, as it stands there, each once; what is quoted of others
    (lines that begin with ">") is theirs.
    """
    own = [_QUOTED.sub("", text) for text in texts]
    found = [" ".join(each.split()) for text in own for each in _BLANK.findall(text)]
    found += [each[0] for text in own for each in _NAMED.finditer(text) if each[1] not in FACTS]
    return list(dict.fromkeys(found))


def pieces(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is a blank."""
    parts = _BLANK.split(text)
    return [(part, number % 2 == 1) for number, part in enumerate(parts) if part]


def unknown_facts(texts: Iterable[str], code: str = "") -> list[str]:
    """What a template with this code could never fill in: names in braces that are no facts."""
    known = (*FACTS, *PREPARED.get(code, ()))
    return list(dict.fromkeys(each[1] for text in texts for each in _NAMED.finditer(text) if each[1] not in known))


def open_blanks(texts: Iterable[str]) -> list[str]:
    """Double brackets that open or close no blank, each with a few words of what stands there."""
    rest = (re.sub(_WHOLE, "", text, flags=re.DOTALL) for text in texts)
    return [" ".join(each.split()) for text in rest for each in _OPEN.findall(text)]


def fill(text: str, facts: Mapping[str, str]) -> str:
    """The text with those facts that are known put in; what is not known stays as it is."""
    if facts.get("kind") in UNSETTLED.values():
        text = _KIND_ASIDE.sub("", text)
    return _FACT.sub(lambda found: facts.get(found[1] or found[2], found[0]), text)


def without(text: str, fact: str) -> str:
    """The text without the paragraphs that tell this fact: for when there is nothing to tell."""
    return "\n\n".join(each for each in text.split("\n\n") if f"{{{fact}}}" not in each)


def of_case(number: str, language: Language) -> dict[str, str]:
    """Facts that are the same for every reporter of a case."""
    here = current()
    told = (number, here.centre_name(language), here.hotline, here.report_address, f"{here.base_url}/{language}/status")
    return dict(zip(OF_CASE, told, strict=True))


def of_report(case: Case | None, report: Report, language: Language | None = None) -> dict[str, str]:
    """All facts for one reporter, in the language of the report unless another is given."""
    language = language or Language(report.language)
    received = report.received_at.astimezone(current().zone).date()
    told = {
        "reporter": report.reporter_name or NOBODY[language],
        "report": report.number,
        "kind": named(case.kind if case else report.kind, language) or UNSETTLED[language],
        "subject": report.title,
        "received": spelled(received, language),
    }
    return of_case(case.number if case else report.number, language) | told


def sample(language: Language) -> dict[str, str]:
    """Facts of a case that never was, to look at a template."""
    kind = by_code("phishing").name(language)
    known = of_case("C26-000123-5", language) | {"report": "R26-000417-0", "kind": kind} | SAMPLE[language]
    bodies = who_to_tell(by_code("phishing").tell, language)
    return known | of_bodies(bodies) | of_body(bodies[0], language)


def of_body(body: Body, language: Language) -> dict[str, str]:
    """The facts about the body that a reporter is sent to."""
    colon = "：" if language is Language.ZH_HANT else ": "
    lines = [body.when, body.link, *(f"{each.label}{colon}{each.number}" for each in body.telephones)]
    return {"body": body.name, "body_contact": "\n".join(filter(None, lines))}


def of_bodies(bodies: Sequence[Body]) -> dict[str, str]:
    """The fact about the bodies that may help: each with when to turn to it, and where."""
    told = ("\n".join(filter(None, (each.name, each.when, each.link))) for each in bodies)
    return {"bodies": "\n\n".join(told)}


def spelled(day: date, language: Language) -> str:
    """A day as a letter spells it: 4 May 2026."""
    if language is Language.ZH_HANT:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {day:%B %Y}"
