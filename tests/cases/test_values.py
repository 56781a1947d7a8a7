"""The values of a case: found, added, reviewed, and which other cases know them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from cert_portal.cases import enrichment, ignored, indicators, relations, reviewing, service, values
from cert_portal.cases.ignored import ValueRefused
from cert_portal.cases.merging import merge, unmerge
from cert_portal.cases.models import Case, Verdict
from cert_portal.cases.query import parse
from cert_portal.cases.queue import numbers
from cert_portal.cases.related import cases_sharing, how_many_share, shared_with
from cert_portal.cases.reviewing import Outcome
from cert_portal.cases.values import Standing, Value
from cert_portal.cases.visible import reports_of
from cert_portal.cases.workflow import today
from cert_portal.coordination.proposals import observables_of
from cert_portal.core import clock
from cert_portal.core.db import db
from cert_portal.directory.models import User
from cert_portal.intake.observables import digest, find
from cert_portal.intake.status import add
from cert_portal.intake.submission import Channel
from tests.cases.desk import a_report, kinds_of, last, person

pytestmark = pytest.mark.usefixtures("context")


def opened(ann: User, text: str = "192.0.2.7 and https://bad.example/x", **more: bool) -> Case:
    return service.open_case([a_report(text)], ann, title="A case", kind="phishing", **more)


def one(case: Case, user: User, value: str = "192.0.2.7") -> Value:
    return next(each for each in values.of_case(case, user) if each.value == value)


def met(case: Case, user: User) -> dict[str, list[str]]:
    """By value, the numbers of the other cases."""
    related = relations.of_values(case, values.of_case(case, user), user)
    keys = {each.key: each.value for each in values.of_case(case, user)}
    return {keys[key]: [other.number for other, _ in told] for key, told in relations.by_value(related).items()}


def test_each_value_stands_once_with_who_else_knows_it_and_a_hidden_case_is_met_nowhere(ann: User) -> None:
    words = "https://bad.example/its 192.0.2.7, run.exe, 192.168.1.1, CVE-2026-1234"
    case = service.open_case([a_report(words), a_report("again 192.0.2.7")], ann, title="A", kind="phishing")
    other, hidden = opened(ann, "192.0.2.7 and 192.168.1.1"), opened(ann, "192.0.2.7", restricted=True)
    assert (one(case, ann).reports, one(case, ann, "192.168.1.1").known) == (2, True)
    assert {each.kind for each in values.of_case(case, ann)} == {kind for kind, _ in find(words)}
    assert met(case, ann) == {"192.0.2.7": [hidden.number, other.number]}
    bob = person("Bob")
    assert met(case, bob) == {"192.0.2.7": [other.number]}
    assert values.of_case(hidden, bob) == []


def test_pasted_lines_say_what_became_of_each(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    case = opened(ann)
    ignored.ignore("cdn.example", "everybody's", None, ann)
    text = "hxxps://evil[.]example/a?b=1\n\n192.0.2[.]7\nnonsense here\n192.168.0.1\ncdn.example\nodd.zone\n10.1\n"
    text += "198.51.100.9, 198.51.100.9\n198.51.100.0/24\n2001:db8::/32\n198.51.100.9/32"
    text += "\n192.0.2.1-192.0.2.9\n192.0.2.1 – 9\no'hara@shop.example\n'eve@bad.example'\ncafe-bad.be"
    text += "\nexam\u200b-ple.example\nt.me/joinchat/abc\n２０３．０．１１３．９\ntest@例子.example"
    text += "\nｈｔｔｐ：／／ｆｕｌｌ．ｅｘａｍｐｌｅ／ａ\nCVE－2024－3094"
    told = [(each.number, each.kind, each.value, each.outcome) for each in reviewing.paste(case, text, ann)]
    assert told == [
        (1, "url", "https://evil.example/a?b=1", Outcome.TAKEN),
        (1, "domain", "evil.example", Outcome.TAKEN),
        (3, "ip", "192.0.2.7", Outcome.ALREADY),
        (4, "", "", Outcome.NOT_UNDERSTOOD),
        (5, "ip", "192.168.0.1", Outcome.ALLOW_LISTED),
        (6, "domain", "cdn.example", Outcome.ALLOW_LISTED),
        (7, "domain", "odd.zone", Outcome.TAKEN),
        (8, "", "", Outcome.NOT_UNDERSTOOD),
        (9, "ip", "198.51.100.9", Outcome.TAKEN),
        (10, "", "", Outcome.RANGE),
        (11, "", "", Outcome.RANGE),
        (12, "ip", "198.51.100.9", Outcome.ALREADY),
        (13, "", "", Outcome.RANGE),
        (14, "", "", Outcome.RANGE),
        (15, "email", "o'hara@shop.example", Outcome.TAKEN),
        (16, "email", "eve@bad.example", Outcome.TAKEN),
        (17, "domain", "cafe-bad.be", Outcome.TAKEN),
        (18, "domain", "exam-ple.example", Outcome.TAKEN),
        (19, "domain", "t.me", Outcome.IN_PART),
        (20, "ip", "203.0.113.9", Outcome.TAKEN),
        (21, "email", "test@xn--fsqu00a.example", Outcome.TAKEN),
        (22, "url", "http://full.example/a", Outcome.TAKEN),
        (22, "domain", "full.example", Outcome.TAKEN),
        (23, "cve", "CVE-2024-3094", Outcome.TAKEN),
    ]
    assert last(case.number).data["values"][0] == f"url.{digest('https://evil.example/a?b=1')}"
    added = one(case, ann, "odd.zone")
    assert (added.reports, added.added_by, added.standing) == (0, ann.id, Standing.NEW)
    assert numbers(parse("domain:odd[.]zone"), ann, 10) == [case.number]
    assert ("domain", "odd.zone") in observables_of(case, ann)
    events = kinds_of(case.number)
    assert {each.outcome for each in reviewing.paste(case, "odd.zone", ann)} == {Outcome.ALREADY}
    assert kinds_of(case.number) == events
    monkeypatch.setattr(reviewing, "MOST_ADDED", 30)
    many = "\n".join(f"h{n}.example" for n in range(30))
    for wrong, reason in (("  \n", "empty"), ("x\n" * 5001, "too_many"), (many, "full")):
        with pytest.raises(ValueRefused, match=reason):
            reviewing.paste(case, wrong, ann)


@pytest.mark.parametrize(
    ("told", "value", "outcome"),
    [
        ("https://odd.example/%00?x=<script>alert", "https://odd.example/%00?x=", Outcome.IN_PART),
        ("https://user:pass@odd.example/a", "https://odd.example/a", Outcome.IN_PART),
        ("203.0.113.5:8080", "203.0.113.5", Outcome.IN_PART),
        ("user:pass@203.0.113.5", "203.0.113.5", Outcome.IN_PART),
        ("[2001:db8::5]:443", "2001:db8::5", Outcome.IN_PART),
        ("odd.example:8443", "odd.example", Outcome.IN_PART),
        ("odd.example?a=b", "odd.example", Outcome.IN_PART),
        ("2001:db8::5", "2001:db8::5", Outcome.TAKEN),
        ("<https://odd.example/a>", "https://odd.example/a", Outcome.TAKEN),
        ("https://odd.example:8443/a#b", "https://odd.example:8443/a#b", Outcome.TAKEN),
        ("https://odd.example/a|https://odd.example/b", "https://odd.example/a", Outcome.TAKEN),
        ("odd.example/", "odd.example", Outcome.TAKEN),
        ("odd。example", "odd.example", Outcome.TAKEN),
        ("203。0｡113。5", "203.0.113.5", Outcome.TAKEN),
        ("https://odd。example/a", "https://odd.example/a", Outcome.TAKEN),
        ("釣魚。請封鎖", "", Outcome.NOT_UNDERSTOOD),
    ],
)
def test_what_is_taken_in_part_says_so(ann: User, told: str, value: str, outcome: Outcome) -> None:
    case = opened(ann, "nothing")
    done = reviewing.paste(case, told, ann)
    assert (done[0].value, done[0].outcome) == (value, outcome)
    again = {Outcome.TAKEN: Outcome.ALREADY, Outcome.IN_PART: Outcome.ALREADY_IN_PART}
    assert reviewing.paste(case, told, ann)[0].outcome == again.get(outcome, outcome)


def test_a_person_confirms_or_rejects_and_what_is_rejected_is_met_nowhere(ann: User) -> None:
    case, other = opened(ann), opened(ann)
    reviewing.judge(other, [one(other, ann)], Verdict.CONFIRMED, ann)
    assert one(other, ann).judged_by == ann.id
    related = relations.of_values(case, values.of_case(case, ann), ann)
    assert (related[0].case, related[0].confirmed, related[0].by_reports, related[0].by_hand) == (other, 1, True, False)
    assert cases_sharing(case, ann)[0][1] == ["192[.]0[.]2[.]7", "bad[.]example", "hxxps://bad[.]example/x"]
    assert reviewing.judge(case, [one(case, ann)], Verdict.REJECTED, ann) == 1
    assert reviewing.judge(case, [one(case, ann)], Verdict.REJECTED, ann) == 0
    assert "192.0.2.7" not in met(case, ann)
    assert "192.0.2.7" not in met(other, ann)
    assert ("ip", "192.0.2.7") not in observables_of(case, ann)
    assert one(case, ann).standing is Standing.REJECTED
    reviewing.judge(case, [one(case, ann)], Verdict.NEW, ann)
    assert met(other, ann)["192.0.2.7"] == [case.number]
    history = reviewing.history_of(case, one(case, ann).key)
    assert [each.data["verdict"] for each in history] == ["rejected", "new"]
    with pytest.raises(ValueRefused, match="no_value"):
        reviewing.judge(case, [], Verdict.NEW, ann)


def test_what_one_case_ignores_is_not_compared_with_another(ann: User) -> None:
    case, other = opened(ann, "192.0.2.7"), opened(ann, "192.0.2.7")
    with pytest.raises(ValueRefused, match="reason_missing"):
        reviewing.ignore(case, [one(case, ann)], " ", ann)
    reviewing.ignore(case, [one(case, ann)], "a proxy", ann)
    assert (one(case, ann).standing, last(case.number).text) == (Standing.QUIET, "a proxy")
    assert met(case, ann) == met(other, ann) == {}
    reviewing.heed(case, [one(case, ann)], ann)
    assert met(other, ann) == {"192.0.2.7": [case.number]}


def test_reports_are_not_compared_by_what_a_person_silenced(ann: User) -> None:
    first, second = a_report("look 192.0.2.7"), a_report("see 192.0.2.7 please", email="b@other.example")
    case = service.open_case([first], ann, title="A", kind="phishing")
    assert [each.values for each in shared_with(second, ann)] == [["192[.]0[.]2[.]7"]]
    assert how_many_share([second], ann) == {second.id: 1}
    reviewing.judge(case, [one(case, ann)], Verdict.REJECTED, ann)
    assert [each.values for each in shared_with(second, ann)] == []
    assert how_many_share([second], ann) == {}
    reviewing.judge(case, [one(case, ann)], Verdict.NEW, ann)
    row = ignored.ignore("192[.]0.2.7", "a proxy", today(), ann)[0]
    assert shared_with(second, ann) == []
    with clock.turned_to(clock.now() + timedelta(days=1)):
        assert shared_with(second, ann) != []
        assert not ignored.holds(row)


def test_a_network_is_no_value_to_ignore(ann: User) -> None:
    for told in ("0.0.0.0/0", "192.0.2.0/24 and 192.0.2.7"):
        with pytest.raises(ValueRefused, match="empty"):
            ignored.ignore(told, "ours", None, ann)


def test_no_more_is_ignored_than_was_typed(ann: User) -> None:
    for told in (
        "192.0.2.7:8080",
        "https://a:b@evil.com/x",
        "evil.com/path",
        "192.0.2.7 evil[.]com/path",
        "ｅｖｉｌ.com/path",
    ):
        with pytest.raises(ValueRefused, match="loses_part"):
            ignored.ignore(told, "ours", None, ann)
    told = "https://evil.com/a?b=c http://192.0.2.7/x good.example https://good.example/ worse.example/ +852 2345 6789"
    assert sorted((row.kind, row.value) for row in ignored.ignore(told, "ours", None, ann)) == [
        ("domain", "good.example"),
        ("domain", "worse.example"),
        ("phone", "+85223456789"),
        ("url", "http://192.0.2.7/x"),
        ("url", "https://evil.com/a?b=c"),
        ("url", "https://good.example/"),
    ]


def test_a_value_that_is_ignored_everywhere_has_a_reason_and_an_end(ann: User) -> None:
    case, other = opened(ann, "192.0.2.7"), opened(ann, "192.0.2.7")
    row = ignored.ignore("192.0.2.7", "a proxy", None, ann)[0]
    assert (one(case, ann).everywhere, met(case, ann), met(other, ann)) == (True, {}, {})
    again = ignored.ignore("192.0.2.7", "a proxy of ours", today() + timedelta(days=9), ann)[0]
    assert [ignored.holds(each) for each in (row, again)] == [False, True]
    assert ignored.listed() == [again, row]
    ignored.heed(again.id, ann)
    ignored.heed(again.id, ann)
    assert kinds_of(f"ignored:{again.id}") == ["value.ignored", "value.heeded"]
    assert met(case, ann) == {"192.0.2.7": [other.number]}
    for told, reason, until, why in (
        ("nothing", "x", None, "empty"),
        ("192.0.2.7", " ", None, "reason_missing"),
        ("192.0.2.7", "x", today() - timedelta(days=1), "past"),
    ):
        with pytest.raises(ValueRefused, match=why):
            ignored.ignore(told, reason, until, ann)


def test_a_value_goes_out_of_date_by_itself_and_by_a_day_that_was_set(ann: User) -> None:
    case, other = opened(ann, "192.0.2.7 CVE-2026-1234"), opened(ann, "CVE-2026-1234")
    reviewing.paste(other, "192.0.2.7", ann)
    assert met(case, ann)["192.0.2.7"] == [other.number]
    with clock.turned_to(clock.now() + timedelta(days=91)):
        assert one(case, ann).is_expired
        assert met(case, ann) == {"CVE-2026-1234": [other.number]}
        assert met(other, ann) == {"CVE-2026-1234": [case.number]}
        reviewing.hold_until(case, [one(case, ann)], today(), ann)
        assert "192.0.2.7" not in met(case, ann)
        reviewing.hold_until(other, [one(other, ann)], today(), ann)
        assert met(case, ann)["192.0.2.7"] == [other.number]
        assert met(other, ann)["192.0.2.7"] == [case.number]
        reviewing.hold_until(case, [one(case, ann)], None, ann)
        assert "192.0.2.7" not in met(other, ann)
    reviewing.hold_until(other, [one(other, ann)], today() - timedelta(days=1), ann)
    assert "192.0.2.7" not in met(case, ann)
    assert not indicators.may_leave(one(other, ann))
    assert one(case, ann, "CVE-2026-1234").expires_on is None


def test_what_was_said_goes_along_when_a_case_is_merged_and_comes_back(ann: User) -> None:
    case, into = opened(ann, "192.0.2.7 192.0.2.8"), opened(ann, "192.0.2.8")
    for each, verdict in ((case, Verdict.REJECTED), (into, Verdict.CONFIRMED)):
        reviewing.judge(each, [one(each, ann, "192.0.2.8")], verdict, ann)
    reviewing.ignore(case, [one(case, ann)], "a proxy", ann)
    merge(into, [case.number], ann)
    assert (one(into, ann).ignored, one(into, ann, "192.0.2.8").verdict) == ("a proxy", Verdict.CONFIRMED)
    unmerge(case, ann)
    assert (one(case, ann).ignored, one(case, ann, "192.0.2.8").verdict) == ("a proxy", Verdict.REJECTED)
    assert {each.value for each in values.of_case(into, ann)} == {"192.0.2.8"}


def test_two_thousand_values_are_read_with_a_bounded_number_of_queries(ann: User) -> None:
    case, other = opened(ann, "nothing"), opened(ann, "nothing")
    many = "\n".join(f"198.51.{number // 250}.{number % 250 + 1}" for number in range(2000))
    for each in (case, other):
        reviewing.paste(each, many, ann)
    asked: list[str] = []

    def note(*told: object) -> None:
        asked.append(str(told[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        related = relations.of_values(case, values.of_case(case, ann), ann)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(related[0].values) == 2000
    assert len(asked) <= 15


def test_what_others_know_is_looked_up_without_asking_anybody(ann: User) -> None:
    case = opened(ann, "192.0.2.7 d41d8cd98f00b204e9800998ecf8427e")
    assert enrichment.of_value(one(case, ann, "d41d8cd98f00b204e9800998ecf8427e"), ann).answer is None
    found = enrichment.of_value(one(case, ann), ann)
    assert found.answer
    assert (found.registrar, found.said, found.can_ask) == (None, None, True)


def test_what_a_reporter_names_later_is_as_old_as_that_message(ann: User) -> None:
    case = opened(ann)
    (report,) = reports_of(case, ann)
    with clock.turned_to(clock.now() + timedelta(days=120)):
        assert (one(case, ann).expires_on or today()) < today()
        add(report, Channel.EMAIL, "It is 198.51.100.222 now", [])
        new = one(case, ann, "198.51.100.222")
        assert new.expires_on == today() + timedelta(days=90)
        other = opened(ann, "Beaten by 198.51.100.222")
        assert met(other, ann) == {"198.51.100.222": [case.number]}
        add(report, Channel.EMAIL, "192.0.2.7 is back", [])
        assert one(case, ann).expires_on == today() + timedelta(days=90), "named again"
