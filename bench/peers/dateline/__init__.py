"""Dateline as it is shipped."""
