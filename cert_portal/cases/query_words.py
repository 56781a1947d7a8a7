"""The words of both languages for the values of a query that are codes, as the product shows them: `state:處理中`."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, tuple[str, ...]]

IS: Words = {
    "answered": ("Answered", "已回覆"),
    "away": ("Away", "缺勤"),
    "closed": ("Closed", "已結案", "已結"),
    "drill": ("Exercise", "演習"),
    "major": ("Major", "重大"),
    "mine": ("My cases", "我的個案", "我的"),
    "open": ("Open", "未結", "未結案"),
    "overdue": ("Overdue", "逾期"),
    "quarantined": ("Quarantined", "已隔離", "隔離中"),
    "restricted": ("Restricted", "限閱"),
    "unassigned": ("Unassigned", "未有負責人"),
    "waiting": ("Waiting", "等候中"),
}
STATES: Words = {
    "new": ("New", "新個案"),
    "triaged": ("Triaged", "已分流"),
    "in_handling": ("In handling", "處理中"),
    "waiting": ("Waiting", "等候中"),
    "monitoring": ("Being watched", "觀察中"),
    "resolved": ("Resolved", "已解決"),
    "closed": ("Closed", "已結案"),
    "merged": ("Merged", "已合併"),
    "received": ("Received", "已收到"),
    "processing": ("Being read", "讀取中"),
    "quarantined": ("In quarantine", "隔離中"),
    "waiting_triage": ("Waits for triage", "待分流"),
    "attached": ("In a case", "已納入個案"),
    "referred_elsewhere": ("Referred elsewhere", "已轉介"),
    "refused": ("Refused", "不受理"),
}
CHANNELS: Words = {
    "web": ("Web form", "網上表格"),
    "email": ("E-mail", "電郵"),
    "telephone": ("Telephone", "電話"),
    "mobile": ("Mobile telephone", "流動電話"),
    "satellite": ("Satellite telephone", "衛星電話"),
    "fax": ("Fax", "傳真"),
    "sms": ("SMS", "短訊"),
    "letter": ("Letter", "信件"),
    "api": ("Interface", "程式介面"),
}
ORIGINS: Words = {
    "local": ("From Hong Kong", "來自香港"),
    "overseas": ("From outside Hong Kong", "來自香港以外"),
    "proactive": ("We found it ourselves", "由我們主動發現"),
}
YES_NO: Words = {"yes": ("Yes", "是"), "no": ("No", "否")}
LEVELS: Words = {
    **{each: (each, each) for each in "1234"},
    "undecided": ("Not decided", "未判定", "未定"),
    "no_level": ("No level", "不設級別"),
    "none": ("Without a level", "沒有級別", "無"),
}
"""`undecided`: nobody judged yet; `no_level`: it was decided that there is none; `none`: one or the other."""
OWNERS: Words = {"none": ("Nobody", "無人負責", "無人", "沒有"), "me": ("Me", "我")}
WORDS: Mapping[str, Words] = {
    "is": IS,
    "state": STATES,
    "channel": CHANNELS,
    "origin": ORIGINS,
    "drill": YES_NO,
    "level": LEVELS,
    "owner": OWNERS,
}
"""By the name of the condition: the codes, and what may stand for each; the first is English, the second Chinese."""


def code_of(name: str, told: str) -> str:
    """The code that a value stands for: itself or one of its words, in any capitals; whatever else as it was told."""
    wanted = " ".join(told.split()).casefold()
    for code, words in WORDS.get(name, {}).items():
        if wanted in (code, *(word.casefold() for word in words)):
            return code
    return told
