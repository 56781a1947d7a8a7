"""Background jobs, one file per stage. A job is a few lines: open a row, call a verb, let the decorator commit."""
