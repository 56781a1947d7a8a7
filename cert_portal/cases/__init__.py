"""Triage and handling: reports become cases, cases have a life, a level, an owner and people who may see them."""
