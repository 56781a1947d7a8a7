"""The language of the search box and of every list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from cert_portal.cases import holding, joining, queue, search, service, tags, workflow
from cert_portal.cases.conditions import choices
from cert_portal.cases.models import Case
from cert_portal.cases.query import LONGEST, NAMES, Query, QueryRefused, Term, parse
from cert_portal.cases.queue import Sort
from cert_portal.cases.severity import Impact, Leak
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core import search as core_search
from cert_portal.core.db import session
from cert_portal.core.mail import outbox
from cert_portal.core.search import ERA, SearchEntry
from cert_portal.directory import calendar
from cert_portal.directory.models import User
from cert_portal.guidance import wordbook
from cert_portal.guidance.wordbook import Shelf, Word
from cert_portal.intake import calls
from cert_portal.intake.models import CallKind, Report
from cert_portal.intake.status import add
from cert_portal.intake.submission import Channel
from tests.cases.desk import NOW, a_report, person

pytestmark = pytest.mark.usefixtures("context")


def titles(told: str, user: User, sort: Sort = Sort.NEWEST) -> list[str]:
    """What a query shows."""
    return [case.title for case in queue.cases(parse(told), user, sort=sort).rows]


def a_case(ann: User, title: str, kind: str = "phishing", reports: list[Report] | None = None) -> Case:
    return service.open_case(reports or [], ann, title=title, kind=kind)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("fake bank", Query(("fake", "bank"))),
        ('"fake bank" page', Query(("fake bank", "page"))),
        ("kind:phishing level>=3 bank", Query(("bank",), (Term("kind", ":", "phishing"), Term("level", ">=", "3")))),
        ("-kind:phishing", Query((), (Term("kind", ":", "phishing", no=True),))),
        ("種類：phishing 級別>=2", Query((), (Term("kind", ":", "phishing"), Term("level", ">=", "2")))),
        ("報告人:黃太 舉報人:黃太", Query((), (Term("reporter", ":", "黃太"),))),
        ("來源:來自香港", Query((), (Term("origin", ":", "local"),))),
        ("更新>2026-11-01", Query((), (Term("updated", ">", "2026-11-01"),))),
        ("結案≤2026-11-01", Query((), (Term("closed", "<=", "2026-11-01"),))),
        ("檔案:a", Query((), (Term("file", ":", "a"),))),
        ("屬於:未結", Query((), (Term("is", ":", "open"),))),
        ("before:2026-05-01", Query((), (Term("opened", "<", "2026-05-01"),))),
        ("after:2026-05-01", Query((), (Term("opened", ">=", "2026-05-01"),))),
        ('tag:"hong kong"', Query((), (Term("tag", ":", "hong kong"),))),
        ("https://bad.example/x?a=b", Query(("https://bad.example/x?a=b",))),
        ('bank "OR" shop', Query(("bank", "OR", "shop"))),
        ("COPY AND PASTE", Query(("COPY", "AND", "PASTE"))),
        ("-minus a=b", Query(("a=b",), (Term("", "", "minus", no=True),))),
        ('-"fake bank" "-x" - -- -"! !"', Query(("-x", "-", "--", "-! !"), (Term("", "", "fake bank", True),))),
        (
            '-"kind:x" -"OR" -http://x',
            Query((), tuple(Term("", "", each, True) for each in ("kind:x", "OR", "http://x"))),
        ),
        ("bank 198.51.100.0/24", Query(("bank",), (Term("ip", ":", "198.51.100.0/24"),))),
        (
            "-198[.]51[.]100[.]0/24 10.0.0.0/8",
            Query(("10.0.0.0/8",), (Term("ip", ":", "198[.]51[.]100[.]0/24", True),)),
        ),
        ('"198.51.100.0/24" 1/2', Query(("198.51.100.0/24", "1/2"))),
        ("fe80::1 aa:bb:cc:dd:ee:ff", Query(("fe80::1", "aa:bb:cc:dd:ee:ff"))),
        ("hxxps://x mailto:a@b", Query(("hxxps://x", "mailto:a@b"))),
        ("C:\\run.exe Re:bank", Query(("C:\\run.exe", "Re:bank"))),
        ('"foo:bar" "kind:phishing"', Query(("foo:bar", "kind:phishing"))),
        ('"kind=phishing" x=', Query(("kind=phishing", "x="))),
        ('"" ::', Query(("::",))),
        ("bank bank", Query(("bank",))),
        ("“fake bank”", Query(("fake bank",))),
        ("is:open，hamm", Query(("hamm",), (Term("is", ":", "open"),))),
        ("kind:網絡釣魚，", Query((), (Term("kind", ":", "網絡釣魚"),))),
        ("狀態:處理中，等候中。", Query(("等候中",), (Term("state", ":", "in_handling"),))),
        ("銀行，種類:phishing", Query(("銀行",), (Term("kind", ":", "phishing"),))),
        ("is:未結，銀行，標籤:vip", Query(("銀行",), (Term("is", ":", "open"), Term("tag", ":", "vip")))),
        ("銀行，電郵。is:open", Query(("銀行", "電郵"), (Term("is", ":", "open"),))),
        ("。銀行；-電郵、甲 ，", Query(("銀行", "甲"), (Term("", "", "電郵", True),))),
        (
            '"銀行，電郵"，is:open -"甲、乙"',
            Query(("銀行，電郵",), (Term("is", ":", "open"), Term("", "", "甲、乙", True))),
        ),
        ("http://x/a，is:open", Query(("http://x/a",), (Term("is", ":", "open"),))),
        ("channel:電郵、電話", Query((), (Term("channel", ":", "email"), Term("channel", ":", "telephone")))),
        ("-渠道:電郵、電話", Query((), tuple(Term("channel", ":", each, True) for each in ("email", "telephone")))),
        ("級別:3、4、未判定", Query((), tuple(Term("level", ":", each) for each in ("3", "4", "undecided")))),
        ("opened:2026-05-01、2026-05-02、銀行", parse("opened:2026-05-01 opened:2026-05-02 銀行")),
        ('channel:電郵、"銀行"、電話', Query(("銀行", "電話"), (Term("channel", ":", "email"),))),
        ("種類:phishing、ddos，甲", Query(("甲",), (Term("kind", ":", "phishing"), Term("kind", ":", "ddos")))),
        (
            "owner:我、ben is:open",
            Query((), (Term("owner", ":", "me"), Term("owner", ":", "ben"), Term("is", ":", "open"))),
        ),
        ("asn:4760,AS1", Query((), (Term("asn", ":", "4760"), Term("asn", ":", "AS1")))),
        (
            "level:3,4 asn:1, x,y",
            Query(("x,y",), (Term("level", ":", "3"), Term("level", ":", "4"), Term("asn", ":", "1"))),
        ),
        ('owner:"Chan, Tai",ben title:a,b', parse('owner:"Chan, Tai" owner:ben title:"a,b"')),
        ("asn:4760、AS1", Query((), (Term("asn", ":", "4760"), Term("asn", ":", "AS1")))),
        ("ip:192.0.2.1、fe80::1、銀行", Query(("銀行",), (Term("ip", ":", "192.0.2.1"), Term("ip", ":", "fe80::1")))),
        (
            "domain:a.example、b.example、bank",
            Query(("bank",), tuple(Term("domain", ":", f"{n}.example") for n in "ab")),
        ),
        ("級別>=2，銀行", Query(("銀行",), (Term("level", ">=", "2"),))),
        (
            "asn:４７６０ ｋｉｎｄ：ｐｈｉｓｈｉｎｇ",
            Query((), (Term("asn", ":", "4760"), Term("kind", ":", "phishing"))),
        ),
        ("ＩＳ：ｏｐｅｎ ｉｐ:１９２.0.2.1", Query((), (Term("is", ":", "open"), Term("ip", ":", "192.0.2.1")))),
        ("渠道：電郵、-tag:wave", Query((), (Term("channel", ":", "email"), Term("tag", ":", "wave", no=True)))),
        ("級別>=2，。ip:192.0.2.1、 bank", Query(("bank",), (Term("level", ">=", "2"), Term("ip", ":", "192.0.2.1")))),
        ('tag:"網絡，甲"，bank', Query(("bank",), (Term("tag", ":", "網絡，甲"),))),
        ('title:甲，乙。 "b，"', Query(("b，",), (Term("title", ":", "甲，乙"),))),
        ('tag:"甲，"', Query((), (Term("tag", ":", "甲，"),))),
        ("owner:無人負責", Query((), (Term("owner", ":", "none"),))),
    ],
)
def test_words_and_conditions_are_told_apart(told: str, read: Query) -> None:
    assert parse(told) == read
    assert parse(str(read)) == read


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("kind>phishing", "sign"),
        ("level:5", "level"),
        ("foo:bar", "unknown"),
        ("bank foo：bar", "unknown"),
        ("-status:open", "unknown"),
        ("prio>=3", "unknown"),
        ("opened>=yesterday", "date"),
        ("before:1066-10-14", "year"),
        ("before:9999-12-31", "year"),
        ("after:0001-01-01", "year"),
        ("closed>2201-01-01", "year"),
        ("after:2026-02-30", "date"),
        ("kind:phishing OR kind:ddos", "operator"),
        ("hsbc OR dbs", "operator"),
        ("銀行 OR 電郵", "operator"),
        ("NOT tag:vip", "operator"),
        ("asn:abc", "asn"),
        ("asn:0", "asn"),
        ("asn:٣", "asn"),
        (f"asn:{'9' * 30}", "asn"),
        ("ip:999.1.1.1", "ip"),
        ("ip:192.0.2", "ip"),
        ("ip:10.0.0.0/8", "ip"),
        ("kind:", "no_value"),
        ("釣魚 -銀", "lone"),
        ("ｋｉｎｄ：", "no_value"),
        ("ｆｏｏ：bar", "unknown"),
        ("bank 種類：", "no_value"),
        ("bank 種類：，", "no_value"),
        ("x" * 301, "too_long"),
        (" ".join(f"報告人:{n:010}" for n in range(20)), "too_long"),
        (" ".join(f"tag:{n}" for n in range(21)), "too_long"),
    ],
)
def test_what_cannot_be_read_is_named(told: str, reason: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        parse(told)
    assert refused.value.reason == reason
    assert refused.value.piece in told


@pytest.mark.parametrize(
    ("told", "reason", "piece"),
    [
        ("級別:3、5", "level", "level:5"),
        ("級別:3、四", "level", "level:四"),
        ("級別>=2、銀行", "level", "level>=銀行"),
        ("演習:是、甚麼", "value", "drill:甚麼"),
        ("ip:192.0.2.1、10.0.0.0/8", "ip", "ip:10.0.0.0/8"),
        ("opened:2026-05-01、5-02", "date", "opened:5-02"),
    ],
)
def test_a_further_value_that_cannot_be_is_named(told: str, reason: str, piece: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        parse(told)
    assert (refused.value.reason, refused.value.piece) == (reason, piece)


words = st.text("abc釣魚，、0.:-=<>\"“” '\\/%_*&|!()", max_size=40)


@given(words)
def test_whatever_is_typed_is_read_or_refused_and_keeps_its_meaning(told: str) -> None:
    try:
        query = parse(told)
    except QueryRefused:
        return
    assert {term.name for term in query.terms} <= {*NAMES, ""}
    for part in query.parts():
        assert part not in query.minus(part).parts()
    if not set(told) & set('"“”'):
        assert parse(str(query)[:LONGEST]) == query


def test_a_query_grows_and_shrinks() -> None:
    query = parse("bank kind:phishing level>=2")
    assert query.without("kind", "level") == Query(("bank",))
    assert query.minus("bank").minus(Term("kind", ":", "phishing")) == parse("level>=2")
    assert query.with_(Term("level", ">=", "2")) == query
    assert query.with_words(("page", "bank")).words == ("bank", "page")
    assert query.values("kind") == ["phishing"]
    assert parse("-kind:phishing").values("kind") == []
    assert not Query()


def test_conditions_on_the_case_itself(ann: User) -> None:
    one, two = a_case(ann, "one"), a_case(ann, "two", "malware")
    three = a_case(ann, "three")
    one.level, two.level = 3, 1
    service.take(one, ann)
    tags.tag(two, "Hong  Kong", ann)
    workflow.move(three, workflow.Verb.DISMISS, ann, outcome="no_incident", reason="x")
    assert titles("", ann) == ["three", "two", "one"]
    assert titles("is:open", ann) == ["two", "one"]
    assert titles("is:closed", ann) == ["three"]
    assert titles("kind:phishing", ann) == ["three", "one"]
    assert titles("kind:phishing kind:malware", ann) == ["three", "two", "one"]
    assert titles("-kind:phishing", ann) == ["two"]
    assert titles("level>=2", ann) == titles("level:3", ann) == titles("is:major", ann) == ["one"]
    assert titles("level<3", ann) == titles("level<=1", ann) == ["two"]
    assert titles("level>1 level<4", ann) == ["one"]
    assert titles("level:3 level=1", ann) == titles("級別:3、1", ann) == ["two", "one"]
    assert titles("level:3 level:1 level>2", ann) == ["one"]
    assert titles("level:none", ann) == titles("level:undecided", ann) == ["three"]
    assert titles("-level>=2", ann) == ["three", "two"]
    assert titles("owner:me", ann) == titles("is:mine", ann) == [*titles(f"owner:{ann.email}", ann)] == ["one"]
    assert titles("owner:none", ann) == titles("is:unassigned", ann) == ["three", "two"]
    assert titles("owner:nobody", ann) == titles("owner:無人", ann) == ["three", "two"]
    assert titles("owner:ann", ann) == titles("owner:ANN@portal.example", ann) == ["one"]
    assert titles("hong kong", ann) == titles('"Hong Kong" kind:malware level:1', ann) == ["two"]
    assert titles("hong kong kind:phishing", ann) == []
    assert titles('tag:"hong kong"', ann) == ["two"]
    assert titles("state:new title:ONE", ann) == titles("title:one", ann) == ["one"]
    assert titles("title:on", ann) == titles("title:wave", ann) == []
    assert titles("title:one title:two", ann) == ["two", "one"]
    assert titles("title:one -title:one", ann) == []
    assert titles("-title:one", ann) == ["three", "two"]
    assert titles("is:waiting", ann) == titles("is:restricted", ann) == titles("is:drill", ann) == []
    assert titles("is:quarantined", ann) == []


def test_no_level_and_a_level_that_nobody_decided_are_told_apart(ann: User) -> None:
    attempt, judged, _new = (a_case(ann, each) for each in ("attempt", "judged", "new"))
    for case, impact in ((attempt, Impact()), (judged, Impact(leaked=Leak.CORE))):
        workflow.move(case, workflow.Verb.TRIAGE, ann)
        service.set_level(case, impact, ann)
    assert (attempt.level, judged.level) == (None, 2)
    assert titles("level:undecided", ann) == titles("級別:未判定", ann) == titles("級別:未定", ann) == ["new"]
    assert titles("level:no_level", ann) == titles("級別:不設級別", ann) == ["attempt"]
    assert titles("level:none", ann) == titles("level:undecided level:no_level", ann) == ["new", "attempt"]
    assert titles("-level:undecided", ann) == ["judged", "attempt"]


@pytest.mark.parametrize(
    "told", ["is:nonsense", "kind:nonsense", "kind:網絡", "kind:釣", "state:nonsense", "channel:x", "origin:x"]
)
def test_a_code_that_nobody_knows_is_named(told: str, ann: User) -> None:
    name, wrong = told.split(":")
    right = {"kind": "phishing"}.get(name) or choices(name)[0]
    for ask in (queue.cases, search.reports):
        for typed in (told, f"{name}:{right}、{wrong}"):
            with pytest.raises(QueryRefused) as refused:
                ask(parse(typed), ann)
            assert (refused.value.reason, refused.value.piece) == ("value", told)


@pytest.mark.parametrize("told", ["勒索軟件", "ransomware", "Ransomware", "RANSOMWARE", "勒索", "ransom"])
def test_a_kind_goes_by_its_names_in_both_languages(told: str, ann: User) -> None:
    report = a_report("Files are locked", kind="ransomware")
    a_case(ann, "Locked", kind="ransomware", reports=[report])
    a_case(ann, "Other")
    assert titles(f"種類：{told}", ann) == ["Locked"]
    assert list(search.find(f"kind:{told}", ann).reports.rows) == [report]
    assert titles(f"-kind:{told}", ann) == ["Other"]


def test_full_width_names_are_found_in_every_width(ann: User) -> None:
    wordbook.put(Shelf.KIND, "phishing", Word("Ｂａｉｔ mail", ""), ann.actor)
    ann.name = "Ｗｉｄｅ Ann"
    session.flush()
    service.take(a_case(ann, "one"), ann)
    for width in ("bait mail", "Ｂａｉｔ　ｍａｉｌ"):
        assert titles(f'kind:"{width}"', ann) == ["one"]
    for width in ("wide", "Ｗｉｄｅ", "Ｗｉｄｅ ann"):
        assert titles(f'owner:"{width}"', ann) == ["one"]


def test_a_number_without_its_check_digit_leads_straight_to_its_row(ann: User, stranger: Callable[[], User]) -> None:
    report = a_report()
    case = a_case(ann, "Locked", reports=[report])
    assert search.find(report.number[:-2], ann).straight == report
    assert search.find(f"c{case.number[1:3]}-{int(case.number[4:10])}", ann).straight == case
    service.restrict(case, "police", ann)
    assert search.find(case.number[:-2], stranger()).straight is None


def test_what_was_said_on_the_telephone_is_found(ann: User, stranger: Callable[[], User]) -> None:
    report = a_report()
    case = a_case(ann, "Locked", reports=[report])
    service.log_call(report, "She reinstalled the 伺服器 of turquoise", ann)
    assert list(search.find("turquoise", ann).reports.rows) == [report]
    assert list(search.find("伺服", ann).reports.rows) == [report]
    assert titles("turquoise", ann) == ["Locked"]
    missed = calls.note(CallKind.MISSED, "9123 4567", "voicemail about magenta", ann, report)
    assert list(search.find("magenta", ann).reports.rows) == [report]
    calls.called_back(missed.id, True, "ochre", ann)
    assert list(search.find("magenta ochre", ann).reports.rows) == [report]
    service.restrict(case, "police", ann)
    bob = stranger()
    for word in ("turquoise", "magenta"):
        found = search.find(word, bob)
        assert (list(found.reports.rows), list(found.cases)) == ([], [])


def test_calls_without_a_report_are_found_by_number_and_note(ann: User) -> None:
    asked = calls.note(CallKind.ANSWERED, "9123 4567", "Asked about a 公積金 message, magenta", ann)
    calls.note(CallKind.VOICEMAIL, "", "magenta of a report", ann, a_report())
    assert calls.naming("magenta").rows == [asked]
    assert calls.naming("公積").rows == [asked]
    assert calls.naming("9123 4567").rows == [asked]
    assert [len(calls.naming(each).rows) for each in ("magenta ochre", "?", "")] == [0, 0, 0]
    missed = calls.note(CallKind.MISSED, "", "magenta again", ann)
    assert calls.naming("magenta").rows == [missed, asked]
    calls.called_back(missed.id, True, "ochre", ann)
    assert calls.naming("magenta ochre").rows == [missed]
    session.execute(delete(SearchEntry))
    assert (calls.naming("magenta").rows, calls.index_all(), calls.naming("ochre").rows) == ([], 2, [missed])


def test_days_are_those_of_the_portal(ann: User) -> None:
    midnight = NOW.astimezone(current().zone).replace(hour=0, minute=0, second=0, microsecond=0)
    day = midnight.date()
    for title, at in (
        ("before", midnight - timedelta(seconds=1)),
        ("on", midnight),
        ("after", midnight + timedelta(days=1)),
    ):
        with clock.turned_to(at):
            a_case(ann, title)
    assert titles(f"opened:{day}", ann) == titles(f"opened={day}", ann) == ["on"]
    assert titles(f"before:{day}", ann) == ["before"]
    assert titles(f"after:{day}", ann) == ["after", "on"]
    assert titles(f"opened<={day}", ann) == ["on", "before"]
    assert titles(f"opened>{day}", ann) == ["after"]
    assert titles(f"opened:{day} opened:{day - timedelta(days=1)}", ann) == ["on", "before"]
    assert titles(f"closed:{day}", ann) == []
    assert titles(f"updated:{day}", ann) == ["on"]


def test_what_the_reports_say_finds_their_cases(ann: User) -> None:
    report = a_report("Look at hxxps://bad[.]example/login of AS4760, 網絡釣魚", email="chan@shop.example")
    case = a_case(ann, "Fake bank", reports=[report])
    other = a_case(
        ann, "Other", "ransomware", [a_report("files are locked", kind="ransomware", email="lee@shop.example")]
    )
    case.title, other.title = "Fake bank", "Other"
    for told in (
        *("domain:bad.example", "domain:bad[.]example", "url:https://bad.example/login", "asn:4760", "asn:AS4760"),
        *(
            "釣魚",
            "login",
            "fake",
            "reporter:chan",
            "reporter:chan@shop.example",
            "reporter:chan login",
            "channel:web -reporter:lee",
        ),
    ):
        assert titles(told, ann) == ["Fake bank"], told
    assert titles("domain:good.example", ann) == titles("org:bank", ann) == titles("reporter:nobody", ann) == []
    assert titles("origin:local", ann) == titles("shop.example", ann) == ["Other", "Fake bank"]
    assert titles("-reporter:...", ann) == ["Other", "Fake bank"]
    for told in ("!!!", "-", "--", "-!", "channel:web --"):
        assert (titles(told, ann), list(search.reports(parse(told), ann).rows)) == ([], []), told


def test_parts_of_an_address_find_it(ann: User) -> None:
    text = "https://files58.harbour-hosting.example/a and 192.0.2.77 and call +852 5550 0149"
    case = a_case(ann, "Hosting", reports=[a_report(text, email="chan@shop.example")])
    a_case(ann, "harbour of files", reports=[a_report("hosting example", email="lee@shop.example")])
    for told in (
        *("harbour-hosting", "harbour-hosting.example", "files58.harbour-hosting"),
        *("domain:harbour-hosting.example", "domain:HARBOUR-hosting[.]example", "ip:192.0.2.0/24", "ip:192.0.2.64/26"),
        *("192.0.2", "192.0", "55500149", "85255500149", "phone:55500149", "phone:+85255500149", "5550 0149"),
    ):
        assert titles(told, ann) == [case.title], told
    for told in ("bour-hosting", "domain:example", "domain:hosting.example", "ip:192.0.2.0/26", "phone:55500148"):
        assert titles(told, ann) == [], told


def test_conditions_on_reports(ann: User) -> None:
    with clock.turned_to(NOW):
        calendar.seed()
        first = a_report("網絡釣魚 page", email="chan@shop.example")
        second = a_report("files are locked", kind="ransomware", email="lee@shop.example")
        service.refuse(second, "spam", ann)
        day = NOW.astimezone(current().zone).date()
        for told, found in (
            ("釣魚", [first]),
            ("reporter:lee", [second]),
            ("-reporter:lee", [first]),
            ("is:open", [first]),
            ("is:closed", [second]),
            ("is:overdue", []),
            ("is:answered", []),
            ("is:quarantined", []),
            ("is:drill", []),
            ("is:mine", []),
            ("state:refused", [second]),
            ("channel:web title:page", [first]),
            (f"opened:{day} updated:{day}", [second, first]),
            ("owner:me", []),
            ("domain:bad.example", []),
        ):
            assert list(search.reports(parse(told), ann).rows) == found, told
        add(second, Channel.WEB, "more", [])
        assert list(search.reports(parse("is:answered"), ann).rows) == [second]


def test_overdue_needs_a_clock(ann: User) -> None:
    with clock.turned_to(NOW):
        a_case(ann, "late")
        calendar.seed()
    with clock.turned_to(NOW + timedelta(days=300)):
        a_case(ann, "fresh")
        assert titles("is:overdue", ann) == ["late"]


def test_every_order_goes_on_where_the_page_ended(ann: User) -> None:
    cases = []
    for number in range(5):
        with clock.turned_to(NOW + timedelta(minutes=number)):
            cases.append(a_case(ann, str(number)))
    with clock.turned_to(NOW + timedelta(hours=1)):
        service.note(cases[1], "x", ann)
    cases[2].level, cases[0].level, cases[4].level = 4, 3, 0
    for sort, order in ((Sort.NEWEST, "43210"), (Sort.OLDEST, "01234"), (Sort.CHANGED, "14320"), (Sort.LEVEL, "20431")):
        for told in ("", "kind:phishing"):
            seen, after = "", ""
            while True:
                page = queue.cases(parse(told), ann, after, sort, size=2)
                seen += "".join(case.title for case in page.rows)
                after = page.after
                if not after:
                    break
            assert seen == order
    assert len(queue.cases(Query(), ann, "4.nonsense", Sort.CHANGED).rows) == 5
    assert len(queue.cases(Query(), ann, "4.nonsense", Sort.LEVEL).rows) == 1
    assert len(queue.cases(Query(), ann, f"4.{NOW:%Y-%m-%dT%H:%M}", Sort.CHANGED).rows) == 5


@pytest.mark.parametrize("few", [0, 2000])
def test_words_beside_conditions_are_found_whichever_are_fewer(
    ann: User, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(holding, "FEW", few)
    a_case(ann, "gizmo of itself")
    a_case(ann, "by its report", reports=[a_report("a gizmo http://bad.example/x")])
    a_case(ann, "other kind gizmo", "malware")
    a_case(ann, "no such word")
    assert titles("gizmo kind:phishing", ann) == ["by its report", "gizmo of itself"]
    assert titles("gizmo domain:bad.example", ann) == ["by its report"]
    assert titles("gizmo kind:intrusion", ann) == []
    assert queue.count(parse("gizmo kind:phishing"), ann) == 2


def test_the_newest_hits_come_first_however_many_there_are(ann: User) -> None:
    old = a_case(ann, "common old")
    session.flush()
    later = Case(
        id=old.id + 40 * ERA,
        number="C99-000001-1",
        title="common new",
        kind="phishing",
        state="new",
        phase="detection_analysis",
        opened_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(later)
    session.flush()
    core_search.index("C", later.id, later.title)
    assert titles("common", ann) == ["common new", "common old"]
    page = queue.cases(parse("common"), ann, size=1)
    assert [case.title for case in page.rows] == ["common new"]
    assert [case.title for case in queue.cases(parse("common"), ann, page.after).rows] == ["common old"]
    assert titles("common", ann, Sort.CHANGED) == ["common new", "common old"]


def test_reports_are_looked_for_until_there_are_enough(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = a_report("common words"), a_report("common words again")
    monkeypatch.setattr(search, "MOST", 1)
    page = search.reports(parse("common"), ann)
    assert (list(page.rows), page.after) == ([second], str(second.id))
    later = search.reports(parse("common"), ann, page.after)
    assert (list(later.rows), later.after) == ([first], "")
    assert list(search.reports(parse("common"), ann, "odd").rows) == [second]


def test_counting_stops_somewhere(ann: User) -> None:
    for number in range(3):
        a_case(ann, f"common {number}")
    assert queue.count(parse("common"), ann) == 3
    assert queue.count(parse("common"), ann, 2) == 2


def test_letters_of_people_are_found_and_hidden_with_their_case(ann: User, stranger: Callable[[], User]) -> None:
    report = a_report("files are locked", email="lee@shop.example")
    case = a_case(ann, "Locked", reports=[report])
    letter = service.write_to_reporter(case, report, "Unplug it", "Please unplug the 伺服器 now", ann)
    found = search.find("unplug", ann)
    assert list(found.letters.rows) == [letter]
    assert list(search.find("伺服", ann).letters.rows) == [letter]
    assert list(search.find("unplug kind:phishing", ann).letters.rows) == [letter]
    assert list(search.find("unplug kind:malware", ann).letters.rows) == []
    assert [each.name for each in outbox.about([report.number])] == ["report_received", "case_letter"]
    assert list(search.find("acknowledgement", ann).letters.rows) == []
    service.restrict(case, "police", ann)
    assert list(search.find("unplug", stranger()).letters.rows) == []


@pytest.fixture
def stranger() -> Callable[[], User]:
    return lambda: person("Bob")


def test_what_a_query_names_is_told(ann: User) -> None:
    assert search.find("ip:192.0.2.7 -ip:192.0.2.8 asn:4760", ann).named == [("ip", "192.0.2.7"), ("asn", "AS4760")]
    assert search.find("look at 192[.]0[.]2[.]7", ann).named == [("ip", "192.0.2.7")]
    assert search.find("as4760", ann).named == [("asn", "AS4760")]


def test_the_number_of_a_network_finds_it_in_any_spelling(ann: User) -> None:
    spelled = [a_report(f"Scans from {told} all night", email="") for told in ("AS 4760", "ASN4760", "AS4760")]
    for told in ("AS4760", "as4760", "asn:4760", "AS 4760", "ASN4760", "asn 4760", "4760"):
        assert search.find(told, ann).reports.rows == spelled[::-1], told


def test_a_query_is_read_again_as_it_is_written() -> None:
    assert str(parse('"甲，乙" -"a、b"')) == '-"a、b" "甲，乙"'
    for told in (
        'title:“甲"乙，丙”',
        'tag:a"b，c',
        "tag:甲，乙",
        "kind:phishing，hamm",
        'title:"甲，"',
        "is:open、x",
        '"甲，乙" -"a、b"',
    ):
        assert parse(str(parse(told))) == parse(told), told


def far(title: str, report: Report) -> Case:
    """A case of a report, many eras after the first one; reports have gone on as far."""
    core_search.index("R", 80 * ERA, "something else")
    last = session.scalar(select(func.max(Case.id))) or 0
    number = max(last + 1, 40 * ERA)
    made = Case(id=number, number=f"C99-{number:06}-1", title=title, kind="phishing", state="new")
    made.phase, made.opened_at, made.updated_at = "detection_analysis", clock.now(), clock.now()
    session.add(made)
    session.flush()
    joining.join(made, [report.id])
    core_search.index("C", made.id, made.title)
    session.flush()
    return made


@pytest.mark.parametrize("few", [0, 2000])
def test_a_new_case_is_found_by_the_words_of_an_old_report(
    ann: User, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(holding, "FEW", few)
    other = a_report("something else")
    for title, report in (("ochre 0", other), ("ochre 1", other), ("late", a_report("ochre")), ("ochre 2", other)):
        far(title, report)
    for told in ("ochre", "ochre kind:phishing"):
        page = queue.cases(parse(told), ann, size=2)
        assert [case.title for case in page.rows] == ["ochre 2", "late"], told
        later = queue.cases(parse(told), ann, page.after, size=2)
        assert ([case.title for case in later.rows], later.after) == (["ochre 1", "ochre 0"], ""), told


def test_words_of_one_place_are_found_by_pages(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "FEW", 0)
    report = a_report("something else")
    made = [far("ochre dye", report) for _ in range(2)]
    page = queue.cases(parse("ochre dye"), ann, size=1)
    assert list(page.rows) == made[1:]
    assert list(queue.cases(parse("ochre dye"), ann, page.after, size=1).rows) == made[:1]


@pytest.mark.parametrize("sort", [Sort.OLDEST, Sort.LEVEL, Sort.CHANGED])
def test_every_order_begins_with_the_first_of_all_that_match(ann: User, sort: Sort) -> None:
    """On PostgreSQL the newest eras alone would fill the page."""
    old = a_case(ann, "ochre old")
    far("ochre late", a_report("something else"))
    far("ochre later", a_report("something else"))
    old.level, old.updated_at = 4, clock.now() + timedelta(hours=1)
    session.flush()
    assert [case.title for case in queue.cases(parse("ochre"), ann, sort=sort, size=1).rows] == ["ochre old"]


def test_words_and_people_may_stand_in_different_places_of_a_case(ann: User) -> None:
    case = a_case(ann, "gizmo", reports=[a_report("a page", name="Quentin Lam"), a_report("turquoise", name="Rita")])
    tags.tag(case, "vip", ann)
    session.flush()
    for told in (
        "reporter:quentin gizmo",
        "reporter:quentin title:gizmo",
        "reporter:quentin vip",
        "reporter:quentin turquoise",
        "reporter:quentin",
        "-reporter:nobody gizmo",
        "reporter:quentin -reporter:nobody gizmo",
        "-reporter:nobody",
    ):
        assert titles(told, ann) == ["gizmo"], told
    for told in ("reporter:nobody gizmo", "reporter:quentin nowhere", "reporter:quentin -reporter:lam gizmo"):
        assert titles(told, ann) == [], told
