"""Reports, cases, letters and referrals are found however an address or a telephone number was written."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import String, cast, insert, literal, select, text, update

from cert_portal.cases import bulk, handling, holding, queue, search, service, tags
from cert_portal.cases.query import parse
from cert_portal.cases.queue import View
from cert_portal.cases.severity import Impact
from cert_portal.cli import cli
from cert_portal.cli import reread as commands
from cert_portal.core import search as core_search
from cert_portal.core.db import on_postgresql, session
from cert_portal.core.mail import outbox
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.search import SearchEntry
from cert_portal.directory.models import User
from cert_portal.guidance import wordbook
from cert_portal.guidance.wordbook import Shelf, Word
from cert_portal.intake import calls
from cert_portal.intake.models import CallKind
from tests.cases.desk import a_report, person

DEFANGED = "IoC are 203[.]0[.]113[.]200 and evil2(dot)qqn(dot)example, a[at]qqn2[.]example"


def found(told: str, user: User) -> list[str]:
    """The numbers of the reports that a query finds."""
    return [each.number for each in search.find(told, user).reports.rows]


def titles(told: str, user: User) -> list[str]:
    """The titles of the cases that a query finds."""
    return [each.title for each in queue.cases(parse(told), user).rows]


@pytest.mark.parametrize(
    "told",
    [
        *(
            "203.0.113.200",
            "203[.]0[.]113[.]200",
            "evil2.qqn.example",
            "qqn.example",
            "a@qqn2.example",
            "qqn2(dot)example",
        ),
        *(
            "domain:qqn.example",
            "domain:evil2.qqn.example",
            "ip:203.0.113.0/24",
            "203.0.113.0/24",
            "email:a@qqn2.example",
        ),
    ],
)
def test_what_stands_there_defanged_is_found_as_it_is_meant(told: str, ann: User) -> None:
    a_report("203 0 113 and qqn and example")
    report = a_report(DEFANGED)
    assert found(told, ann) == [report.number]


def test_a_note_that_is_defanged_finds_its_case(ann: User) -> None:
    case = service.open_case([a_report()], ann, title="Noted", kind="phishing")
    handling.note(case, "also evil[.]qqn[.]example, call 6111-2222", ann)
    for told in ("evil.qqn.example", "evil[.]qqn[.]example", "qqn.example", "61112222", "+852 6111 2222"):
        assert titles(told, ann) == ["Noted"], told


def test_why_the_level_is_another_one_finds_the_case(ann: User) -> None:
    case = service.open_case([a_report()], ann, title="Levelled", kind="phishing")
    handling.set_level(case, Impact(), ann, 3, "受害者是傳媒 wide press interest")
    assert titles("press interest", ann) == titles("傳媒", ann) == ["Levelled"]


@pytest.mark.parametrize(
    "told", ["98765432", "9876-5432", "9876 5432", "+85298765432", "00852 9876 5432", "(852) 98765432"]
)
@pytest.mark.parametrize("written", ["9876 5432", "+852 9876 5432", "98765432", "852-9876-5432"])
def test_a_telephone_number_is_found_however_it_is_written(told: str, written: str, ann: User) -> None:
    a_report("9876 and 5432 apart: 5432-9876")
    given = a_report("It rang", telephone=written)
    said = a_report(f"電話{written}有人")
    assert found(told, ann)[:2] == [said.number, given.number]
    assert found(f'phone:"{told}"', ann) == [said.number, given.number]
    assert found(f'reporter:"{told}"', ann) == [given.number]
    assert said.number not in found(f'-phone:"{told}"', ann)


@pytest.mark.parametrize("told", ["+442079460000", "442079460000", "0044 20 7946 0000", "phone:442079460000"])
def test_so_is_one_of_another_country(told: str, ann: User) -> None:
    report = a_report("They called from +44 20 7946 0000.")
    assert found(told, ann) == [report.number]


def test_a_family_name_alone_finds_the_reporter(ann: User) -> None:
    report = a_report(name="陳先生", organisation="大公司")
    a_report("陳 is in the text")
    assert found("reporter:陳", ann) == found("reporter:陳先生", ann) == found("org:大", ann) == [report.number]


@pytest.mark.parametrize("told", ["網絡釣魚", "釣魚", "Phishing"])
def test_words_of_a_kind_find_reports_and_cases_of_it(told: str, ann: User) -> None:
    report = a_report("Strange", kind="phishing")
    case = service.open_case([a_report("Other", kind="ransomware")], ann, title="Odd", kind="phishing")
    a_report("Other", kind="ransomware")
    assert report.number in found(told, ann)
    assert len(found(told, ann)) == 1
    assert titles(told, ann) == [case.title]


def test_a_word_with_a_minus_must_not_occur(ann: User) -> None:
    parcel, other = a_report("A bank and a parcel at bad[.]example"), a_report("A bank")
    case = service.open_case([parcel], ann, title="With it", kind="phishing")
    service.open_case([other], ann, title="Without", kind="phishing")
    assert found("bank -parcel", ann) == found("-parcel", ann) == found("-bad.example", ann) == [other.number]
    assert (
        titles("bank -parcel", ann)
        == titles("-parcel", ann)
        == titles("kind:phishing -parcel bank", ann)
        == ["Without"]
    )
    assert found("-parcel -bank", ann) == titles("-bank", ann) == []
    assert found("-!!!", ann) == [], "signs alone are nothing to look for"
    assert found("bank -!!!", ann) == [other.number, parcel.number]
    tags.tag(case, "vip", ann)
    handling.note(case, "turquoise", ann)
    assert titles("-vip", ann) == titles("-turquoise", ann) == ["Without"]
    assert queue.count(parse("-vip"), ann) == 1


def test_so_in_lists_of_reports_letters_and_calls(ann: User) -> None:
    reports = [a_report(f"bank {word}") for word in ("parcel", "post")]
    assert list(queue.reports(View.TRIAGE, ann, query=parse("bank -parcel")).rows) == [reports[1]]
    assert queue.count_reports(View.TRIAGE, parse("-parcel"), ann) == 1
    case = service.open_case(reports, ann, title="Both", kind="phishing")
    for report, word in zip(reports, ("ochre", "magenta"), strict=True):
        service.write_to_reporter(case, report, "Your bank", f"{word} at evil[.]example", ann)
    (letter,) = search.find("evil.example -magenta", ann).letters.rows
    assert "ochre" in letter.text
    calls.note(CallKind.ANSWERED, "9123 4567", "ochre", ann)
    assert calls.naming("91234567", ["ochre"]).rows == []
    assert len(calls.naming("91234567", ["magenta"]).rows) == 1


def test_what_is_stored_already_is_made_searchable_anew(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "AT_ONCE", 1)
    with app.app_context():
        ann = person()
        reports = [a_report(f"It is 9123456{n}", telephone="9876 5432") for n in range(2)]
        kept = [service.open_case([each], ann, title="Kept 203[.]0[.]113[.]7", kind="phishing") for each in reports]
        letter = service.write_to_reporter(kept[0], reports[0], "Your bank", "See evil[.]example", ann)
        session.execute(update(SearchEntry).values(words=None))
        if not on_postgresql():
            session.execute(text("UPDATE search_words SET words = ''"))
        session.commit()
        assert found("98765432", ann) == titles("203.0.113.7", ann) == []
        session.commit()
        assert app.test_cli_runner().invoke(cli, ["reread", "--all"]).exit_code == 0
        ann = session.get_one(User, ann.id)
        assert len(found("98765432", ann)) == len(titles("203.0.113.7", ann)) == 2
        assert [each.id for each in search.find("evil.example", ann).letters.rows] == [letter.id]


@pytest.mark.parametrize("few", [0, 2000])
def test_each_word_may_stand_in_another_place_of_a_case(ann: User, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(holding, "FEW", few)
    reports = [a_report("收到釣魚短訊"), a_report("The parcel is late")]
    case = service.open_case(reports, ann, title="九龍灣銀行", kind="malware")
    tags.tag(case, "vip", ann)
    tags.tag(case, "hong kong", ann)
    handling.note(case, "獨角鯨 turquoise", ann)
    service.open_case([a_report("收到釣魚短訊")], ann, title="Other bank", kind="malware")
    for told in (
        *("vip 銀行", "釣魚短訊 獨角鯨", "parcel 釣魚短訊 turquoise vip", "title:九龍 parcel", "hong kong", "vip !!!"),
        *("銀行，標籤:vip", "tag:ｖｉｐ", "獨角鯨、銀行。ｋｉｎｄ：ｍａｌｗａｒｅ"),
        *("vip parcel kind:malware", '"hong kong" parcel -ochre', 'turquoise "parcel is late"'),
    ):
        assert titles(told, ann) == ["九龍灣銀行"], told
        assert queue.count(parse(told), ann) == 1, told
    for told in ("vip ochre", "vip parcel kind:phishing", 'turquoise "parcel turquoise"', "vip -parcel", "bank parcel"):
        assert titles(told, ann) == [], told
    assert len(titles("釣魚短訊 malware", ann)) == 2
    eight = "vip 銀行 獨角鯨 turquoise parcel late 釣魚 短訊"
    assert (titles(eight, ann), titles(f"{eight} 收到", ann)) == (["九龍灣銀行"], [])


@pytest.mark.parametrize("few", [0, 2000])
def test_no_word_counts_that_stands_in_a_report_of_a_restricted_case(
    ann: User, bob: User, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(holding, "FEW", few)
    report = a_report("about a parcel")
    service.open_case([report], ann, title="Open to all", kind="malware")
    secret = service.open_case([], ann, title="Secret", kind="malware")
    service.attach(secret, [report], ann)
    assert titles("parcel open", bob) == ["Open to all"]
    service.restrict(secret, "police", ann)
    assert titles("parcel open", bob) == titles("parcel secret", bob) == []
    assert titles("parcel open", ann) == ["Open to all"]


def test_a_letter_is_found_however_many_newer_ones_hold_its_words(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST", 2)
    locked = a_report("Files are locked", kind="ransomware")
    written = [service.write_to_reporter(None, locked, f"The parcel {n}", "ochre", ann) for n in range(3)]
    other = service.write_to_reporter(None, a_report(), "A parcel", "ochre", ann)
    fields = [each for each in Letter.__table__.columns if each.name not in ("id", "message_id")]
    for n in range(1001):
        copied = [cast(literal(f"<{n}@x>"), String), *fields]
        session.execute(
            insert(Letter).from_select(
                ["message_id", *(f.name for f in fields)], select(*copied).where(Letter.id == other.id)
            )
        )
    ids = session.scalars(select(Letter.id).where(Letter.id > other.id)).all()
    core_search.index_many(outbox.SEARCH, [(each, "A parcel ochre", ()) for each in ids])
    query = parse("parcel kind:ransomware")
    page = search.letters(query, ann)
    assert list(page.rows) == written[:0:-1]
    later = search.letters(query, ann, after=page.after)
    assert (list(later.rows), later.after) == (written[:1], "")
    assert len(search.letters(parse("parcel"), ann).rows) == 2
    assert len(search.letters(parse("parcel kind:phishing"), ann).rows) == 2
    assert list(search.letters(parse("parcel kind:malware"), ann).rows) == []
    monkeypatch.setattr(search, "LOOKED_AT", 1001)
    few = search.letters(query, ann)
    assert (list(few.rows), few.after) == ([], str(other.id + 1)), "not all were looked at: the next page goes on"
    assert list(search.letters(query, ann, after=few.after).rows) == written[:0:-1]


@pytest.mark.parametrize("few", [0, 2000])
def test_a_word_of_a_tag_is_found_as_any_other(ann: User, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(holding, "FEW", few)
    case = service.open_case([a_report("收到釣魚短訊")], ann, title="Airport", kind="malware")
    service.open_case([a_report("收到釣魚短訊")], ann, title="Other", kind="malware")
    assert titles("wombat", ann) == []
    wordbook.put(Shelf.TAG, "bills", Word("Fake bills", "假帳單"), ann.actor)
    for name in ("very long wombat tag", "香港國際機場", "bills", "!!"):
        tags.tag(case, name, ann)
    one = ("wombat", "機場", "國際機場", "香港國際機場", "帳單", "fake")
    for told in (*one, "wombat 機場", "釣魚短訊 機場", "tag wombat"):
        assert titles(told, ann) == ["Airport"], told
        assert queue.count(parse(told), ann) == 1, told
    assert titles("-wombat", ann) == titles("-機場", ann) == ["Other"]
    assert titles("womb", ann) == titles("場香", ann) == titles("!", ann) == titles("tag:wombat", ann) == []
    bulk.do(bulk.plan([case.number], bulk.Wish(bulk.Act.TAG, "quokka wave"), ann), ann)
    assert titles("quokka", ann) == ["Airport"]
    tags.rename("quokka wave", "numbat wave", ann)
    assert (titles("quokka", ann), titles("numbat", ann)) == ([], ["Airport"])


def test_a_number_in_any_spelling_is_found_in_lists_as_in_the_search_box(ann: User) -> None:
    report, other = a_report("Our page of N26-1 and N26-12345"), a_report("another")
    case = service.open_case([report], ann, title="Fake bank", kind="phishing")
    service.open_case([other], ann, title="other", kind="phishing")
    for number, short in ((case.number, "C26-1"), (report.number, "R26-1")):
        spellings = (
            number,
            number[:-2],
            number.replace("-", ""),
            short,
            short.lower(),
            f"#{short}",
            f"{short} phishing",
        )
        for told in spellings:
            assert titles(told, ann) == ["Fake bank"], told
            assert titles(f"-{told.partition(' ')[0]}", ann) == ["other"], told
    assert titles("N26-12345", ann) == ["Fake bank"], "there is no such number: it is a word"
    service.note(case, "See also C26-2, the same sender", ann)
    assert titles("see C26-2", ann) == titles("C26-2 sender", ann) == ["Fake bank"], "people write numbers in short"
    waiting = a_report("a third one")
    for told in ("R26-3", waiting.number[:-2]):
        assert queue.reports(View.TRIAGE, ann, query=parse(told)).rows == [waiting]
        assert queue.reports(View.TRIAGE, ann, query=parse(f"-{told}")).rows == []
    service.write_to_reporter(case, report, "About it", "x", ann)
    assert len(search.find("R26-1 About", ann).letters.rows) == 1
