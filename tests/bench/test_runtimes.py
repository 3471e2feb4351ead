"""A tiny run of what compares runtimes, with the real model, and of what it counts, with fakes."""

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from bench import runtimes
from bench.__main__ import app
from bench.data import sets
from bench.spreads import Spread, ratios, spread
from tests.index.fakes import BagEncoder

SAMPLE = sets()["sample"]


def test_runtimes_when_compared_on_the_sample_then_interchangeable() -> None:
    read = runtimes.material(SAMPLE, most_passages=30, most_questions=12)
    compared = runtimes.encoders(1)
    found = runtimes.parity(read, compared)
    assert found.keys() == runtimes.VARIANTS.keys()
    assert found[runtimes.BASE]["recall@10"] > 0.5
    assert found["onnx, 32 bits"]["passage cosine min"] > 0.9999
    assert found["onnx"]["passage cosine mean"] > 0.999
    console = Console(width=150, record=True)
    runtimes.show(console, "sample", found)
    assert "question cosine min" in console.export_text()
    figures = runtimes.speed(read, compared, runs=1, sample=2, alone=1)
    assert figures[runtimes.BASE]["question ms ÷ base"] == Spread(p50=1, low=1, high=1, n=1)
    assert figures["onnx"]["passages/s"].p50 > 0


def test_encoders_when_one_is_named_then_it_stands_beside_the_base() -> None:
    assert list(runtimes.encoders(1, ["onnx"])) == [runtimes.BASE, "onnx"]
    ended = CliRunner().invoke(app, ["runtimes", "sample", "--only", "abacus"])
    assert ended.exit_code == 2
    assert "onnx" in ended.output


def test_parity_when_a_runtime_has_another_space_then_it_shows() -> None:
    read = runtimes.material(SAMPLE, most_passages=1000, most_questions=30)
    found = runtimes.parity(read, {runtimes.BASE: BagEncoder(), "other": BagEncoder(name="other")})
    assert found[runtimes.BASE]["recall@10, points"] == 0
    assert found["other"]["passage cosine min"] < 0.9
    assert found["other"]["recall@1 over old vectors, points"] < -10


def test_material_when_there_is_little_room_then_the_right_updates_stay() -> None:
    read = runtimes.material(SAMPLE, most_passages=1, most_questions=5)
    assert {no for gold in read.gold for no in gold} <= set(read.updates.tolist())
    assert len(read.passages) == len(read.updates) < 60
    assert len(read.questions) == 5


def test_spread_when_runs_differ_then_middle_and_ends() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(p50=2, low=1, high=3, n=3)
    assert ratios([2.0, 9.0], [1.0, 3.0]) == Spread(p50=2.5, low=2, high=3, n=2)
    assert str(spread([0.5])) == "0.5 [0.5–0.5]"
    with pytest.raises(ValueError, match="zip"):
        ratios([1.0], [1.0, 2.0])
    assert np.isclose(ratios([1.0], [4.0]).p50, 0.25)
