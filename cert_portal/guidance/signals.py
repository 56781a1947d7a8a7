"""Words that people use when they tell of one kind of incident: what a suggestion to the desk rests on, no verdict."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

LEAST = 2
"""So many of the words of a kind must be there, and more than of any other."""
TICKED = 2
"""The kind that the reporter ticked counts as so many words of it."""
_LATIN = re.compile("[!-~]+")
_IS_ADDRESS = re.compile(r"://|\[\.\]|\[:\]|@")
_ADDRESS = re.compile(r"\b(?:[\w-]{1,63}\.){1,9}[a-z][\w-]{0,62}/[!-~]*|\bwww\.[!-~]+", re.IGNORECASE | re.ASCII)
"""Addresses: their words are chosen by attackers and machines, and tell nothing of what happened."""
SIGNALS: Mapping[str, tuple[str, ...]] = {
    "ransomware": ("ransom", "encrypted", "decrypt", "bitcoin", "勒索", "加密", "解密", "贖金", "比特幣"),
    "ceo_fraud": ("transfer", "invoice", "bank account", "payee", "urgent payment", "過數", "轉賬", "發票", "銀行戶口"),
    "phishing": ("bank", "card number", "password", "log in", "login", "銀行", "信用卡", "密碼", "登入", "釣魚"),
    "account_takeover": (
        "locked out",
        "my account",
        "hijacked",
        "recovery",
        "帳戶被盜",
        "戶口被盜",
        "盜用",
        "無法登入",
    ),
    "ddos": ("flood", "gbit", "requests per second", "botnet attack", "流量攻擊", "阻斷服務", "大量請求"),
    "defacement": ("defaced", "home page was changed", "hacked by", "網頁被改", "篡改", "塗改"),
    "data_leak": ("leaked", "personal data", "exposed database", "for sale", "外洩", "洩漏", "個人資料"),
    "malware": ("virus", "trojan", "infected", "antivirus", "病毒", "木馬", "中毒", "惡意程式"),
    "lost_device": ("lost laptop", "stolen", "lost phone", "lost usb", "遺失", "被偷", "失竊"),
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
    found = {kind: [word for word in told if _holds(plain, word)] for kind, told in SIGNALS.items()}
    for kind in _ASKS_MONEY:
        if money and found[kind]:
            found[kind].append(SUM)
    ranked = sorted(found.items(), key=lambda each: len(each[1]), reverse=True)
    first, second = ranked[0], ranked[1]
    weight = TICKED + len(found.get(ticked, ())) if ticked else 0
    if len(first[1]) < LEAST or len(first[1]) == len(second[1]) or (first[0] != ticked and len(first[1]) <= weight):
        return "", []
    return first


def _without_addresses(run: re.Match[str]) -> str:
    return " " if _IS_ADDRESS.search(run[0]) else _ADDRESS.sub(" ", run[0])


def _holds(plain: str, word: str) -> bool:
    return bool(re.search(rf"\b{re.escape(word)}\b", plain)) if word.isascii() else word in plain
