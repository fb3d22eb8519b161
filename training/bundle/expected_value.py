"""The value champion: the amount each customer is expected to order over the horizon. Nothing here trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import pyarrow as pa

from training.bundle.matrix import column, matrix
from training.bundle.rowwise import Floats, exp
from training.bundle.store import Bundle
from workspace.errors import BundleError

# Who came yesterday and ordered at once does not order every day.
SHORTEST_DAYS = 30.0
SPENT, TENURE = "order_amount", "tenure_days"
TREES = "trees.txt"


@dataclass(frozen=True)
class Spending:
    """What a customer spends a day by what they spent: the two simple rules.

    mean_rate: company currency a day, anybody's; prior_days: so many days of it count beside a customer's own;
    observation_days: how far back orders are counted.
    """

    mean_rate: float
    prior_days: float
    observation_days: int

    def pro_rata(self, spent: Floats, tenure_days: Floats) -> Floats:
        """Amount ordered in the window / days of it that the customer was there, 30 at least; [rows], from [rows]."""
        amount, days = self._known(spent, tenure_days)
        result: Floats = amount / np.maximum(days, SHORTEST_DAYS)
        return result

    def shrunk(self, spent: Floats, tenure_days: Floats) -> Floats:
        """The same drawn towards anybody's rate, the more so the fewer days are known; [rows], above 0.

        The mean of a gamma prior updated by what was seen, as for purchase rates in BG/NBD's first layer.
        """
        amount, days = self._known(spent, tenure_days)
        result: Floats = (amount + self.prior_days * self.mean_rate) / (days + self.prior_days)
        return result

    def written(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def _known(self, spent: Floats, tenure_days: Floats) -> tuple[Floats, Floats]:
        """Amounts and days, both 0 where orders have no known amount; returns can't make a customer owe."""
        unknown = np.isnan(spent) | np.isnan(tenure_days)
        days = np.minimum(np.maximum(tenure_days, 0.0), float(self.observation_days))
        return np.where(unknown, 0.0, np.maximum(spent, 0.0)), np.where(unknown, 0.0, days)


class ValueModel:
    """Expected amounts from a bundle. `served`: "model", or the rule served in its place: "pro_rata" or "shrunk"."""

    def __init__(
        self, spending: Spending, booster: lgb.Booster | None, manifest: Mapping[str, Any], version: str = ""
    ) -> None:
        self.version = version
        self.manifest = manifest
        self.features: tuple[str, ...] = tuple(manifest["features"])
        self.horizon_days: int = manifest["horizon_days"]
        self.served: str = manifest["served"]
        self.grade: str | None = manifest["grade"]
        self._level: float = manifest["level"]
        self._spending = spending
        self._booster = booster

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> ValueModel:
        """Open a bundle of kind value. Raises BundleError for another kind or unreadable content."""
        if bundle.kind != "value":
            raise BundleError(f"Bundle {bundle.hash} holds a {bundle.kind} model, not value. Choose another bundle.")
        try:
            trees = bundle.files.get(TREES)
            booster = None if trees is None else lgb.Booster(model_str=trees.decode())
            if (booster is None) == (bundle.manifest["served"] == "model"):
                raise ValueError(f"what is served is {bundle.manifest['served']}, but its trees say otherwise")
            return cls(Spending(**bundle.manifest["spending"]), booster, bundle.manifest, bundle.hash)
        except (KeyError, TypeError, ValueError, lgb.basic.LightGBMError) as error:
            raise BundleError(f"Value bundle {bundle.hash} can't be opened: {error}. Train again.") from error

    def expected(self, features: pa.Table) -> Floats:
        """Amount expected in the `horizon_days` after each row's cutoff, company currency, [rows].

        features: a customer_features table. Every row is computed by itself: a batch gives the bits of its rows.
        """
        if not features.num_rows:
            return np.empty(0)
        spent, tenure = column(features, SPENT), column(features, TENURE)
        if self.served == "pro_rata":
            rate = self._spending.pro_rata(spent, tenure)
        else:
            rate = self._spending.shrunk(spent, tenure)
        if self._booster is not None:
            rate = rate * exp(trees(self._booster, matrix(features, self.features)))
        result: Floats = self._level * self.horizon_days * rate
        return result


def trees(booster: lgb.Booster, inputs: Floats) -> Floats:
    """What the trees add to the logarithm of the shrunk rate, [rows]."""
    return np.asarray(booster.predict(inputs, raw_score=True, num_threads=1), dtype=np.float64)
