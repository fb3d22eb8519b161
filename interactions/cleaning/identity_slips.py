"""Pairs of customers of one name and year of birth whose address or mobile number is one sign apart: a slip of the pen.

Only among those few is it looked for: among all, addresses one sign apart belong to different people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from interactions.cleaning.identity_emails import Value
from interactions.cleaning.identity_names import name_key, slips

# The rows of one name and year of birth that are compared, those known first: what comes later changes nothing earlier.
_NAMESAKES = 12

Ints = np.ndarray[Any, np.dtype[np.int64]]


def namesakes(rows: pa.Table) -> Ints:
    """The number of each row's name and year of birth together; -1 where one of them is unknown."""
    written = rows["name"].combine_chunks().dictionary_encode()
    numbers: dict[str, int] = {}
    keys = [name_key(name) for name in written.dictionary.to_pylist()]
    places = np.array([numbers.setdefault(key, len(numbers)) if key else -1 for key in keys] + [-1], np.int64)
    name = places[written.indices.fill_null(len(keys)).to_numpy()]
    birth = rows["birth_year"].fill_null(-1).combine_chunks().to_numpy()
    return np.where((name >= 0) & (birth >= 0), name * 10_000 + birth, -1)


def near_pairs(
    block: Ints, who: Ints, at: Ints, held: tuple[Sequence[Value], Ints], until: Mapping[int, int]
) -> Iterator[tuple[int, int, int, int]]:
    """(customer, customer, known from, until) for rows of one block whose own values are one sign apart.

    `held`: the values and the number of each row's; `until`: when a value became too widely shared to say anything.
    """
    values, value = held
    never = np.iinfo(np.int64).max
    for rows in _blocks(block, value, at, who):
        for one, other in combinations(rows, 2):
            ours, theirs = int(value[one]), int(value[other])
            if who[one] == who[other] or ours == theirs or values[ours].shared or values[theirs].shared:
                continue
            if slips(values[ours].key, values[theirs].key) == 1:
                ended = min(until.get(ours, never), until.get(theirs, never))
                yield int(who[one]), int(who[other]), int(max(at[one], at[other])), ended


def _blocks(block: Ints, value: Ints, at: Ints, who: Ints) -> Iterator[list[int]]:
    """The rows of every name and year of birth that several rows have, and a value, in the order they were known."""
    chosen = np.flatnonzero((block >= 0) & (value >= 0))
    chosen = chosen[np.lexsort((who[chosen], at[chosen], block[chosen]))]
    starts = np.flatnonzero(np.r_[True, block[chosen][1:] != block[chosen][:-1]]) if len(chosen) else chosen
    ends = np.r_[starts[1:], len(chosen)]
    several = ends - starts > 1
    for start, end in zip(starts[several], ends[several], strict=True):
        yield chosen[start : min(end, start + _NAMESAKES)].tolist()
