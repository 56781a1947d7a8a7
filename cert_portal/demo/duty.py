"""The duty roster of the demonstration: two weeks of shifts from yesterday on, and somebody who is away."""

from __future__ import annotations

from datetime import time, timedelta

from cert_portal.cases import roster
from cert_portal.cases.workflow import today
from cert_portal.directory import accounts

DAYS = 14
SHIFTS = (
    ("analyst@portal.example", time(9), time(17)),
    ("second@portal.example", time(13), time(22)),
    ("supervisor@portal.example", time(22), time(9)),
)
AWAY, FROM, FOR = "second@portal.example", 9, 3
"""Who is away, in how many days that begins, and for how many days."""


def load_roster() -> None:
    """Put the fixed accounts on duty, so that at every hour somebody is. Twice adds nothing but another absence."""
    people = {user.email: user for user in accounts.everybody()}
    keeper = people["supervisor@portal.example"]
    for email, begins, ends in SHIFTS:
        roster.plan(people[email], today() - timedelta(days=1), begins, ends, DAYS, keeper)
    first = today() + timedelta(days=FROM)
    roster.add_absence(people[AWAY], first, first + timedelta(days=FOR - 1), people[AWAY])
