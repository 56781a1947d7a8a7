"""The two languages of the portal, as data; the faces translate, the stages only pass a language on."""

from __future__ import annotations

import re
from enum import StrEnum


class Language(StrEnum):
    """A language of the portal; the value is its address prefix."""

    EN = "en"
    ZH_HANT = "zh-hant"

    @property
    def locale(self) -> str:
        """The gettext locale."""
        return "zh_Hant" if self is Language.ZH_HANT else "en"

    @property
    def tag(self) -> str:
        """The BCP 47 tag, as `lang` in HTML and mail headers want it."""
        return "zh-Hant-HK" if self is Language.ZH_HANT else "en"

    @property
    def other(self) -> Language:
        """The language that the switch leads to."""
        return Language.EN if self is Language.ZH_HANT else Language.ZH_HANT


_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_LETTER = re.compile(r"[A-Za-z]")


def language_of(text: str) -> Language:
    """Guess which of our two languages a person wrote in: Chinese as soon as Han characters carry a fair share.

    One Han character says about as much as three Latin letters, so a Chinese note full of addresses stays Chinese.
    """
    sample = text[:20000]
    han = len(_HAN.findall(sample))
    return Language.ZH_HANT if han and han * 3 >= len(_LETTER.findall(sample)) * 0.25 else Language.EN
