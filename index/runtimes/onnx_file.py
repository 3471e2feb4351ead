"""ONNX's file format (protobuf), as much of it as `graph` writes: the `onnx` package would be 33 MB for these lines.

Numbers are the fields of onnx.proto, which only ever grows. ONNX Runtime reads what is written here, in every test.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_VARINT, _BYTES, _FIXED32 = 0, 2, 5
_FLOAT_SETTING, _INT_SETTING = 1, 2
TYPES = {"float32": 1, "uint8": 2, "int32": 6, "int64": 7, "float16": 10}


def tensor(name: str, value: NDArray[Any]) -> bytes:
    """Write a constant (TensorProto)."""
    dims = b"".join(_int(1, size) for size in value.shape)
    little = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
    return dims + _int(2, TYPES[value.dtype.name]) + _text(8, name) + _field(9, little.tobytes())


def node(
    operator: str, inputs: Sequence[str], outputs: Sequence[str], domain: str, settings: Mapping[str, int | float]
) -> bytes:
    """Write a step (NodeProto)."""
    ends = b"".join(_text(1, name) for name in inputs) + b"".join(_text(2, name) for name in outputs)
    return ends + _text(4, operator) + b"".join(_setting(*one) for one in settings.items()) + _text(7, domain)


def value(name: str, type_name: str, shape: Sequence[int | str]) -> bytes:
    """Write what comes in or goes out (ValueInfoProto); a size that is a word is open."""
    sizes = b"".join(_field(1, _text(2, size) if isinstance(size, str) else _int(1, size)) for size in shape)
    return _text(1, name) + _field(2, _field(1, _int(1, TYPES[type_name]) + _field(2, sizes)))


def model(
    *,
    nodes: Iterable[bytes],
    constants: Iterable[bytes],
    inputs: Iterable[bytes],
    outputs: Iterable[bytes],
    opsets: Mapping[str, int],
    ir_version: int,
) -> bytes:
    """Write all of it (ModelProto)."""
    parts = ((1, nodes), (5, constants), (11, inputs), (12, outputs))
    graph = b"".join(_field(number, one) for number, several in parts for one in several) + _text(2, "encoder")
    sets = b"".join(_field(8, _text(1, domain) + _int(2, version)) for domain, version in opsets.items())
    return _int(1, ir_version) + _text(2, "dateline") + _field(7, graph) + sets


def _setting(name: str, value: int | float) -> bytes:
    """Write an attribute of a step."""
    if isinstance(value, float):
        written = _key(2, _FIXED32) + struct.pack("<f", value) + _int(20, _FLOAT_SETTING)
    else:
        written = _int(3, value) + _int(20, _INT_SETTING)
    return _field(5, _text(1, name) + written)


def _text(number: int, text: str) -> bytes:
    return _field(number, text.encode())


def _field(number: int, content: bytes) -> bytes:
    return _key(number, _BYTES) + _varint(len(content)) + content


def _int(number: int, value: int) -> bytes:
    return _key(number, _VARINT) + _varint(value)


def _key(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _varint(value: int) -> bytes:
    """Write seven bits a byte, lowest first; a negative number as its 64-bit complement."""
    left = value & (1 << 64) - 1
    written = bytearray()
    while left > 0x7F:
        written.append(left & 0x7F | 0x80)
        left >>= 7
    written.append(left)
    return bytes(written)
