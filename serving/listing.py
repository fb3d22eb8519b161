"""The scored customers with what lists filter and sort by, in numpy arrays beside the mapped tables."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from serving.consent import Consent, consent_of
from serving.positions import rows_in

Sort = Literal["risk", "value", "risk_value", "value_at_risk"]
# 32 bits: every worker has its own.
Rows = npt.NDArray[np.int32]
Figures = tuple[int, float | None, float | None]

# A single cell of RFM: quintiles of recency, frequency and amount.
RFM_CELL = re.compile(r"rfm_([1-5]{3})")
# Cells are numbers up to 555.
_CELLS = 556

_DESCRIBED = ("name", "owner", "region", "city", "marketing_consent")
_ADDRESSES = ("email", "phone")
_ALL = slice(None)
# Lists of row numbers that are kept, 4 MB each of a million customers.
_LISTS = 4
# What the words of a reason need beside it.
_FEATURES = ("recency_days", "overdue_ratio")


class Listing:
    """Row numbers of `scores` (sorted by customer_id), filtered and ordered; ties keep the order of customer_id."""

    def __init__(
        self,
        scores: pa.Table,
        customers: pa.Table,
        features: pa.Table,
        rfm: Mapping[str, Sequence[float]] | None = None,
        filters: Mapping[str, Mapping[str, Any]] | None = None,
        persons: pa.Table | None = None,
    ) -> None:
        self.scores = scores
        self.customers = customers
        self.features = features
        self._rfm = rfm or {}
        self._filters = filters or {}
        self._persons = persons
        self._select = lru_cache(maxsize=_LISTS)(self._selected)

    @cached_property
    def rfm_cells(self) -> npt.NDArray[np.int16]:
        """RFM cell of each scored customer, 111 to 555; 0 for who is in none."""
        from training.bundle.rule_segments import rfm_cells

        cells = rfm_cells(self.features, self._rfm)
        if not cells.size:
            return np.zeros(len(self.scores), np.int16)
        return np.where(self._features_at < 0, 0, cells[self._features_at]).astype(np.int16)

    @property
    def rules(self) -> tuple[str, ...]:
        """The segments by rule: of RFM where the quintiles are known, and each filter."""
        from training.bundle.rule_segments import RFM_SEGMENTS

        return (*(RFM_SEGMENTS if self._rfm else ()), *self._filters)

    @cached_property
    def _filtered(self) -> dict[str, npt.NDArray[np.uint8]]:
        """Which scored customers meet each filter, a bit each."""
        from training.bundle.rule_segments import filtered

        known = self._features_at >= 0
        found = {}
        for segment, declared in self._filters.items():
            met = filtered(self.features, declared["where"])
            found[segment] = np.packbits(known & met[self._features_at] if met.size else known)
        return found

    @cached_property
    def positions(self) -> Rows:
        """For each scored customer the row in `customers`, -1 where the source never described the customer."""
        return self._rows_in(self.customers)

    @cached_property
    def _features_at(self) -> Rows:
        return self._rows_in(self.features)

    def _rows_in(self, table: pa.Table) -> Rows:
        return rows_in(self.scores["customer_id"], table["customer_id"])

    @cached_property
    def consent(self) -> Consent:
        """Who of the scored customers agreed to marketing, and who must not be profiled."""
        return consent_of(self.scores["customer_id"], self.customers, self._persons)

    @cached_property
    def _segments(self) -> pa.DictionaryArray:
        """The segment of each scored customer: as text it takes longer to look for than to list."""
        return _small(_one_array(self.scores["segment_id"].combine_chunks().dictionary_encode()))

    @cached_property
    def owners(self) -> pa.DictionaryArray:
        """The rep of each scored customer; reps are few."""
        named = _small(_one_array(self.customers["owner"].combine_chunks().dictionary_encode()))
        return named.take(pa.array(self.positions, mask=self.positions < 0))

    def order(self, sort: Sort) -> Rows:
        """All scored customers by what falls: risk, value, or risk times value or expected value; unknown ones last."""
        if sort == "risk":
            return self._by_risk
        if sort == "value_at_risk":
            return self._by_value_at_risk
        return self._by_value if sort == "value" else self._by_risk_value

    @property
    def risk(self) -> npt.NDArray[np.float64]:
        """churn_90, NaN for customers who are not active."""
        return self._figure("churn_90", _ALL)

    @property
    def value(self) -> npt.NDArray[np.float64]:
        """The value score, NaN where unknown."""
        return self._figure("value", _ALL)

    def value_at_risk(self, rows: Rows | slice) -> npt.NDArray[np.float64]:
        """Risk x amount expected, company currency; NaN where either is unknown, or the version has no such model."""
        risk = self._figure("churn_90", rows)
        if "expected_value" not in self.scores.column_names:
            return np.full(len(risk), np.nan)
        return risk * self._figure("expected_value", rows)

    def _figure(self, column: str, rows: Rows | slice) -> npt.NDArray[np.float64]:
        """A column of the scores, NaN where it is null; not kept, for every worker would have it for itself."""
        found = self.scores[column]
        if not isinstance(rows, slice):
            found = found.take(pa.array(rows))
        return _numbers(pc.fill_null(found, float("nan")))

    @cached_property
    def _by_value_at_risk(self) -> Rows:
        return _falling(self.value_at_risk(_ALL))

    @cached_property
    def _by_risk(self) -> Rows:
        return _falling(self.risk)

    @cached_property
    def _by_value(self) -> Rows:
        return _falling(self.value)

    @cached_property
    def _by_risk_value(self) -> Rows:
        return _falling(self.risk * self.value)

    def select(
        self,
        sort: Sort,
        owner: str | None = None,
        segment: str | None = None,
        min_risk: float | None = None,
    ) -> Rows:
        """Rows in order: of an owner, of a segment, of a risk of at least `min_risk`, where these are given.

        A segment may be one by rule, or a single RFM cell such as rfm_545. Who must not be profiled is in no list,
        though an earlier scoring may still have them.
        """
        # The next page, or the same list again, is mostly what is asked for.
        return self._select(sort, owner, segment, min_risk)

    def _selected(self, sort: Sort, owner: str | None, segment: str | None, min_risk: float | None) -> Rows:
        keep = ~self.consent.refused
        if owner is not None:
            keep &= _is(self.owners, owner)
        if segment is not None:
            keep &= self.inside(segment)
        if min_risk is not None:
            keep &= self.risk >= min_risk
        order = self.order(sort)
        chosen: Rows = order[keep[order]]
        chosen.setflags(write=False)
        return chosen

    def inside(self, segment: str) -> npt.NDArray[np.bool_]:
        """Which scored customers are in a segment, by rule or not."""
        if segment in self._filters:
            return np.unpackbits(self._filtered[segment], count=len(self.scores)).view(np.bool_)
        if segment in self.rules:
            from training.bundle.rule_segments import rfm_segment

            # Of the few cells there are; a look at the table for each customer is quicker than to compare.
            return rfm_segment(np.arange(_CELLS))[segment][self.rfm_cells]
        cell = RFM_CELL.fullmatch(segment)
        if cell is not None:
            return np.asarray(self.rfm_cells == int(cell[1]), dtype=np.bool_)
        return _is(self._segments, segment)

    @cached_property
    def rule_figures(self) -> dict[str, Figures]:
        """What `figures` says of each segment by rule, counted once."""
        return {segment: self.figures(self.inside(segment)) for segment in self.rules}

    def figures(self, inside: npt.NDArray[np.bool_]) -> Figures:
        """How many customers these are, and their mean risk and value, None where nothing is known of any."""
        return int(inside.sum()), _mean(self.risk[inside]), _mean(self.value[inside])

    def of_owner(self, rows: Rows, owner: str) -> Rows:
        """Those of `rows` whose rep is `owner`, in their order."""
        chosen: Rows = rows[_is(self.owners, owner)[rows]]
        return chosen

    def people(self, rows: Rows) -> list[dict[str, Any]]:
        """The scores of `rows` with the customer's name, owner, region, city, marketing_consent and a few features."""
        scores = self.scores.take(pa.array(rows))
        at_risk = pa.array(self.value_at_risk(rows), from_pandas=True)
        described = _taken(self.customers, _DESCRIBED, self.positions[rows])
        features = _taken(self.features, _FEATURES, self._features_at[rows])
        scores = scores.append_column("value_at_risk", at_risk)
        joined = zip(scores.to_pylist(), described, features, strict=True)
        return [{**score, **person, **known} for score, person, known in joined]

    def table(self, rows: Rows, columns: Sequence[str]) -> pa.Table:
        """Columns of the scores, the customers, the features and `value_at_risk`, of `rows`; as `people` has them."""
        described, known = set(_DESCRIBED), set(_FEATURES)
        found = {}
        for name in columns:
            if name == "value_at_risk":
                found[name] = pa.array(self.value_at_risk(rows), from_pandas=True)
            elif name in described or name in known:
                table, places = (
                    (self.customers, self.positions) if name in described else (self.features, self._features_at)
                )
                at = places[rows]
                found[name] = table[name].take(pa.array(at, mask=at < 0))
            elif name in self.scores.column_names:
                found[name] = self.scores[name].take(pa.array(rows))
            else:
                # A version published by an older Rapport has no expected value.
                found[name] = pa.nulls(len(rows), pa.float64())
        return pa.table(found)

    def addresses(self, customer_ids: Sequence[str]) -> list[dict[str, Any]]:
        """email and phone of each of the customers, null where the source never described them."""
        at = pc.index_in(pa.array(customer_ids, pa.string()), value_set=_one_array(self.customers["customer_id"]))
        return _taken(self.customers, _ADDRESSES, _numbers(at.fill_null(-1)).astype(np.int32))


