"""Numbers as they are read out on the telephone: letter, digits one by one, the check digit named as such."""

from __future__ import annotations

from cert_portal.core.i18n import Language

_DIGITS = {
    Language.EN: ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    Language.ZH_HANT: tuple("零一二三四五六七八九"),
}
_CHECK = {Language.EN: "check digit", Language.ZH_HANT: "檢查碼"}
_PAUSE = {Language.EN: ", ", Language.ZH_HANT: "，"}


def read_out(number: str, language: Language) -> str:
    """How a number such as R26-000417-0 is said: in groups, and last the digit by which a mistake is noticed."""
    head, serial, check = number.split("-")
    gap = " " if language is Language.EN else "\u3000"
    groups = [gap.join(_say(c, language) for c in group) for group in (head, serial[:3], serial[3:])]
    return _PAUSE[language].join([*groups, f"{_CHECK[language]}{gap}{_say(check, language)}"])


def _say(character: str, language: Language) -> str:
    return _DIGITS[language][int(character)] if character.isdigit() else character
