"""Mail in and out: spool, reading, letters, sealing, outbox, transport."""
