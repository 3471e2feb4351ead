"""Hypothesis as the suite runs it: the same examples every time, no deadline on a busy machine."""

from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("suite")
