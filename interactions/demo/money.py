"""Exact money: whole ten-thousandths of a unit into DECIMAL(18, 4), and back."""

import numpy as np
import pyarrow as pa

from interactions.demo.arrays import Flags, Ints
from workspace.tables import MONEY


def money(ten_thousandths: Ints, missing: Flags | None = None) -> pa.Array:
    """[n] integers, 10,000 for one yuan, to DECIMAL(18, 4); `missing` marks nulls."""
    words = np.empty((len(ten_thousandths), 2), dtype="<i8")  # a decimal128 is 16 bytes, the low half first
    words[:, 0] = ten_thousandths
    words[:, 1] = np.where(ten_thousandths < 0, -1, 0)
    mask = None if missing is None else pa.array(~missing).buffers()[1]
    return pa.Array.from_buffers(MONEY, len(words), [mask, pa.py_buffer(words.tobytes())])


def ten_thousandths(amounts: pa.Array) -> Ints:
    """The inverse, for amounts without nulls: [n] integers."""
    words = np.frombuffer(amounts.buffers()[1], dtype="<i8").reshape(-1, 2)
    return np.asarray(words[amounts.offset : amounts.offset + len(amounts), 0], dtype=np.int64)
