"""Advisories: draft in two languages, second reader, signature, publication, update, withdrawal."""
