"""Amounts ordered after a moment: what a value model learns to expect and is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.history import HISTORY_TABLES, known
from features.identity import with_links
from features.windows import DAY_US, Window, micros_of
from training.bundle.rowwise import Floats
from workspace.engine import connect
from workspace.folder import Workspace
from workspace.tables import MONEY

if TYPE_CHECKING:
    from datetime import datetime

    import ibis

# Money has four decimals: sums of whole ten-thousandths are the same in any order.
_PARTS = 10_000


@dataclass(frozen=True)
class Ordered:
    """Order lines with a known amount. `customers`: sorted ids; `code`: place in it; `at`: microseconds since 1970;
    `amount`: ten-thousandths of the company's currency, below 0 for what was returned.
    """

    customers: pa.Array
    code: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]
    amount: npt.NDArray[np.int64]

    @classmethod
    def of(cls, lines: pa.Table) -> Ordered:
        """From columns customer_id, at_us, amount (decimal with four places); lines without an amount say nothing."""
        lines = lines.filter(pc.is_valid(lines["amount"]))
        customers = pc.unique(lines["customer_id"].combine_chunks())
        customers = customers.take(pc.sort_indices(customers))
        code = pc.index_in(lines["customer_id"], value_set=customers).to_numpy().astype(np.int64)
        units = pc.multiply(lines["amount"].cast(MONEY), pa.scalar(Decimal(_PARTS), pa.decimal128(5, 0)))
        return cls(customers, code, lines["at_us"].to_numpy(), units.cast(pa.int64()).to_numpy())

    def amounts(self, ids: pa.ChunkedArray, cutoff: datetime, days: float) -> Floats:
        """Amount that each id ordered in [cutoff, cutoff + days), company currency; 0 without an order, [ids]."""
        begin = micros_of(cutoff)
        inside = (self.at >= begin) & (self.at < begin + round(days * DAY_US))
        total = np.zeros(len(self.customers) + 1, dtype=np.int64)
        np.add.at(total, self.code[inside], self.amount[inside])
        place = pc.fill_null(pc.index_in(ids, value_set=self.customers), -1).to_numpy().astype(np.int64)
        result: Floats = total[place] / _PARTS
        return result


def ordered(tables: Mapping[str, ibis.Table], window: Window) -> Ordered:
    """Every order line known and past at the window's cutoff, under the person's id; nobody who must not be profiled.

    tables: clean tables by name, and identity_links where customers are linked.
    """
    return Ordered.of(known(tables, window).orders.select("customer_id", "at_us", "amount").to_pyarrow())


def ordered_workspace(workspace: Workspace, window: Window) -> Ordered:
    """`ordered` over a workspace's lake."""
    backend = connect(workspace.settings.limits, str(workspace.temp))
    try:
        return ordered(with_links(backend, workspace.lake, HISTORY_TABLES), window)
    finally:
        backend.disconnect()
