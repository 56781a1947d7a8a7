"""Words of lists and of the search box, by code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from cert_portal.web.staff import letter_words, taking_words

Words = Mapping[Any, Any]

VIEWS: Words = {
    "triage": _l("Triage"),
    "answered": _l("New information"),
    "mine": _l("My cases"),
    "unassigned": _l("Unassigned"),
    "team": _l("All open"),
    "overdue": _l("Overdue"),
    "waiting": _l("Waiting"),
    "replied": _l("Answers"),
    "quarantined": _l("Quarantined"),
    "closed": _l("Closed"),
}
CAME_BACK = letter_words.CAME_BACK
LATER = letter_words.LATER
STOPPED = letter_words.STOPPED
UNREACHED = letter_words.UNREACHED
EMPTY: Words = {
    "triage": _l("No report waits for triage. New ones appear here, the first due at the top."),
    "answered": _l("Nothing was added to a report that is over."),
    "mine": _l("You own no open case. Take one from the unassigned cases."),
    "unassigned": _l("Every open case has an owner."),
    "team": _l("No case is open."),
    "waiting": _l("No case waits for somebody else."),
    "overdue": _l("No open case is late."),
    "replied": _l("Nobody has answered since we last wrote, called or noted."),
    "quarantined": _l("Nothing is in quarantine. Messages that cannot be read safely are kept here."),
    "closed": _l("No case has been closed yet."),
}
SORTS: Words = {
    "newest": _l("Newest first"),
    "oldest": _l("Oldest first"),
    "changed": _l("Last change first"),
    "level": _l("Highest level first"),
    "due": _l("Least time left first"),
}
ORIGINS = taking_words.ORIGINS
REPORT_COLUMNS: Words = {
    "report.answer": _l("First answer"),
    "report.kind": _l("Kind"),
    "report.who": _l("Who"),
    "report.channel": _l("How it came"),
    "report.origin": _l("Whose report"),
    "report.arrived": _l("Arrived"),
}
COLUMNS: Words = {
    "state": _l("State"),
    "due": _l("Time left"),
    "level": _l("Level"),
    "kind": _l("Kind"),
    "owner": _l("Owner"),
    "tags": _l("Tags"),
    "reports": _l("Reports"),
    "opened": _l("Opened"),
    "changed": _l("Last change"),
}
FOUND: Words = {
    "cases": _l("cases"),
    "reports": _l("reports"),
    "letters": _l("letters"),
    "referrals": _l("referrals"),
    "calls": _l("calls"),
    "findings": _l("findings"),
}
"""What a search looks for, in the middle of a sentence."""
SEARCH_HELP: Words = {
    "C26-48": _l("a number leads straight there, also without its check digit; so do those of reports and referrals"),
    "釣魚 bank -parcel": _l(
        "every word must occur, in any order, and none with a minus; two Chinese characters are enough"
    ),
    '"釣魚短訊 獨角鯨"': _l("words in quotes must stand in one place: the case itself, one report, one tag"),
    "kind:phishing level>=3": _l(
        "conditions; those of one name are alternatives, except tags, is, and limits with < or >"
    ),
    "level:undecided level:no_level": _l(
        "what nobody has judged yet, and what was found to have no level; level:none is either"
    ),
    "channel:電郵、電話": _l("、 parts the values of one condition"),
    'kind:"web defacement" 種類:勒索軟件': _l("a kind by its name in either language"),
    '狀態:處理中 state:"In handling"': _l("all such words in either language, as the pages show them"),
    "報告人:黃太 更新>2026-11-01": _l("conditions under their Chinese names, those of the columns"),
    "is:open -is:restricted": _l(
        "is: open, closed, overdue, waiting, answered, unassigned, mine, away, major, drill; a minus turns it round"
    ),
    'owner:me tag:"hong kong"': _l(
        "owner: me, none, a name or an address; quotes hold the words behind a colon together"
    ),
    "after:2026-05-01 before:2026-06-01": _l("when it was opened; also opened, updated, closed with < and >"),
    "ip:192.0.2.7 domain:bad[.]example asn:4760": _l(
        "what the reports name, defanged or not, a network too; also url, email, hash, cve, file, phone, wallet"
    ),
    "reporter:chan org:bank channel:email": _l("who reported, for which organisation, and how"),
}
KEYS = (
    ("j k", "[data-row]", _l("Next and previous row")),
    ("o", "[data-row]", _l("Open the row")),
    ("x", "[data-row] input", _l("Select the row")),
    ("s", "[data-row=case]", _l("Open the case: what next")),
    ("s", "[data-row=report]", _l("Open the report: what becomes of it")),
    ("r", "[data-row=case]", _l("Open the case: write to a reporter")),
    ("r", "[data-row=report]", _l("Open the report: write to a reporter")),
    ("m", "[data-row=case]", _l("Open the case: merge other cases into it")),
    ("m", "[data-row=report]", _l("Open the report: join it to a case")),
    ("l", "[data-row=case]", _l("Open the case: link it with another case")),
    ("l", "[data-row=report]", _l("Open the report: what shares something with it")),
    *((key, f"[data-key={key}]", "") for key in "asrmlvnt"),
    ("/", "#q", _l("Search")),
    ("Esc", "#q", _l("Leave the search box")),
    (
        "Ctrl-Enter",
        "main form :is(input:not([type=hidden]), textarea), form[data-main]",
        _l("Press the first button of the form that you are in"),
    ),
    ("?", "body", _l("Show these keys")),
)
"""A key, what must be on the page for it to do something there, and what it does; what it goes to may say it better."""
ACTS: Words = {
    "give": _l("Give to"),
    "tag": _l("Hang a tag on"),
    "untag": _l("Take a tag off"),
    "close": _l("Resolve and close"),
    "dismiss": _l("Close without handling"),
}
REPORT_ACTS: Words = {
    "open": _l("Open one case from all of them"),
    "attach": _l("Take into a case"),
    "refuse": _l("Refuse"),
}
ITSELF: Words = {
    "opened": _l("opened it as a restricted case"),
    "restricted": _l("restricted it"),
    "owner": _l("owns it"),
    "before": _l("owned it when it was opened or restricted"),
}
"""Why somebody is named on a restricted case whom nobody named."""
KEPT: Words = {
    "kept_closed": _l("It was closed since."),
    "kept_merged": _l("It was merged into another case since."),
    "kept_owner": _l("Somebody else has taken it or was given it since."),
    "kept_may_not_own": _l("Who had it before may not have it any more."),
    "kept_tag": _l("The tag was taken off or hung on by hand since."),
    "kept_decided": _l("It was decided anew since."),
}
"""Why an undo left something as it is."""
ENDS_REFUSED: Words = {
    "wrong_state": _l("The case is not in a state for that: resolve it first, or dismiss it before it is handled."),
    "in_work": _l("Its handling has begun: resolve and close it instead."),
    "not_handled": _l("Its handling has not begun: begin it, or close it without handling."),
    "release": _l("A member organisation waits for the release: confirm that first."),
    "no_level": _l("Its level is not decided: decide it first."),
    "letter_blanks": _l("The letter still has blanks for this case: fill them in or delete them."),
    "nobody_to_tell": _l("No reporter of it gave an address: say why nobody is told."),
    "worked_on": _l("The case was worked on since: take reports out on its page."),
    "merged": _l("It was merged into another case."),
    "spoken": _l("After you looked, somebody wrote to a reporter or a reporter told more: read that first."),
    "none_ends": _l("None of these cases can end like that. Below is why."),
}
OBSERVABLES: Words = {
    "url": _l("Web address"),
    "domain": _l("Domain"),
    "ip": _l("IP address"),
    "email": _l("E-mail address"),
    "hash": _l("Hash"),
    "cve": _l("CVE"),
    "asn": _l("AS number"),
    "mac": _l("MAC address"),
    "phone": _l("Telephone number"),
    "wallet": _l("Wallet"),
    "file": _l("File name"),
}
REFUSED_LIST: Words = {"no_value": _l("Choose at least one value")}
QUERY: Words = {
    "sign": _l("%(piece)s: write a colon here; < and > are for level, opened, updated and closed"),
    "date": _l("%(piece)s: write the day as 2026-05-01"),
    "year": _l("%(piece)s: choose a day between the years 1990 and 2200"),
    "cases_only": _l("%(piece)s: only cases have this, reports do not"),
    "too_long": _l("The search is too long"),
    "lone": _l("%(piece)s: Chinese words are left out by two characters or more"),
    "no_value": _l("Write what you look for right behind “%(piece)s”, as in kind:phishing"),
    "asn": _l("%(piece)s: write the number of one network, as in asn:4760"),
    "ip": _l("%(piece)s: write an address such as 192.0.2.7, or a network of at most 1,024 such as 192.0.2.0/24"),
    "owner": _l("%(piece)s: nobody is called that. Write a name or the beginning of an e-mail address, me or nobody"),
    "operator": _l(
        "%(piece)s is not needed: everything you write must hold, conditions of one name are alternatives "
        "(kind:phishing kind:malware), and - before a word or a condition excludes. In quotes it is looked for "
        "as a word."
    ),
}
