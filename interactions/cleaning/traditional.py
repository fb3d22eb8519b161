"""Traditional characters of customer messages as simplified ones, so that one lexicon reads both.

Only what one simplified character stands for without doubt, among the characters such messages use.
"""

from __future__ import annotations

from interactions.cleaning.word_lists import sections

_SIMPLIFIED = str.maketrans({pair[0]: pair[1] for pair in sections("traditional")["pairs"]})


def simplified(text: str) -> str:
    """The text with its traditional characters simplified, sign by sign: places stay."""
    return text.translate(_SIMPLIFIED)
