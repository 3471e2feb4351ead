"""Haystack as its documentation sets it up."""
