"""Segments by rule, beside those of KMeans: RFM cells with their usual names, and filters on features.

A customer is in one RFM segment at most and in any number of filters. Nothing here trains; the quintiles come from the
segments bundle.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from training.bundle.matrix import column
from training.bundle.rowwise import Floats
from workspace.errors import SettingsError
from workspace.tables import CUSTOMER_FEATURES, FLOAT, INTEGER, MONEY

Flags = npt.NDArray[np.bool_]
Cells = npt.NDArray[np.int64]

# Part of RFM -> the feature it is the quintile of.
RFM = {"recency": "recency_days", "frequency": "frequency", "monetary": "order_amount"}
_QUINTILES = (0.2, 0.4, 0.6, 0.8)

# RFM segment -> English, Chinese, and its cells: quintiles of recency (5: latest) and of frequency and amount together.
RFM_SEGMENTS: Mapping[str, tuple[str, str, tuple[tuple[int, int], ...]]] = {
    "rfm_champions": ("Champions", "冠军客户", ((5, 4), (5, 5), (4, 5))),
    "rfm_loyal": ("Loyal customers", "忠诚客户", ((4, 4), (3, 4), (3, 5))),
    "rfm_potential_loyalists": ("Potential loyalists", "潜在忠诚客户", ((5, 2), (5, 3), (4, 2), (4, 3))),
    "rfm_recent": ("Recent customers", "近期客户", ((5, 1),)),
    "rfm_promising": ("Promising", "有潜力客户", ((4, 1),)),
    "rfm_need_attention": ("Need attention", "需要关注", ((3, 3),)),
    "rfm_about_to_sleep": ("About to sleep", "即将沉睡", ((3, 1), (3, 2))),
    "rfm_at_risk": ("At risk", "有流失风险", ((2, 3), (2, 4), (1, 3), (1, 4))),
    "rfm_cannot_lose": ("Cannot lose them", "不能失去", ((2, 5), (1, 5))),
    "rfm_hibernating": ("Hibernating", "休眠客户", ((2, 1), (2, 2))),
    "rfm_lost": ("Lost", "已流失", ((1, 1), (1, 2))),
}

_NUMBERS = {one.name for one in CUSTOMER_FEATURES.columns if one.type in (INTEGER, FLOAT, MONEY)}
_TEXTS = {"lifecycle"}
_CONDITION = re.compile(r"\s*([a-z0-9_]+)\s*(<=|>=|!=|=|<|>)\s*(\S+)\s*")
_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


def rfm_edges(features: pa.Table) -> dict[str, list[float]]:
    """The four quintile edges of each part of RFM, among customers with an event in the window; {} without any.

    Without monetary where nobody bought: then frequency alone stands for both.
    """
    there = column(features, "frequency") > 0
    if not there.any():
        return {}
    values = {part: column(features, name)[there] for part, name in RFM.items()}
    known = {part: found[~np.isnan(found)] for part, found in values.items()}
    return {
        part: np.quantile(found, _QUINTILES).tolist()
        for part, found in known.items()
        if found.size and (part != "monetary" or found.any())
    }


def rfm_cells(features: pa.Table, edges: Mapping[str, Sequence[float]]) -> Cells:
    """Quintiles of recency, frequency and amount as one number, 111 to 555, [rows]; 0 without an event in the window.

    5 is best: latest, most often, most. An amount that is unknown counts as the quintile of the frequency.
    """
    there = column(features, "frequency") > 0
    if not edges:
        return np.zeros(features.num_rows, dtype=np.int64)
    # Days equal to an edge are on its recent side; counts and amounts equal to one on its lower side.
    recency = 5 - np.searchsorted(edges["recency"], column(features, RFM["recency"]), side="left")
    frequency = 1 + np.searchsorted(edges["frequency"], column(features, RFM["frequency"]), side="left")
    monetary = frequency
    if "monetary" in edges:
        amounts = column(features, RFM["monetary"])
        found = 1 + np.searchsorted(edges["monetary"], amounts, side="left")
        monetary = np.where(np.isnan(amounts), frequency, found)
    return np.where(there, 100 * recency + 10 * frequency + monetary, 0).astype(np.int64)


def rfm_segment(cells: Cells) -> dict[str, Flags]:
    """Who is in each RFM segment, bool [rows]: by recency, and frequency and amount together (their mean, upwards)."""
    recency, together = cells // 100, (cells // 10 % 10 + cells % 10 + 1) // 2
    return {
        segment: np.isin(10 * recency + together, [10 * first + second for first, second in places])
        for segment, (_, _, places) in RFM_SEGMENTS.items()
    }


@dataclass(frozen=True)
class Condition:
    """One comparison of a feature with a number, or of lifecycle with a word; unknown values never meet it."""

    feature: str
    compared: str
    value: float | str

    def met(self, features: pa.Table) -> Flags:
        """Which rows meet it, bool [rows]."""
        if isinstance(self.value, str):
            words = np.array(features[self.feature].to_pylist(), dtype=object)
            known = np.array([word is not None for word in words], dtype=bool)
            return np.asarray(known & ((words == self.value) == (self.compared == "=")), dtype=np.bool_)
        values: Floats = column(features, self.feature)
        return np.asarray(_COMPARED[self.compared](values, self.value) & ~np.isnan(values), dtype=np.bool_)


def condition(written: str) -> Condition:
    """Read `FEATURE OP VALUE`, OP one of < <= > >= = !=; nothing of it is ever run as code.

    Raises SettingsError for anything else, naming what was expected.
    """
    found = _CONDITION.fullmatch(written)
    if found is None:
        raise SettingsError(
            f'expected FEATURE OP VALUE such as "order_count >= 3", with one of < <= > >= = !=; found "{written}"'
        )
    feature, compared, value = found.groups()
    if feature in _TEXTS:
        if compared not in ("=", "!="):
            raise SettingsError(f'"{feature}" is a word: compare it with = or !=, not {compared}')
        return Condition(feature, compared, value.strip("\"'"))
    if feature not in _NUMBERS:
        raise SettingsError(f'there is no feature "{feature}"; docs/features.md lists them')
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not np.isfinite(number):
        raise SettingsError(f'"{feature}" is a number: compare it with one, not with "{value}"')
    return Condition(feature, compared, number)


def filtered(features: pa.Table, where: Sequence[str]) -> Flags:
    """Rows that meet every condition, bool [rows]. Raises SettingsError for one that can't be read."""
    kept = np.ones(features.num_rows, dtype=bool)
    for written in where:
        kept &= condition(written).met(features)
    return kept
