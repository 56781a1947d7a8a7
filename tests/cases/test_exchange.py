"""Settings as a file: what it holds, what it would change, and that one wrong line takes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cert_portal.cases import exchange, saved, service, tags, templates, triage
from cert_portal.cases.exchange_file import FORMAT, ExchangeRefused
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.query import parse
from cert_portal.cases.queue import Sort, View, numbers
from cert_portal.cases.saved import SearchRefused
from cert_portal.cases.triage import TriageRefused
from cert_portal.core.events import of_subjects
from cert_portal.core.i18n import Language
from cert_portal.core.mail import exercise
from cert_portal.directory import accounts, calendar
from cert_portal.directory.models import User
from cert_portal.guidance import kinds, wordbook
from cert_portal.guidance.wordbook import Shelf, Word
from tests.cases.desk import a_report, kinds_of, person
from tests.cases.test_templates import WORDS

pytestmark = pytest.mark.usefixtures("context")
ANNS = {"owner": "ann@portal.example"}


@pytest.fixture
def ann(context: object) -> User:
    calendar.seed()
    return person()


def file(**sections: Any) -> str:
    """A file with these sections."""
    return json.dumps({"format": FORMAT, "version": 1, **sections})


def test_what_is_exported_changes_nothing_when_it_is_imported(ann: User) -> None:
    wordbook.put(Shelf.TAG, "wave", Word("Wave", "一波"), ann.actor)
    wordbook.put(Shelf.REFUSAL, "own_x", Word("X", "甲"), ann.actor)
    saved.save("Waves", "tag:wave", Sort.NEWEST, ann, shared=True)
    saved.save("Faxes", "channel:fax", Sort.NEWEST, ann, shared=True, view=View.TRIAGE)
    templates.seed()
    templates.retire(templates.everything()[0].row, ann)
    exercise.add("@players.example", "All players", ann.actor)
    told = exchange.export()
    assert exchange.read(told, ann) == []
    assert exchange.take(exchange.read(told, ann), ann) == 0
    whole = json.loads(told)
    assert set(whole) == {"format", "version", *exchange.SECTIONS}
    assert whole["views"] == [
        {"name": "Faxes", "query": "channel:fax", "sort": "newest", "position": 0, "view": "triage", **ANNS},
        {"name": "Waves", "query": "tag:wave", "sort": "newest", "position": 0, "view": "", **ANNS},
    ]


def test_a_file_is_looked_at_and_then_taken(ann: User) -> None:
    saved.save("Old", "is:open", Sort.NEWEST, ann, shared=True)
    told = file(
        holidays=[{"day": "2031-02-03", "name_en": "A day", "name_zh_hant": "某日"}],
        clocks=[{"code": "referral", "amount": 3, "unit": "hours", "warn_fraction": 0.5, "enabled": False}],
        kinds=[{"code": "phishing", "name_en": "Bait", "position": 2}],
        refusals=[{"code": "own_y", "name_en": "Y", "name_zh_hant": "乙", "retired": True}],
        tags=[{"code": "Wave", "name_en": "Wave", "name_zh_hant": "一波"}],
        views=[
            {"name": "Old", "query": "is:closed", "sort": "newest", "position": 4},
            {"name": "New", "query": "is:open", "sort": "newest"},
        ],
    )
    changes = exchange.read(told, ann)
    assert [(each.section, each.what) for each in changes] == [
        ("holidays", "2031-02-03"),
        ("clocks", "referral"),
        ("kinds", "phishing"),
        ("refusals", "own_y"),
        ("tags", "wave"),
        ("views", "Old"),
        ("views", "New"),
    ]
    assert changes[5].before == {"query": "is:open", "sort": "newest", "position": 0, "view": "", **ANNS}
    assert changes[5].differs == ["query", "position"]
    assert changes[6].before == {}
    assert changes[6].differs == ["query", "sort", "owner"]
    assert [each.name for each in saved.shared()] == ["Old"], "looking changes nothing"
    assert exchange.take(exchange.read(told, ann), ann) == 7
    assert exchange.read(told, ann) == []
    assert [(each.name, each.query, each.position) for each in saved.shared()] == [
        ("New", "is:open", 0),
        ("Old", "is:closed", 4),
    ]
    assert "desk.settings_imported" in kinds_of(ann.actor)
    assert calendar.rule("referral") is None


def test_a_file_gives_no_two_kinds_the_same_word(ann: User) -> None:
    names = {kind.code: kind.names[Language.EN] for kind in kinds.load()}
    one = {"code": "phishing", "name_en": names["spam"]}
    with pytest.raises(ExchangeRefused) as refused:
        exchange.read(file(kinds=[one]), ann)
    assert refused.value.place == "kinds"
    swapped = file(kinds=[one, {"code": "spam", "name_en": names["phishing"]}])
    assert len(exchange.read(swapped, ann)) == 2


def test_searches_of_reports_travel_with_it_and_keep_their_list(ann: User) -> None:
    views = [{"name": "Faxes", "query": "channel:fax", "sort": "newest", "view": "triage"}]
    assert [each.differs for each in exchange.read(file(views=views), ann)] == [["query", "sort", "view", "owner"]]
    exchange.take(exchange.read(file(views=views), ann), ann)
    exchange.take(exchange.read(file(views=[{"name": "Faxes", "query": "channel:letter", "sort": "newest"}]), ann), ann)
    assert [(each.view, each.query) for each in saved.shared()] == [("triage", "channel:letter")]
    of_cases = [{"name": "Faxes", "query": "is:open", "sort": "newest", "view": ""}]
    exchange.take(exchange.read(file(views=of_cases), ann), ann)
    assert [(each.view, each.query) for each in saved.shared()] == [("", "is:open")]


def test_letter_templates_and_addresses_of_exercises_travel_with_it(ann: User) -> None:
    templates.add("ask", WORDS, ann)
    exercise.add("one@players.example", "", ann.actor)
    changed = {**WORDS, "en": {**WORDS["en"], "text": "Dear {reporter}"}}
    told = file(
        templates=[
            {"code": "ask", **changed},
            {"code": "new", **WORDS, "retired": True},
            {"code": "not_for_us", **WORDS, "retired": True},
        ],
        exercise_addresses=[{"address": "One@players.example", "note": "First"}, {"address": "@two.example"}],
    )
    changes = exchange.read(told, ann)
    assert [(each.what, each.differs) for each in changes] == [
        ("ask", ["text-en"]),
        ("new", [*(f"{part}-{side}" for part in templates.PARTS for side in ("en", "zh-hant")), "retired"]),
        ("not_for_us", [f"{part}-{side}" for part in templates.PARTS for side in ("en", "zh-hant")]),
        ("one@players.example", ["note"]),
        ("@two.example", []),
    ]
    assert exchange.take(exchange.read(told, ann), ann) == 5
    assert exchange.read(told, ann) == []
    assert [(each.row.code, each.row.version) for each in templates.everything()] == [
        *(("ask", 2), ("not_for_us", 1), ("new", 1))
    ]
    assert [(each.address, each.note) for each in exercise.listed()] == [
        *(("@two.example", ""), ("one@players.example", "First"))
    ]


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ("nothing", ""),
        ("[]", ""),
        ("{}", ""),
        ("[" * 100_000, ""),
        (file(holidays={}), "holidays"),
        (file(holidays=[{"day": "0031-01-01", "name_en": "x", "name_zh_hant": "y"}]), "holidays 1"),
        (file(holidays=[{"day": "soon", "name_en": "x", "name_zh_hant": "y"}]), "holidays 1"),
        (file(holidays=[{"day": "2031-01-01", "name_en": " ", "name_zh_hant": "y"}]), "holidays 1"),
        (file(clocks=[7]), "clocks 1"),
        (
            file(clocks=[{"code": "odd", "amount": 3, "unit": "hours", "warn_fraction": 0.5, "enabled": True}]),
            "clocks 1",
        ),
        (file(kinds=[{"code": "odd"}]), "kinds 1"),
        (file(kinds=[{"code": "phishing", "retired": "false"}]), "kinds 1"),
        (file(refusals=[{"code": "test"}, {"code": "own_z", "name_en": "Z"}]), "refusals 2"),
        (file(tags=[{"code": ","}]), "tags 1"),
        (file(views=[{"name": "x", "query": "kind:nonsense", "sort": "newest"}]), "views 1"),
        (file(views=[{"name": "x", "query": "owner:me", "sort": "newest", "view": "triage"}]), "views 1"),
        (file(views=[{"name": "x", "query": "", "sort": "newest", "view": "mine"}]), "views 1"),
        (file(views=[{"name": "x", "query": "", "sort": "newest", "view": "odd"}]), "views 1"),
        (file(views=[{"name": "x", "query": "", "sort": "newest", "owner": 7}]), "views 1"),
        (file(views=[{"name": "x" * 61, "query": "", "sort": "newest"}]), "views 1"),
        (file(templates=[{"code": "ask"}]), "templates 1"),
        (file(templates=[{"code": "A b", **WORDS}]), "templates 1"),
        (file(templates=[{"code": "ask", "en": WORDS["en"], "zh-hant": {**WORDS["en"], "text": " "}}]), "templates 1"),
        (file(exercise_addresses=[{"address": "nowhere"}]), "exercise_addresses 1"),
        (file(exercise_addresses=[{}]), "exercise_addresses 1"),
        (file(people=[{"address": "ann@portal.example", "name": "Ann", "roles": []}]), "people 1"),
        (file(people=[{"address": "ann@portal.example", "name": "Ann", "roles": "admin"}]), "people 1"),
        (file(people=[{"address": "ann@portal.example", "name": "Ann", "roles": ["king"]}]), "people 1"),
        (file(people=[{"address": "ann@portal.example", "name": " ", "roles": ["analyst"]}]), "people 1"),
        (file(people=[{"address": "ann@portal.example", "name": "Queen Ann", "roles": ["analyst"]}]), "people 1"),
        (file(people=[{"name": "Ann", "roles": ["analyst"]}]), "people 1"),
        (file(people=[{"address": None, "name": "Ann", "roles": ["analyst"]}]), "people 1"),
        (file(people=[{"address": "ann@portal.example", "name": 7, "roles": ["analyst"]}]), "people 1"),
        (file(refusals=[{"code": None, "name_en": "X", "name_zh_hant": "甲"}]), "refusals 1"),
        (file(refusals=[{"code": "own_x", "name_en": "X", "name_zh_hant": None}]), "refusals 1"),
        (file(tags=[{"code": 7}]), "tags 1"),
        (file(tags=[{"code": "wave", "name_en": {"en": "Wave"}}]), "tags 1"),
        (file(holidays=[{"day": "2031-02-03", "name_en": 1, "name_zh_hant": "某日"}]), "holidays 1"),
        (file(views=[{"name": None, "query": "is:open", "sort": "newest"}]), "views 1"),
        (file(views=[{"name": "A", "query": None, "sort": "newest"}]), "views 1"),
        (file(exercise_addresses=[{"address": "x@example.org", "note": None}]), "exercise_addresses 1"),
    ],
)
def test_one_wrong_entry_and_nothing_is_taken(ann: User, told: str, place: str) -> None:
    with pytest.raises(ExchangeRefused) as refused:
        exchange.take(exchange.read(told, ann), ann)
    assert refused.value.place == place


@pytest.mark.parametrize(
    ("told", "place", "reason", "named"),
    [
        (file(tgas=[]), "", "unknown_section", "tgas"),
        (json.dumps({"format": FORMAT, "version": 2}), "", "unknown_version", "2"),
        (json.dumps({"format": FORMAT}), "", "unknown_version", "–"),
        (json.dumps({"format": FORMAT, "version": "1"}), "", "version_no_number", ""),
        (json.dumps({"format": FORMAT, "version": None}), "", "version_no_number", ""),
        (json.dumps({"format": FORMAT, "version": True}), "", "version_no_number", ""),
        (file(tags=[{"code": "wave", "colour": "red"}]), "tags 1", "unknown_field", "colour"),
        (file(tags=[{"code": "wave"}, {"code": " Wave "}]), "tags 2", "twice", "wave"),
        (file(templates=[{"code": "twice", **WORDS}, {"code": "twice", **WORDS}]), "templates 2", "twice", "twice"),
        (f'{{"format": "{FORMAT}", "version": 1, "tags": [], "tags": []}}', "", "twice", "tags"),
        (
            file(people=[{"address": "ann@portal.example", "name": "Ann", "roles": ["analyst"], "active": False}]),
            *("people 1", "account", "active"),
        ),
    ],
)
def test_what_nobody_would_read_is_refused_by_name(ann: User, told: str, place: str, reason: str, named: str) -> None:
    with pytest.raises(ExchangeRefused) as refused:
        exchange.read(told, ann)
    assert (refused.value.place, refused.value.reason, refused.value.told) == (place, reason, named)


def test_the_file_holds_the_shipped_words_and_an_old_one_puts_them_back(ann: User) -> None:
    shipped = {"kinds": {"phishing": ["Phishing", "仿冒詐騙"]}, "tags": {"wave": ["", ""]}}
    person("Root", "admin")
    old = exchange.export(shipped)
    whole = json.loads(old)
    assert whole["kinds"] == [
        {"code": "phishing", "name_en": "Phishing", "name_zh_hant": "仿冒詐騙", "position": None, "retired": False}
    ]
    assert [each["code"] for each in whole["tags"]] == ["wave"]
    assert exchange.read(old, ann, shipped) == []
    wordbook.put(Shelf.KIND, "phishing", Word("Bait", "餌", 3, retired=True), ann.actor)
    wordbook.put(Shelf.TAG, "wave", Word("Wave", "波"), ann.actor)
    assert exchange.take(exchange.read(old, ann, shipped), ann) == 2
    assert wordbook.of(Shelf.KIND, "phishing") == wordbook.SHIPPED
    assert exchange.export(shipped) == old


def test_the_last_administrator_stays_and_a_successor_goes_first(ann: User) -> None:
    root = person("Root", "admin")
    alone = people(("root@portal.example", "Root", ["analyst"]))
    with pytest.raises(ExchangeRefused) as refused:
        exchange.read(alone, root)
    assert (refused.value.place, refused.value.reason) == ("people", "no_admin")
    swapped = people(("root@portal.example", "Root", ["analyst"]), ("ann@portal.example", "Ann", ["admin"]))
    assert exchange.take(exchange.read(swapped, root), root) == 2
    assert (root.roles, ann.roles) == (["analyst"], ["admin"])


def test_what_became_impossible_since_it_was_read_is_not_taken(ann: User) -> None:
    root = person("Root", "admin")
    accounts.change(ann, name="Ann", roles=["admin"], active=True, actor="system")
    changes = exchange.read(people(("root@portal.example", "Root", ["analyst"])), root)
    accounts.change(ann, name="Ann", roles=["analyst"], active=True, actor="system")
    with pytest.raises(ExchangeRefused, match="people"):
        exchange.take(changes, root)


def test_tags_are_renamed_and_merged_on_all_cases_and_retired(ann: User) -> None:
    one, two = (service.open_case([a_report()], ann, title="x", kind="phishing") for _ in range(2))
    closed = service.open_case([a_report()], ann, title="x", kind="phishing", restricted=True)
    tags.tag(one, "wave", ann)
    tags.tag(one, "old", ann)
    tags.tag(two, "old", ann)
    tags.tag(closed, "old", ann)
    tags.tag(closed, "secret", ann)
    bob = person("Bob")
    assert tags.counted(bob) == {"old": 2, "wave": 1}
    wordbook.put(Shelf.TAG, "old", Word("Old one", "舊"), ann.actor)
    assert tags.rename("old", "Wave", bob) == "wave"
    assert tags.of_cases([one, two, closed]) == {one.id: ["wave"], two.id: ["wave"], closed.id: ["secret", "wave"]}
    assert wordbook.of(Shelf.TAG, "wave").name_zh_hant == "舊"
    assert numbers(parse("tag:舊"), bob, 10) == [two.number, one.number]
    assert kinds_of(bob.actor)[-1] == "desk.tag_renamed"
    tags.untag(two, "舊", ann)
    assert tags.tag(two, "舊", ann) == "wave"
    with pytest.raises(HandlingRefused, match="same_tag"):
        tags.rename("wave", "wave", ann)
    wordbook.put(Shelf.TAG, "wave", Word("Old one", "舊", retired=True), ann.actor)
    assert tags.in_use(bob) == []
    with pytest.raises(HandlingRefused, match="tag_retired"):
        tags.tag(two, "wave", ann)
    wordbook.put(Shelf.TAG, "other", Word("Other"), ann.actor)
    tags.rename("wave", "other", ann)
    assert wordbook.of(Shelf.TAG, "other").name_en == "Other"


def test_kept_searches_follow_a_tag_that_is_renamed(ann: User) -> None:
    case, bob = service.open_case([a_report()], ann, title="x", kind="phishing"), person("Bob")
    tags.tag(case, "old", ann)
    wordbook.put(Shelf.TAG, "old", Word("Storm", "風暴"), ann.actor)
    asked = {"own": "tag:OLD is:open", "twice": "tag:old tag:storm", "word": "tag:風暴", "other": "tag:older"}
    for name, query in asked.items():
        saved.save(name, query, Sort.NEWEST, bob, shared=name == "word")
    saved.save("no", "-tag:old", Sort.NEWEST, bob, shared=False).query += " nonsense:x"
    tags.rename("old", "Big wave", ann)
    kept = {row.name: row.query for row in saved.of(bob)}
    assert kept["own"] == 'tag:"big wave" is:open'
    assert kept["twice"] == 'tag:"big wave" tag:storm', "its words have gone over"
    assert (kept["word"], kept["other"], kept["no"]) == ("tag:風暴", "tag:older", "-tag:old nonsense:x")
    assert kinds_of(ann.actor)[-1] == "desk.tag_renamed"
    tags.tag(case, "new", ann)
    wordbook.put(Shelf.TAG, "new", Word("New", "新"), ann.actor)
    tags.rename("big wave", "new", ann)
    kept = {row.name: row.query for row in saved.of(bob)}
    assert (kept["own"], kept["twice"], kept["word"]) == ("tag:new is:open", "tag:new", "tag:new")
    counts = {row.name: count for row, count in saved.counts(bob)}
    assert counts == {"own": 1, "twice": 1, "word": 1, "other": 0, "no": None}
    told = next(each.data for each in of_subjects([ann.actor]) if each.kind == "desk.search_saved")
    assert (told["what"], told["before"]["query"], told["after"]["query"]) == ("word", "tag:風暴", "tag:new")


def test_reasons_of_refusal_are_our_own_ordered_and_retired(ann: User) -> None:
    wordbook.put(Shelf.REFUSAL, "own_far", Word("Too far", "太遠", 0), ann.actor)
    wordbook.put(Shelf.REFUSAL, "test", Word(retired=True), ann.actor)
    assert triage.refusals() == ["own_far", *(each for each in triage.REFUSALS if each != "test")]
    assert "test" in triage.refusals(retired=True)
    report = a_report()
    with pytest.raises(TriageRefused, match="unknown_reason"):
        service.refuse(report, "test", ann)
    service.refuse(report, "own_far", ann)
    assert report.closed_reason == "own_far"


def test_shared_searches_get_names_and_places(ann: User) -> None:
    first, second = (saved.save(name, "is:open", Sort.NEWEST, ann, shared=True) for name in ("A", "B"))
    bob = person("Bob")
    saved.manage(first, " A  list ", 7, bob)
    saved.manage(first, "A list", 7, bob)
    assert [each.name for each in saved.shared()] == ["B", "A list"]
    assert [each.name for each in saved.of(bob)] == ["B", "A list"]
    with pytest.raises(SearchRefused, match="name_missing"):
        saved.manage(first, " ", 1, bob)
    assert saved.find_shared(second.id) == second
    saved.remove_shared(second, bob)
    assert saved.find_shared(second.id) is None
    assert kinds_of(bob.actor)[-2:] == ["desk.search_managed", "desk.search_removed"]


def test_a_tag_with_words_is_merged_into_one_that_has_words_too(ann: User) -> None:
    wordbook.put(Shelf.TAG, "one", Word("First", "甲"), ann.actor)
    wordbook.put(Shelf.TAG, "two", Word("Second", "乙"), ann.actor)
    tags.rename("one", "two", ann)
    assert wordbook.of(Shelf.TAG, "two").name_en == "Second"
    assert "one" not in wordbook.entries(Shelf.TAG)
    case = service.open_case([], ann, title="x", kind="phishing")
    tags.tag(case, "乙", ann)
    tags.untag(case, "second", ann)
    tags.untag(case, "second", ann)
    tags.untag(case, "something else", ann)
    assert tags.of_cases([case]) == {}


def people(*rows: tuple[str, str, list[str]]) -> str:
    """A file of people."""
    return file(people=[{"address": address, "name": name, "roles": roles} for address, name, roles in rows])


def test_people_travel_with_their_roles_and_without_secrets(ann: User) -> None:
    root = person("Root", "admin")
    told = json.loads(exchange.export())["people"]
    assert told[0] == {
        "address": "ann@portal.example",
        "name": "Ann",
        "roles": ["analyst"],
    }
    text = people(
        ("Ann@portal.example", "Ann Lee", ["supervisor", "analyst"]), ("zoe@elsewhere.example", "Zoe", ["analyst"])
    )
    (change,) = exchange.read(text, root)
    assert (change.what, change.differs) == ("ann@portal.example", ["name", "roles"])
    assert exchange.left_out(text) == ["zoe@elsewhere.example"]
    assert exchange.take(exchange.read(text, root), root) == 1
    assert (ann.name, set(ann.roles)) == ("Ann Lee", {"analyst", "supervisor"})
    assert exchange.read(text, root) == []
    assert accounts.by_email("zoe@elsewhere.example") is None


def test_a_file_shuts_nobody_out(ann: User) -> None:
    root = person("Root", "admin")
    service.open_case([], ann, title="x", kind="phishing", restricted=True)
    for rows, place in (
        (("root@portal.example", "Root", ["auditor"]), "people"),
        (("ann@portal.example", "Ann", ["editor"]), "people"),
        (("ann@portal.example", "Ann", ["analyst", "member"]), "people 1"),
    ):
        with pytest.raises(ExchangeRefused) as refused:
            exchange.take(exchange.read(people(rows), root), root)
        assert refused.value.place == place


def test_a_file_takes_no_restricted_case_from_all_who_keep_it(ann: User) -> None:
    root, ben = person("Root", "admin"), person("Ben")
    case = service.open_case([], ann, title="x", kind="phishing", restricted=True)
    alone = service.open_case([], ann, title="y", kind="phishing", restricted=True)
    service.grant(case, ben, "helps", ann)
    for rows, told in (
        ([("ann@portal.example", "Ann", ["editor"])], "1"),
        ([("ann@portal.example", "Ann", ["editor"]), ("ben@portal.example", "Ben", ["editor"])], "2"),
    ):
        with pytest.raises(ExchangeRefused) as refused:
            exchange.read(people(*rows), root)
        assert (refused.value.place, refused.value.reason, refused.value.told) == ("people", "sole_keeper", told)
    service.unrestrict(alone, "known by now", ann)
    assert len(exchange.read(people(("ann@portal.example", "Ann", ["editor"])), root)) == 1
    assert len(exchange.read(people(("ben@portal.example", "Ben", ["editor"])), root)) == 1
    accounts.change(ben, name="Ben", roles=["editor"], active=True, actor=root.actor)
    assert len(exchange.read(people(("ben@portal.example", "Benny", ["editor"])), root)) == 1, "he read none before"
