"""The fitted numbers that ranking, quoting and abstaining use, as data beside the code.

`weights.json` names the command that wrote it and the data it was fitted on.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """A weighted sum of named features, with its constant."""

    constant: float
    by_name: Mapping[str, float]

    def score(self, features: Mapping[str, float]) -> float:
        """Sum the features; one without a weight counts nothing.

        Raises: KeyError when a weighted feature is missing.
        """
        total = 0.0
        for name, weight in self.by_name.items():  # a generator would cost half as much again, here in the inmost loop
            total += weight * features[name]
        return self.constant + total

    def scores(self, features: Mapping[str, NDArray[np.float64]]) -> list[float]:
        """Sum many things' features at once: an array for each name, one value a thing.

        Raises: KeyError when a weighted feature is missing.
        """
        total = np.zeros(len(next(iter(features.values()), ())))
        for name, weight in self.by_name.items():
            total += weight * features[name]
        scores: list[float] = (self.constant + total).tolist()
        return scores

    def chance(self, features: Mapping[str, float]) -> float:
        """Return the logistic function of the score, 0 to 1."""
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.score(features)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One model for each decision: which update, which sentence, whether at all."""

    update: Linear
    sentence: Linear
    confidence: Linear
    abstain_below: float


@cache
def shipped() -> Weights:
    """Read the weights that come with the program."""
    stored = json.loads(files("index").joinpath("weights.json").read_text("utf-8"))
    models = {
        name: Linear(constant=stored[name]["constant"], by_name=stored[name]["weights"])
        for name in ("update", "sentence", "confidence")
    }
    return Weights(**models, abstain_below=stored["abstain_below"])
