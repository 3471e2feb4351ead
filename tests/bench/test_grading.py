"""The measure of grading, which is small enough to be run whole."""

from rich.console import Console

from bench import grading


def test_measure_when_run_then_a_line_for_each_round_and_one_for_all() -> None:
    results = grading.measure()
    assert next(iter(results)) == "working"
    assert list(results)[-1] == "all"
    every = results["all"]["material found"]
    assert every is not None
    assert every.n >= 360
    console = Console(width=150, record=True)
    grading.show(console, results)
    assert "held out fifth" in console.export_text()
