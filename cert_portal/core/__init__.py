"""Doors to the outside world: database, queue, mail, keys, files, clock. Knows nothing about CERT work."""
