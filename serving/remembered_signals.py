"""What texts say, remembered: the same text comes again with every score of its customer, and reading it is dear.

Remembered under a keyed hash whose key lives and ends with the process: of the texts themselves nothing is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interactions.cleaning.text import Signals

# About 300 bytes each.
MOST = 20_000

_KEY = secrets.token_bytes(16)
_known: dict[bytes, Signals] = {}


def signals(contents: Sequence[str | None]) -> list[Signals]:
    """The very signals that cleaning computes of each text, in order (interactions.cleaning.text.signals)."""
    from interactions.cleaning import text  # nltk and the word lists load with the first text

    keys = [None if content is None else _key(content) for content in contents]
    new = {key: content for key, content in zip(keys, contents, strict=True) if key is not None and key not in _known}
    found = dict(zip(new, text.signals(list(new.values())), strict=True))
    nothing = text.signals([None])[0]
    # Looked up before anything is forgotten: another thread may be adding, too.
    told = [nothing if key is None else found.get(key) or _known.get(key) for key in keys]
    _remember(found)
    return [
        said if said is not None else text.signals([content])[0] for said, content in zip(told, contents, strict=True)
    ]


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=_KEY).digest()


def _remember(found: dict[bytes, Signals]) -> None:
    """Add what was found; what was learned first is forgotten first."""
    _known.update(found)
    if len(_known) > MOST:
        for key in list(_known)[: len(_known) - MOST]:
            _known.pop(key, None)
