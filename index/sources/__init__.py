"""From bytes to Readings: one format, one file, one line of the table in `formats`."""
