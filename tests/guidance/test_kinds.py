"""The list of kinds is whole, and each mapping names something that exists."""

from pathlib import Path

import pytest

from cert_portal.core.i18n import Language
from cert_portal.guidance.advice import who_to_tell
from cert_portal.guidance.kinds import Category, EventClass, Kind, Origin, UnknownKind, by_code, load

CODES = [
    "phishing",
    "malware",
    "ransomware",
    "botnet",
    "ddos",
    "intrusion",
    "defacement",
    "data_leak",
    "ceo_fraud",
    "account_takeover",
    "lost_device",
    "spam",
    "equipment",
    "disaster",
    "other",
    "not_sure",
]

RSIT = {
    "abusive-content": "spam harmful-speech violence",
    "malicious-code": "infected-system c2-server malware-distribution malware-configuration",
    "information-gathering": "scanner sniffing social-engineering",
    "intrusion-attempts": "ids-alert brute-force exploit",
    "intrusions": (
        "privileged-account-compromise unprivileged-account-compromise application-compromise "
        "system-compromise burglary"
    ),
    "availability": "dos ddos misconfiguration sabotage outage",
    "information-content-security": (
        "unauthorised-information-access unauthorised-information-modification data-loss data-leak"
    ),
    "fraud": "unauthorised-use-of-resources copyright masquerade phishing",
    "vulnerable": "weak-crypto ddos-amplifier potentially-unwanted-accessible information-disclosure vulnerable-system",
    "other": "other undetermined",
    "test": "test",
}
RSIT_STRINGS = {f"{group}/{each}" for group, types in RSIT.items() for each in types.split()}

ROW = """
[[kind]]
code = "flood"
name.en = "Flood"
name.zh-hant = "水浸"
hint.en = "Water"
hint.zh-hant = "水"
category_000 = "{category}"
class_003 = 6
origin_004 = "disaster"
rsit = []
trackable = false
tell = []
"""


def test_kinds_stand_in_the_order_in_which_people_are_asked() -> None:
    assert [kind.code for kind in load()] == CODES


def test_the_taxonomy_of_the_test_has_all_39_types() -> None:
    assert len(RSIT) == 11
    assert len(RSIT_STRINGS) == 39


@pytest.mark.parametrize("kind", load(), ids=CODES)
def test_every_kind_maps_to_a_type_and_bodies_that_exist(kind: Kind) -> None:
    assert kind.rsit
    assert set(kind.rsit) <= RSIT_STRINGS
    assert len(who_to_tell(kind.tell, Language.EN)) == len(kind.tell) > 0


@pytest.mark.parametrize("language", Language)
def test_every_kind_has_its_own_name_and_hint(language: Language) -> None:
    assert len({kind.names[language] for kind in load()}) == len(CODES)
    assert len({kind.hint(language) for kind in load()}) == len(CODES)
    assert all(kind.names[language] and kind.hint(language) for kind in load())


@pytest.mark.parametrize("axis", [Category, EventClass, Origin])
def test_every_value_of_each_axis_is_reached(axis: type[Category] | type[EventClass] | type[Origin]) -> None:
    reached = {value for kind in load() for value in (kind.category_000, kind.class_003, kind.origin_004)}
    assert set(axis) <= reached


def test_only_what_fits_no_class_is_other() -> None:
    assert [kind.code for kind in load() if kind.class_003 is EventClass.OTHER] == ["other", "not_sure"]


def test_kinds_whose_cure_can_be_watched() -> None:
    assert {kind.code for kind in load() if kind.trackable} == {"phishing", "malware", "defacement"}


def test_a_kind_is_found_by_its_code() -> None:
    assert by_code("phishing").names[Language.ZH_HANT] == "網絡釣魚"
    assert by_code("not_sure").rsit == ("other/undetermined",)


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(UnknownKind, match=r"../secrets"):
        by_code("../secrets")


def test_a_deployment_may_have_its_own_list(tmp_path: Path) -> None:
    (tmp_path / "kinds.toml").write_text(ROW.format(category="other"), encoding="utf-8")
    assert [kind.names[Language.ZH_HANT] for kind in load(tmp_path)] == ["水浸"]


def test_a_wrong_mapping_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "kinds.toml").write_text(ROW.format(category="storm"), encoding="utf-8")
    with pytest.raises(ValueError, match="storm"):
        load(tmp_path)
