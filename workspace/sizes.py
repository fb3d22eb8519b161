"""Sizes of memory and disk as people write them: 4GB, 800 MB, 1.5GiB."""

import re

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?((?:[KMGT]I?)?)B", re.ASCII)


def bytes_of(written: str) -> int:
    """The number of bytes. Raises ValueError for what is no size; one without a unit is none."""
    found = _SIZE.fullmatch(written.strip().upper())
    if found is None:
        raise ValueError(f'"{written}" is no size. Write a number and a unit: "4GB", "800MB", "1.5GiB"')
    return int(float(found[1]) * _UNITS[found[2]])
