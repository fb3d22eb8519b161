"""Where low risk ends and high risk begins: by what an offer costs and keeps, or, where nobody says, by shares."""

from __future__ import annotations

from typing import Any

import numpy as np

from training.bundle.rowwise import Floats
from workspace.settings import Costs

# Without costs: the judged customers' riskiest tenth is high, the fifth below it medium.
MEDIUM_FROM, HIGH_FROM = 0.7, 0.9
# An offer that brings back twice what it costs is one to make first.
_WELL_WORTH = 2.0


def risk_bands(risks: Floats, costs: Costs | None) -> dict[str, Any]:
    """{medium, high, by}: the risks from which a customer's band is medium, and high.

    By "costs": an offer to a customer at risk p brings p x save_rate x margin on average and costs `offer`. Medium is
    where it pays, p = offer / (save_rate x margin), and high where it brings back twice its cost; above 1 nobody is in
    the band. By "shares" of the judged customers' `risks` [customers], where costs are not set.
    """
    if costs is not None:
        pays = costs.offer / (costs.save_rate * costs.margin)
        return {"medium": pays, "high": _WELL_WORTH * pays, "by": "costs"}
    medium, high = np.quantile(risks, [MEDIUM_FROM, HIGH_FROM])
    return {"medium": float(medium), "high": float(high), "by": "shares"}