def _taken(table: pa.Table, columns: Sequence[str], rows: Rows) -> list[dict[str, Any]]:
    """The rows of a table, one of nulls where the row is -1."""
    found: list[dict[str, Any]] = table.select(list(columns)).take(pa.array(rows, mask=rows < 0)).to_pylist()
    return found


def _small(found: pa.DictionaryArray) -> pa.DictionaryArray:
    """The same with a byte or two for each row, where the different ones are few."""
    kind = next((kind for kind, most in ((pa.int8(), 128), (pa.int16(), 32_768)) if len(found.dictionary) < most), None)
    return found if kind is None else pa.DictionaryArray.from_arrays(found.indices.cast(kind), found.dictionary)


def _mean(numbers: npt.NDArray[np.float64]) -> float | None:
    known = numbers[~np.isnan(numbers)]
    return float(np.mean(known)) if known.size else None


def _falling(numbers: npt.NDArray[np.float64]) -> Rows:
    # A stable sort keeps customers of equal value in the order of their keys; NaN goes last.
    return np.argsort(np.where(np.isnan(numbers), np.inf, -numbers), kind="stable").astype(np.int32)


def _is(values: pa.ChunkedArray | pa.Array, wanted: str | int) -> npt.NDArray[np.bool_]:
    if isinstance(values, pa.DictionaryArray):
        place = pc.index(values.dictionary, pa.scalar(wanted, values.dictionary.type)).as_py()
        if place < 0:
            return np.zeros(len(values), np.bool_)
        return _is(values.indices, place)
    flags: npt.NDArray[np.bool_] = _one_array(pc.fill_null(pc.equal(values, wanted), False)).to_numpy(
        zero_copy_only=False
    )
    return flags


def _numbers(values: pa.ChunkedArray | pa.Array) -> npt.NDArray[np.float64]:
    numbers: npt.NDArray[np.float64] = _one_array(values).to_numpy(zero_copy_only=False)
    return numbers


def _one_array(values: pa.ChunkedArray | pa.Array) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
