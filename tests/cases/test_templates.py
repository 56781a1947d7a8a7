"""Templates of letters: versions, both languages, facts and blanks, the file that carries them."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from cert_portal.cases import letters, service, templates, wording
from cert_portal.cases.letters import LetterRefused
from cert_portal.cases.templates import TemplateRefused
from cert_portal.core.events import of_subjects
from cert_portal.core.i18n import Language
from cert_portal.core.mail import outbox
from cert_portal.directory.models import User
from cert_portal.guidance.kinds import by_code
from cert_portal.intake.models import Report
from tests.cases.desk import a_report, kinds_of

WORDS = {
    "en": {"name": "Ask", "subject": "A question", "text": "Dear {reporter}, about {report}: [[what?]]"},
    "zh-hant": {"name": "查詢", "subject": "查詢", "text": "{reporter}：關於 {report}：[[甚麼？]]"},
}


def other(**english: str) -> dict[str, dict[str, str]]:
    return {"en": {**WORDS["en"], **english}, "zh-hant": WORDS["zh-hant"]}


def test_a_template_has_versions_and_every_change_is_an_event(ann: User) -> None:
    row = templates.add("ask", WORDS, ann)
    assert templates.change(row, other(subject=" Another\n question "), ann, seen=1)
    assert not templates.change(row, other(subject="Another question"), ann, seen=2)
    templates.retire(row, ann)
    templates.retire(row, ann)
    assert templates.in_use() == []
    assert templates.offered("ask") is None
    assert [each.row.code for each in templates.everything()] == ["ask"]
    templates.restore(row, ann)
    templates.restore(row, ann)
    kinds = ["template.added", "template.changed", "template.retired", "template.restored"]
    told = of_subjects(["template:ask"])
    assert [each.kind for each in told] == kinds
    assert {each.actor for each in told} == {ann.actor}
    assert [(each.version, each.user_id) for each in templates.versions(row)] == [(2, ann.id), (1, ann.id)]
    found = templates.find(row.id)
    assert found is not None
    assert found.words("en")["subject"] == "Another question"
    assert templates.find(99) is None


def test_what_two_people_change_at_once_is_not_lost(ann: User) -> None:
    row = templates.add("ask", WORDS, ann)
    templates.change(row, other(name="Ask again"), ann, seen=1)
    with pytest.raises(TemplateRefused) as refused:
        templates.change(row, other(name="Ask otherwise"), ann, seen=1)
    assert (refused.value.reason, refused.value.told) == ("newer", "2")


@pytest.mark.parametrize(
    ("code", "words", "reason", "told"),
    [
        ("Ask me", WORDS, "bad_code", "Ask me"),
        ("taken", WORDS, "code_taken", "taken"),
        ("ask", other(text=" \n"), "missing", "text-en"),
        ("ask", {"en": WORDS["en"]}, "missing", "name-zh-hant"),
        ("ask", other(name="x" * 81), "too_long", "name-en"),
        ("ask", other(text="Dear {friend} of {number} at {home}"), "unknown_fact", "friend, home"),
        ("ask", other(text="Hi [[ {reporter}"), "open_blank", "[[ {reporter}"),
        ("ask", other(text="Hi [[who?]] and\nwhat?]] 你"), "open_blank", "what?]]"),
        ("ask", other(subject="[TLP:GREEN] A question"), "label", "TLP:GREEN"),
        ("ask", {"en": WORDS["en"], "zh-hant": {**WORDS["zh-hant"], "subject": "ＴＬＰ：ＲＥＤ"}}, "label", "TLP:RED"),
    ],
)
def test_a_template_that_cannot_be_kept(ann: User, code: str, words: templates.Words, reason: str, told: str) -> None:
    templates.add("taken", WORDS, ann)
    with pytest.raises(TemplateRefused) as refused:
        templates.add(code, words, ann)
    assert (refused.value.reason, refused.value.told) == (reason, told)


def test_the_templates_that_come_with_the_portal(context: object) -> None:
    count = templates.seed()
    assert count >= 8
    assert templates.seed() == 0
    for each in templates.everything():
        for language in Language:
            subject, text = templates.preview(each.version.words, language)
            assert subject.startswith("[C26-000123-5] [TLP:AMBER] ")
            assert wording.unknown_facts([subject, text]) == []
            assert "\n\n\n" not in text
            assert "{" not in text
        ours, theirs = (wording.blanks(each.words(language)["text"]) for language in Language)
        assert len(ours) == len(theirs), each.row.code


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("language", "begins", "asked", "told"),
    [
        ("en", "for your report {}. We", "About {kind}: {report} ({{kind}})", "About incident: {}"),
        ("zh-hant", "你的報告 {}。我", "關於{kind}：{report}（{kind}）", "關於事故：{}"),
    ],
)
def test_a_kind_that_nobody_settled_is_in_no_letter(language: str, begins: str, asked: str, told: str) -> None:
    report = a_report(kind="not_sure", language=Language(language))
    [acknowledged] = outbox.about([report.number])
    elsewhere = letters.elsewhere(report, "police")[1]
    assert begins.format(report.number) in elsewhere
    assert told.format(report.number) in letters.draft_to_reporter(None, report, "x", asked).text.splitlines()
    unsettled = by_code("not_sure").name(Language(language))
    for shown in (acknowledged.text, elsewhere):
        assert not any(each in shown for each in (unsettled, "()", "（）"))


def test_prepared_letters_are_the_desks_own_words(ann: User, report: Report) -> None:
    came = letters.not_for_us(report)
    assert came[0] == f"We cannot handle your report {report.number}"
    assert letters.elsewhere(report, "police")[0].startswith("Please turn to: ")
    templates.seed()
    assert letters.not_for_us(report) == came
    assert {"not_for_us", "refer_elsewhere"}.isdisjoint(each.row.code for each in templates.in_use())
    row = templates.prepared("not_for_us").row
    templates.change(row, other(text="Sorry, {reporter}.\n\nAsk:\n{bodies}\n\nBye"), ann, seen=1)
    assert letters.not_for_us(report)[1].startswith("Sorry, Rita.\n\nAsk:\n")
    templates.retire(row, ann)
    assert row.retired_at is None
    report.kind = "other"
    kind = by_code(report.kind)
    assert bool(kind.tell) == ("Ask:" in letters.not_for_us(report)[1])
    assert templates.prepared("not_for_us").filled(Language.EN, {"bodies": ""})[1] == "Sorry, {reporter}.\n\nBye"
    with pytest.raises(TemplateRefused, match="unknown_fact"):
        templates.add("ask", other(text="{bodies}"), ann)


def test_the_file_carries_templates_to_another_portal(ann: User) -> None:
    first = templates.add("ask", WORDS, ann)
    templates.retire(templates.add("old", WORDS, ann), ann)
    kept = templates.as_file()
    assert templates.read_file(json.dumps(kept), ann) == (0, 0)
    templates.change(first, other(name="Otherwise"), ann, seen=1)
    kept["templates"].append({"code": "new", **WORDS})
    kept["templates"][1]["retired"] = False
    assert templates.read_file(json.dumps(kept), ann) == (1, 1)
    assert [each.row.code for each in templates.in_use()] == ["ask", "old", "new"]
    assert [each.words("en")["name"] for each in templates.in_use()] == ["Ask", "Ask", "Ask"]


@pytest.mark.parametrize(
    "data",
    [
        "{",
        "[" * 100_000,
        "[]",
        '{"format": "another"}',
        json.dumps({"format": templates.FORMAT, "templates": []}),
        json.dumps({"format": templates.FORMAT, "templates": [1]}),
        json.dumps({"format": templates.FORMAT, "templates": [{"code": "ask", "en": WORDS["en"]}]}),
    ],
)
def test_a_file_that_is_none_changes_nothing(ann: User, data: str) -> None:
    with pytest.raises(TemplateRefused) as refused:
        templates.read_file(data, ann)
    assert refused.value.reason == "bad_file"
    assert templates.everything() == []


def test_facts_are_put_in_for_each_reporter_and_blanks_are_found(app: Flask, ann: User, report: Report) -> None:
    second = a_report(
        "又一個 https://bad.example/login", email="wong@victim.example", name="", language=Language.ZH_HANT
    )
    case = service.open_case([report, second], ann, title="Inside words", kind="phishing")
    text = "Dear {reporter}, {report} of {received} is in {number} ({kind}). {1}"
    told = letters.draft_to_reporter(case, report, "About {report}", text)
    assert f"Dear Rita, {report.number} of " in told.text
    assert f"is in {case.number} (Phishing" in told.text
    assert "{1}" in told.text
    with pytest.raises(LetterRefused, match="blanks"):
        letters.draft_to_reporter(case, report, "Hello", "Dear {reportr}")
    assert told.subject.endswith(f"About {report.number}")
    theirs = letters.draft_to_reporter(case, second, "Hello", text)
    assert "先生／女士" in theirs.text
    assert "月" in theirs.text
    assert "Inside words" not in told.text + theirs.text
    assert wording.blanks("[[a  b]] and [[c]]", "[[a b]] [x] [[]]") == ["[[a b]]", "[[c]]", "[[]]"]
    assert wording.blanks("[[day of check] and ［［空格］］ 或 ］］") == ["[[", "［［空格］］", "］］"]
    assert wording.blanks("Dear {reportr}, {reporter} {a.b} {{x}} { x } {1}", "> [[theirs]] {theirs}") == [
        "{reportr}",
        "{a.b}",
        "{{x}}",
    ]
    assert wording.fill("Dear {{reporter}} {reporter} {x}", {"reporter": "Amy Chan"}) == "Dear Amy Chan Amy Chan {x}"
    assert wording.fill("｛reporter｝｛｛reporter｝｝", {"reporter": "陳大文"}) == "陳大文陳大文"
    assert wording.blanks("｛reporter_name｝ {number}") == ["｛reporter_name｝"]
    assert wording.unknown_facts(["{reporter.__class__} {report} {body}", "[[x]]"]) == ["reporter.__class__", "body"]
    assert wording.open_blanks(["{body}", "[[open and ［［整］］ [[y]]"]) == ["[[open and"]
    assert wording.pieces("x [[y]] z") == [("x ", False), ("[[y]]", True), (" z", False)]


def test_a_template_is_filled_with_what_is_known(ann: User) -> None:
    templates.add("ask", WORDS, ann)
    found = templates.offered("ask")
    assert found is not None
    assert found.filled(Language.EN, {"report": "R26-1"}) == ("A question", "Dear {reporter}, about R26-1: [[what?]]")


def test_no_letter_leaves_with_a_blank(ann: User, report: Report) -> None:
    case = service.open_case([report], ann, title="Fake bank", kind="phishing")
    words = ("Hello [[which page?]]", "Dear [[when?]]")
    for write, args in (
        (service.write_to_reporter, (case, report, *words, ann)),
        (service.write_to_reporter, (None, report, *words, ann)),
        (letters.tell_closed, (case, report, "[[which page?]] [[when?]]", ann)),
    ):
        with pytest.raises(LetterRefused) as refused:
            write(*args)
        assert (refused.value.reason, refused.value.told) == ("blanks", "[[which page?]]; [[when?]]")
    assert [each.name for each in outbox.about([report.number])] == ["report_received"]
    assert "report.first_response" not in kinds_of(report.number)
