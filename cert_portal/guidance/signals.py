"""Words that people use when they tell of one kind of incident: what a suggestion to the desk rests on, no verdict."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

LEAST = 2
"""So many of the words of a kind must be there, and more than of any other."""
NAMING = 2
"""A word that names the kind counts as so many: it is enough by itself."""
TICKED = 2
"""The kind that the reporter ticked counts as so many words of it."""
_LATIN = re.compile("[!-~]+")
_IS_ADDRESS = re.compile(r"://|\[\.\]|\[:\]|@")
_ADDRESS = re.compile(r"\b(?:[\w-]{1,63}\.){1,9}[a-z][\w-]{0,62}/[!-~]*|\bwww\.[!-~]+", re.IGNORECASE | re.ASCII)
"""Addresses: their words are chosen by attackers and machines, and tell nothing of what happened."""
NAMES: Mapping[str, tuple[str, ...]] = {
    "phishing": ("phishing", "phish", "smishing", "釣魚"),
    "malware": ("malware", "惡意軟件", "惡意程式"),
    "ransomware": ("ransomware", "勒索軟件", "勒索病毒"),
    "botnet": ("botnet", "botnets", "command and control", "c2 server", "殭屍網絡", "殭屍電腦", "僵屍網絡"),
    "ddos": ("ddos", "denial of service", "denial-of-service", "阻斷服務"),
    "intrusion": (
        *("intrusion", "webshell", "web shell", "backdoor", "website was hacked", "server was hacked"),
        *("unauthorised access", "unauthorized access", "被入侵", "網絡入侵", "系統入侵", "後門程式"),
    ),
    "defacement": ("defaced", "defacement", "網頁被改", "網站被改", "篡改", "竄改", "塗改"),
    "data_leak": ("data breach", "data leak", "data leakage", "資料外洩", "資料洩漏", "資料泄露", "資料泄漏"),
    "ceo_fraud": ("ceo fraud", "business email compromise", "business e-mail compromise", "ceo 詐騙", "付款騙案"),
    "account_takeover": (
        *("account takeover", "account was hacked", "account has been hacked", "account was hijacked"),
        *("帳戶被盜", "戶口被盜", "帳號被盜", "賬戶被盜"),
    ),
    "lost_device": (
        *("lost laptop", "lost phone", "lost usb", "stolen laptop", "stolen phone"),
        *("遺失手機", "遺失電腦", "遺失手提電腦", "手機被偷", "電腦被偷", "電腦失竊"),
    ),
    "spam": (
        *("spam mail", "spam mails", "spam email", "spam emails", "spam e-mail", "spam e-mails", "spam messages"),
        *("spam calls", "spamming", "垃圾郵件", "垃圾電郵", "垃圾短訊"),
    ),
}
"""Plain names of a kind; of spam not the word alone, as a folder of every mailbox is called so."""
SIGNALS: Mapping[str, tuple[str, ...]] = {
    "ransomware": ("ransom", "encrypted", "decrypt", "bitcoin", "勒索", "加密", "解密", "贖金", "比特幣"),
    "ceo_fraud": ("transfer", "invoice", "bank account", "payee", "urgent payment", "過數", "轉賬", "發票", "銀行戶口"),
    "phishing": ("bank", "card number", "password", "log in", "login", "銀行", "信用卡", "密碼", "登入"),
    "account_takeover": (
        "locked out",
        "my account",
        "hijacked",
        "recovery",
        "盜用",
        "無法登入",
    ),
    "ddos": ("flood", "gbit", "requests per second", "botnet attack", "流量攻擊", "大量請求"),
    "defacement": ("home page was changed", "hacked by"),
    "data_leak": ("leaked", "personal data", "exposed database", "for sale", "外洩", "洩漏", "個人資料"),
    "malware": ("virus", "trojan", "infected", "antivirus", "病毒", "木馬", "中毒"),
    "lost_device": ("stolen", "遺失", "被偷", "失竊"),
}
SUM = "sum"
"""Stands for a sum of money among the words that were found; it counts for the kinds that ask for money."""
_ASKS_MONEY = ("ransomware", "ceo_fraud", "phishing")
_MONEY = re.compile(
    r"(?:HK\$|US\$|HKD|USD|RMB|BTC|港幣|美元|[$€£¥])\s?\d|\d[\d,.]{0,20}\s?(?:萬元|元|港幣|HKD|USD|BTC)", re.I
)


def named(words: str, ticked: str = "") -> tuple[str, list[str]]:
    """The kind that most of the words speak for, and these words; nothing where none has enough, two have as many, or
    what the reporter `ticked` weighs as much.
    """
    said = _LATIN.sub(_without_addresses, unicodedata.normalize("NFKC", words))
    plain, money = said.casefold(), bool(_MONEY.search(said))
    words_of = {kind: (*NAMES.get(kind, ()), *SIGNALS.get(kind, ())) for kind in {**NAMES, **SIGNALS}}
    found = {kind: _longest([word for word in told if _holds(plain, word)]) for kind, told in words_of.items()}
    for kind in _ASKS_MONEY:
        if money and found[kind]:
            found[kind].append(SUM)
    weights = {kind: _weight(kind, told) for kind, told in found.items()}
    first, second = sorted(weights, key=lambda kind: weights[kind], reverse=True)[:2]
    against = TICKED + weights.get(ticked, 0) if ticked and first != ticked else 0
    if weights[first] < LEAST or weights[first] <= max(weights[second], against):
        return "", []
    return first, found[first]


def _weight(kind: str, words: list[str]) -> int:
    return sum(NAMING if word in NAMES.get(kind, ()) else 1 for word in words)


def _longest(words: list[str]) -> list[str]:
    """Without those that stand in another of them."""
    return [word for word in words if not any(_holds(other, word) for other in words if other != word)]


def _without_addresses(run: re.Match[str]) -> str:
    return " " if _IS_ADDRESS.search(run[0]) else _ADDRESS.sub(" ", run[0])


def _holds(plain: str, word: str) -> bool:
    return bool(re.search(rf"\b{re.escape(word)}\b", plain)) if word.isascii() else word in plain
