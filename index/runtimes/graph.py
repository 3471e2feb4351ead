"""A BERT's weights -> the same computation as an ONNX graph, pooled and normalised.

Matrices are kept in 16 bits and multiplied in 32, or become 8-bit codes in blocks with a scale each, multiplied as
integers: the codes of a text depend on no other text of its batch, and the vectors stay interchangeable
(`python -m bench runtimes`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import EncoderError
from index.runtimes import onnx_file
from index.runtimes.architecture import Shape
from index.runtimes.model import WEIGHTS

RECIPE = 2  # of the graph; raise it with every change here, and graphs that are kept become old
IDS, MASK, VECTORS = "input_ids", "attention_mask", "vectors"

_MICROSOFT = "com.microsoft"  # the domain of ONNX Runtime's own operators, which do in one step what BERT does often
_OPSET, _IR = 18, 9  # what ONNX Runtime has read since 1.14
_BLOCK = 32
_INTEGERS = 4  # of MatMulNBits: multiply the codes as integers
_CODE_MOST, _CODE_ZERO = 127, 128

Weight = NDArray[Any]


def build(folder: Path, shape: Shape, *, codes: bool) -> bytes:
    """Build the graph of a model.

    Args:
        folder: where its weights lie.
        shape: what the weights do not tell.
        codes: whether its matrices become 8-bit codes.

    Raises: EncoderError when weights are missing or cannot be read.
    """
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
    except ImportError as error:
        raise EncoderError(f"the model cannot be made ready for ONNX Runtime: {error}") from error
    try:
        weights = {name.removeprefix("bert."): value for name, value in load_file(folder / WEIGHTS).items()}
        return _Graph(weights, shape, codes=codes).serialised()
    except (OSError, SafetensorError) as error:
        raise EncoderError(f"{folder / WEIGHTS}: {error}") from error
    except KeyError as error:
        raise EncoderError(f"{folder / WEIGHTS}: no weights named {error}: not a BERT") from error


class _Graph:
    """Nodes and constants in the making; each method adds some and returns the name of what comes out."""

    def __init__(self, weights: Mapping[str, Weight], shape: Shape, *, codes: bool) -> None:
        self._weights = weights
        self._shape = shape
        self._codes = codes
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def serialised(self) -> bytes:
        """Return the whole model as ONNX writes it."""
        hidden = self._embedded()
        mask = self._node("Cast", [MASK], "mask32", to=onnx_file.TYPES["int32"])
        for number in range(self._shape.layers):
            hidden = self._layer(f"encoder.layer.{number}.", hidden, mask)
        self._pooled(hidden)
        size = self._weights["embeddings.word_embeddings.weight"].shape[1]
        return onnx_file.model(
            nodes=self._nodes,
            constants=self._constants,
            inputs=[onnx_file.value(name, "int64", ("n", "s")) for name in (IDS, MASK)],
            outputs=[onnx_file.value(VECTORS, "float32", ("n", size))],
            opsets={"": _OPSET, _MICROSOFT: 1},
            ir_version=_IR,
        )

    def _embedded(self) -> str:
        """Look words and places up. Words in 16 bits: half the memory, and no vector moves by a millionth."""
        words = self._constant("words", self._weights["embeddings.word_embeddings.weight"].astype(np.float16))
        word = self._node(
            "Cast", [self._node("Gather", [words, IDS], "words_of")], "word", to=onnx_file.TYPES["float32"]
        )
        places = (
            self._float("embeddings.position_embeddings.weight")
            + self._float("embeddings.token_type_embeddings.weight")[0]
        )
        length = self._node("Shape", [IDS], "length", start=1, end=2)
        start = self._constant("start", np.array([0], np.int64))
        place = self._node("Slice", [self._constant("places", places), start, length], "place")
        both = self._node("Add", [word, place], "embedded")
        name = "embeddings.LayerNorm."
        norm = [self._constant(name + part, self._float(name + part)) for part in ("weight", "bias")]
        return self._node("LayerNormalization", [both, *norm], "hidden", axis=-1, epsilon=self._shape.epsilon)

    def _layer(self, name: str, hidden: str, mask: str) -> str:
        """Add attention and the two feed-forward matrices, each with its residual and norm."""
        attention = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
        matrix = np.concatenate([self._float(f"{one}.weight") for one in attention])
        bias = np.concatenate([self._float(f"{one}.bias") for one in attention])
        all_three = self._product(hidden, matrix, f"{name}qkv")
        three = [f"{name}{part}" for part in ("q", "k", "v")]
        self._node("Split", [all_three], *three, axis=-1, num_outputs=3)
        attended = self._node(
            "MultiHeadAttention",
            [*three, self._constant(f"{name}qkv.bias", bias), mask],
            f"{name}attended",
            domain=_MICROSOFT,
            num_heads=self._shape.heads,
        )
        hidden = self._added(f"{name}attention.output.", attended, hidden)
        wide = self._product(hidden, self._float(f"{name}intermediate.dense.weight"), f"{name}wide")
        wide_bias = self._constant(f"{name}wide.bias", self._float(f"{name}intermediate.dense.bias"))
        active = self._node("BiasGelu", [wide, wide_bias], f"{name}active", domain=_MICROSOFT)
        return self._added(f"{name}output.", active, hidden)

    def _added(self, name: str, inner: str, residual: str) -> str:
        """Multiply by a dense layer, add what went round it, and normalise."""
        product = self._product(inner, self._float(f"{name}dense.weight"), f"{name}product")
        parts = ("LayerNorm.weight", "LayerNorm.bias", "dense.bias")
        constants = [self._constant(name + part, self._float(name + part)) for part in parts]
        return self._node(
            "SkipLayerNormalization",
            [product, residual, *constants],
            f"{name}hidden",
            domain=_MICROSOFT,
            epsilon=self._shape.epsilon,
        )

    def _product(self, left: str, matrix: Weight, name: str) -> str:
        """Multiply by a matrix (out, in), as torch keeps it."""
        outs, ins = matrix.shape
        if not self._codes or ins % _BLOCK:
            narrow = self._constant(f"{name}.matrix", matrix.T.astype(np.float16))
            wide = self._node("Cast", [narrow], f"{name}.matrix32", to=onnx_file.TYPES["float32"])
            return self._node("MatMul", [left, wide], name)
        blocks = matrix.reshape(outs, ins // _BLOCK, _BLOCK)
        scales = np.maximum(np.abs(blocks).max(2), np.finfo(np.float32).tiny) / _CODE_MOST
        codes = np.rint(blocks / scales[..., None]) + _CODE_ZERO
        kept = [self._constant(f"{name}.codes", codes.astype(np.uint8)), self._constant(f"{name}.scales", scales)]
        settings = {"K": ins, "N": outs, "bits": 8, "block_size": _BLOCK, "accuracy_level": _INTEGERS}
        return self._node("MatMulNBits", [left, *kept], name, domain=_MICROSOFT, **settings)

    def _pooled(self, hidden: str) -> None:
        """Average the tokens that are no padding. Their sum will do: the length is taken out right after."""
        axis = self._constant("axis", np.array([1], np.int64))
        row = self._node(
            "Unsqueeze", [self._node("Cast", [MASK], "mask", to=onnx_file.TYPES["float32"]), axis], "mask_row"
        )
        total = self._node("Squeeze", [self._node("MatMul", [row, hidden], "totals"), axis], "total")
        self._node("LpNormalization", [total], VECTORS, p=2, axis=-1)

    def _float(self, name: str) -> Weight:
        return self._weights[name].astype(np.float32)

    def _constant(self, name: str, value: Weight) -> str:
        self._constants.append(onnx_file.tensor(name, value))
        return name

    def _node(self, operator: str, inputs: Sequence[str], *outputs: str, domain: str = "", **settings: float) -> str:
        self._nodes.append(onnx_file.node(operator, inputs, outputs, domain, settings))
        return outputs[0]
