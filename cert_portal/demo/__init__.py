"""The demonstration: fixed staff accounts and a year that shows every screen at work. Never in production."""

from cert_portal.demo.agencies import load_members
from cert_portal.demo.duty import load_roster
from cert_portal.demo.people import REPORTS, USERS, DemoUser, is_empty, load_directory, load_reports, load_users
from cert_portal.demo.year import CASES, SEED, SMALL, load_year

__all__ = [
    "CASES",
    "REPORTS",
    "SEED",
    "SMALL",
    "USERS",
    "DemoUser",
    "is_empty",
    "load_directory",
    "load_members",
    "load_reports",
    "load_roster",
    "load_users",
    "load_year",
]
