"""What the governance stage writes into the record. The subject is the year, like annual:2026."""

from cert_portal.core.events import declare

WRITTEN = declare("report.annual_written", "Words of an annual report were changed", "chapter", "languages")
COMMENTED = declare("report.annual_commented", "Somebody commented on a chapter of an annual report", "chapter")
PUBLISHED = declare("report.annual_published", "An annual report was frozen and published", "cutoff", "digest")
