"""Referrals: whom a case was passed to, with what, what they answered and what came of it."""
