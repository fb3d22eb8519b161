"""A linear score of features, each bent by a signed logarithm: what a model can say beyond the rows it saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.bundle.rowwise import Floats, log1p

# Beyond this many spreads from the centre everybody counts as equally far out: a customer with 100,000 contacts too.
CUT = 4.0
_ROWS_AT_ONCE = 8_192


@dataclass(frozen=True)
class Linear:
    """Log-odds = intercept + sum of coefficient x (bent value - centre) / spread, one of each for every column.

    A value that isn't known counts as the centre.
    """

    intercept: float
    centre: tuple[float, ...]
    spread: tuple[float, ...]
    coefficient: tuple[float, ...]

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Linear:
        """From its JSON, as `written` gives it."""
        lists = {name: tuple(float(one) for one in written[name]) for name in ("centre", "spread", "coefficient")}
        return cls(float(written["intercept"]), **lists)

    def written(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def parts(self, inputs: Floats) -> Floats:
        """What each column of `inputs` [rows, columns] adds to the log-odds, in its shape; row by row the same bits."""
        scaled = standard(inputs, np.array(self.centre), np.array(self.spread))
        result: Floats = scaled * np.array(self.coefficient)
        return result

    def log_odds(self, inputs: Floats) -> Floats:
        """The score of each row [rows], its parts added one after the other: a batch gives the bits of its rows."""
        total = np.empty(inputs.shape[0])
        # Some thousand rows at a time, which the processor's cache has room for.
        for begin in range(0, inputs.shape[0], _ROWS_AT_ONCE):
            total[begin : begin + _ROWS_AT_ONCE] = self._score(inputs[begin : begin + _ROWS_AT_ONCE])
        return total

    def _score(self, inputs: Floats) -> Floats:
        total = np.zeros(inputs.shape[0])
        for column, centre, spread, coefficient in zip(
            inputs.T, self.centre, self.spread, self.coefficient, strict=True
        ):
            if coefficient:
                total = total + standard(column, centre, spread) * coefficient
        result: Floats = self.intercept + total
        return result


def bent(inputs: Floats) -> Floats:
    """sign(x) log(1 + |x|) of every number: counts, days and amounts are skewed; NaN stays."""
    result: Floats = np.sign(inputs) * log1p(np.abs(inputs))
    return result


def standard(inputs: Floats, centre: Floats | float, spread: Floats | float) -> Floats:
    """Bent values in spreads from their centres, cut at CUT; 0 for NaN."""
    scaled = (bent(inputs) - centre) / spread
    result: Floats = np.where(np.isnan(scaled), 0.0, np.clip(scaled, -CUT, CUT))
    return result
