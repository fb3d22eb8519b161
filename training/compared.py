"""Several scores of the same customers beside each other: how well each ranks, and how sure one can be of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from training import bootstrap
from training.bundle.rowwise import Floats
from training.metrics import Ranked


@dataclass(frozen=True)
class Compared:
    """`truth`: 0 or 1, [customers]; `scores`: by name, higher is likelier, [customers] each.

    Every score is sorted once, and all are measured on the same draws of customers: differences are paired.
    """

    truth: Floats
    scores: Mapping[str, Floats]

    @cached_property
    def drawn(self) -> dict[str, Floats]:
        """AUC and average precision of each score in each draw, [draws, 2]."""
        found = bootstrap.drawn(self._measured, self.truth.size).reshape(-1, len(self.scores), 2)
        return {name: found[:, place] for place, name in enumerate(self.scores)}

    @cached_property
    def marks(self) -> dict[str, tuple[float, float]]:
        """AUC and average precision of each score."""
        found = self._measured(np.ones(self.truth.size))
        return dict(zip(self.scores, zip(found[::2], found[1::2], strict=True), strict=True))

    def intervals(self, name: str) -> tuple[tuple[float, float], ...]:
        """Intervals of a score's AUC and of its average precision."""
        return tuple(bootstrap.percentiles(figure) for figure in self.drawn[name].T)

    @cached_property
    def _ranked(self) -> list[Ranked]:
        return [Ranked(self.truth, score) for score in self.scores.values()]

    def _measured(self, weight: Floats) -> list[float]:
        return [figure for ranked in self._ranked for figure in ranked.both(weight)]
