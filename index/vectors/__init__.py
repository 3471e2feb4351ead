"""Vector engines: one a file, and the port they share."""
