"""Domain names in Chinese characters that stand in a text without a scheme: 例如.香港, 中文.tw, 例子.公司.hk.

Chinese has no blanks between words, and a full stop is not always 。: a name is believed only when it ends in a domain
that takes such names, ends there (no further character), and is not as long as a sentence. What leads up to it
(網址是…) is cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cert_portal.core.text import defang

_HAN = "\u3005\u3007\u3400-\u9fff\U00020000-\U0003ffff"
_HAN_TOPS = (
    "中国|中國|香港|澳門|澳门|新加坡|台灣|台湾|臺灣|佛山|慈善|集团|在线|点看|八卦|公益|公司|香格里拉|网站|移动"
    "|我爱你|联通|时尚|微博|淡马锡|商标|商店|商城|新闻|家電|中文网|中信|娱乐|谷歌|電訊盈科|购物|通販|网店|餐厅"
    "|网络|亚马逊|食品|飞利浦|手机|政府|机构|组织机构|健康|招聘|大拿|世界|書籍|网址|天主教|游戏|企业|信息"
    "|嘉里大酒店|嘉里|广东|政务"
)
"""Of the root zone, as the Public Suffix List names them."""
_OTHER_TOPS = (
    "com|net|org|biz|info|hk|cn|tw|mo|sg|my|jp|asia|cc|tv|top|xyz|shop|club|vip|site|online|store|example|test"
)
"""Others under which names in Chinese are sold; not those that are English words (in, me, no)."""
_SHARED = re.compile("公司|[教敎]育|政府|[個个箇]人|[網网][絡络路]|[組组][織织]|商業")
"""Second labels under hk, 香港, cn and tw that are nobody's name."""
_NAME = re.compile(
    rf"(?:(?<![\w@/.-])(?=[{_HAN}])|(?<![A-Za-z0-9_@/.-])(?=[a-z0-9]))"
    rf"((?:(?:[{_HAN}][{_HAN}\d-]{{0,62}}+|[a-z0-9][a-z0-9-]{{0,62}}+)\.){{1,6}})"
    rf"({_HAN_TOPS}|{_OTHER_TOPS})(?![\w@-]|\.\w)"
)
_MAIL = re.compile(
    r"(?<![A-Za-z0-9_.+-])([a-z0-9_.+-][a-z0-9_.+'-]{0,63})@"
    rf"((?:[\w-]{{1,63}}\.){{1,6}}(?:{_HAN_TOPS}|[a-z][a-z0-9-]{{1,62}}))(?![A-Za-z0-9@-]|\.\w)",
    re.IGNORECASE,
)
_LEADS_UP = re.compile(
    ".*(?:網址|网址|網站|网站|域名|網域|連結|鏈接|链接|網頁|登入|瀏覽|打開|點擊|訪問|前往|進入)(?:就是|是|為|係|叫|到|去|咗|了)?(?=.)"
)
_LONGEST = 12
_SHORTEST = 4
"""Letters of a Latin name straight before a Chinese ending: what is shorter is mostly an abbreviation or a bullet."""


def find(plain: str) -> Iterator[str]:
    """The names as they are written, in the order of the text."""
    for match in _NAME.finditer(plain):
        yield from [name for name in [_read(match)] if name]


def mails(plain: str) -> Iterator[tuple[str, str]]:
    """What stands before and behind the @ of addresses at such a name, and at others that are not ASCII."""
    return ((match[1], match[2]) for match in _MAIL.finditer(plain) if not match[2].isascii())


def defanged(words: str) -> str:
    """The text with its names so that nobody can click them."""
    return _NAME.sub(lambda each: defang(each[0]) if _read(each) else each[0], words)


def _read(match: re.Match[str]) -> str:
    """The name without what leads up to it; "" when it is none."""
    labels = match[1].rstrip(".").split(".")
    before = _LEADS_UP.match(labels[0])
    labels[0] = labels[0][before.end() :] if before else labels[0]
    return ".".join([*labels, match[2]]) if _is_one(labels, match[2]) else ""


def _is_one(labels: list[str], top: str) -> bool:
    if len(labels[0]) > _LONGEST and not labels[0].isascii():
        return False
    if all(label.isascii() for label in labels):
        return not top.isascii() and len(labels[-1]) >= _SHORTEST and not labels[-1].isdigit()
    return len(labels) > 1 or not _SHARED.fullmatch(labels[0])
