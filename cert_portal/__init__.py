"""The desk of a national CERT coordination centre: from a report to the annual figures, in one record."""
