"""Pairs of customers who share an e-mail address or a phone number, with what is known of them at every moment."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from interactions.cleaning.identity_emails import Value, email_value, is_listed
from interactions.cleaning.identity_phones import phone_value
from interactions.cleaning.identity_rules import Known, Shared
from interactions.cleaning.identity_slips import namesakes, near_pairs
from workspace.settings import Identity

COLUMNS = ("customer_id", "name", "email", "phone", "gender", "birth_year", "known_at")
Pair = tuple[int, int]
Normalise = Callable[[str], Value | None]
NEVER = np.iinfo(np.int64).max

# As sources write it; another word says nothing here.
_SEXES = {
    **dict.fromkeys(("male", "m", "man", "男", "男性", "先生", "mr"), "male"),
    **dict.fromkeys(("female", "f", "w", "woman", "女", "女性", "女士", "小姐", "mrs", "ms"), "female"),
}


@dataclass
class Customer:
    """One customer's rows in the order in which they were known; `at` in microseconds since 1970."""

    customer_id: str
    first: int
    rows: list[tuple[int, str | None, str | None, int | None]] = field(default_factory=list)

    @cached_property
    def moments(self) -> tuple[int, ...]:
        return tuple(sorted({row[0] for row in self.rows}))

    @cached_property
    def _states(self) -> tuple[Known, ...]:
        return tuple(_known([row for row in self.rows if row[0] <= at]) for at in self.moments)

    def known(self, at: int) -> Known:
        """Everything its rows said up to a moment, which is not before the first."""
        return self._states[bisect_right(self.moments, at) - 1]


@dataclass(frozen=True)
class Tie:
    """A value two customers both have from `since` on, until so many have it that it says nothing (`until`)."""

    kind: str
    shared: bool
    since: int
    until: int


@dataclass(frozen=True)
class Candidates:
    """Customers by their number, what each pair shares, and how many values were left out and why."""

    customers: Mapping[int, Customer]
    ties: Mapping[Pair, Sequence[Tie]]
    blacklisted: int
    too_widely_shared: int


def shared_at(ties: Sequence[Tie], at: int) -> Shared:
    """What two customers share at a moment."""
    valid = [(tie.kind, tie.shared) for tie in ties if tie.since <= at < tie.until]
    return Shared(
        email=("email", False) in valid,
        phone=("phone", False) in valid,
        office=("email", True) in valid,
        landline=("phone", True) in valid,
        near=("near", False) in valid,
    )


def candidates(rows: pa.Table, settings: Identity, country: str, forced: Sequence[tuple[str, str]]) -> Candidates:
    """Who shares what, from all versions of the customers (COLUMNS); `forced` pairs are looked at besides."""
    rows = rows.filter(pc.and_(pc.is_valid(rows["customer_id"]), pc.is_valid(rows["known_at"])))
    ids, who = _numbered(rows["customer_id"])
    at = rows["known_at"].cast(pa.int64()).to_numpy()
    listed = _blacklist(settings, country)
    ties: dict[Pair, list[Tie]] = defaultdict(list)
    junk = wide = 0
    block = namesakes(rows)
    for kind, normalise in (("email", email_value), ("phone", lambda text: phone_value(text, country))):
        values, found, refused = _values(rows[kind], normalise, listed)
        until = _tie(ties, kind, values, (who, found, at), settings.max_group_size)
        for one, other, since, ended in near_pairs(block, who, at, (values, found), until):
            ties[min(one, other), max(one, other)].append(Tie("near", False, since, ended))
        junk += refused
        wide += len(until)
    wanted = {number for pair in ties for number in pair}
    names = pa.array(sorted({name for pair in forced for name in pair}), pa.string())
    wanted |= set(pc.index_in(names, value_set=ids).drop_null().to_pylist())
    return Candidates(_customers(rows, ids, who, at, wanted), ties, junk, wide)


def _numbered(column: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray[Any, np.dtype[np.int64]]]:
    """The different ids in their order, and the number of each row's id: whatever the order of the rows."""
    written = column.combine_chunks().dictionary_encode()
    order = pc.sort_indices(written.dictionary).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return written.dictionary.take(pa.array(order)), rank[written.indices.to_numpy()]


def _blacklist(settings: Identity, country: str) -> frozenset[str]:
    """The company's own list, in comparable form: addresses, domains (with or without @) and phone numbers."""
    plain = {entry.strip().lower().removeprefix("@") for entry in settings.blacklist}
    keys = {value.key for entry in settings.blacklist for value in _forms(entry, country)}
    return frozenset(plain | keys)


def _forms(entry: str, country: str) -> Iterator[Value]:
    for value in (email_value(entry), phone_value(entry, country)):
        if value is not None:
            yield value


def _values(
    column: pa.ChunkedArray, normalise: Normalise, blacklist: frozenset[str]
) -> tuple[list[Value], np.ndarray[Any, np.dtype[np.int64]], int]:
    """The different values, the number of the value of each row (-1: none), and how many spellings say nothing."""
    written = column.combine_chunks().dictionary_encode()
    numbers: dict[Value, int] = {}
    places = np.full(len(written.dictionary) + 1, -1, np.int64)
    refused = 0
    for place, text in enumerate(written.dictionary.to_pylist()):
        value = normalise(text)
        if value is None or _is_listed(value.key, blacklist):
            refused += 1
            continue
        places[place] = numbers.setdefault(value, len(numbers))
    at = written.indices.fill_null(len(written.dictionary)).to_numpy()
    return list(numbers), places[at], refused


def _is_listed(key: str, blacklist: frozenset[str]) -> bool:
    return is_listed(key, blacklist) if "@" in key else key in blacklist


def _tie(
    ties: dict[Pair, list[Tie]],
    kind: str,
    values: Sequence[Value],
    held: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]],
    limit: int,
) -> dict[int, int]:
    """Add what pairs share of one kind; returns the values shared by more than `limit` customers, and since when."""
    wide = {}
    for value, holders in _holders(*held):
        until = NEVER
        if len(holders) > limit:
            wide[value] = until = holders[limit][0]
        early = [(since, number) for since, number in holders[:limit] if since < until]
        for (since, one), (its, other) in combinations(early, 2):
            pair = (one, other) if one < other else (other, one)
            ties[pair].append(Tie(kind, values[value].shared, max(since, its), until))
    return wide


def _holders(
    who: np.ndarray[Any, Any], value: np.ndarray[Any, Any], at: np.ndarray[Any, Any]
) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Of every value that two customers have: (first had at, customer), the earliest first."""
    has = value >= 0
    who, value, at = who[has], value[has], at[has]
    order = np.lexsort((at, who, value))
    who, value, at = who[order], value[order], at[order]
    first = np.ones(len(who), bool)
    first[1:] = (who[1:] != who[:-1]) | (value[1:] != value[:-1])
    who, value, at = who[first], value[first], at[first]
    starts = np.flatnonzero(np.r_[True, value[1:] != value[:-1]]) if len(value) else np.empty(0, np.int64)
    ends = np.r_[starts[1:], len(value)]
    for start, end in zip(starts[ends - starts > 1], ends[ends - starts > 1], strict=True):
        yield int(value[start]), sorted(zip(at[start:end].tolist(), who[start:end].tolist(), strict=True))


def _customers(
    rows: pa.Table, ids: pa.Array, who: np.ndarray[Any, Any], at: np.ndarray[Any, Any], wanted: set[int]
) -> dict[int, Customer]:
    """The rows of the customers that are looked at."""
    chosen = np.flatnonzero(np.isin(who, np.fromiter(wanted, np.int64, len(wanted))))
    chosen = chosen[np.argsort(at[chosen], kind="stable")]
    columns = [rows[name].take(pa.array(chosen)).to_pylist() for name in ("name", "gender", "birth_year")]
    found: dict[int, Customer] = {}
    for number, moment, *facts in zip(who[chosen].tolist(), at[chosen].tolist(), *columns, strict=True):
        if number not in found:
            found[number] = Customer(ids[number].as_py(), moment)
        found[number].rows.append((moment, *facts))
    return found


def _is_sex(gender: str) -> bool:
    return gender.strip().lower() in _SEXES


def _known(rows: Sequence[tuple[int, str | None, str | None, int | None]]) -> Known:
    return Known(
        frozenset(name for _, name, _, _ in rows if name),
        frozenset(_SEXES[gender.strip().lower()] for _, _, gender, _ in rows if gender and _is_sex(gender)),
        frozenset(birth for _, _, _, birth in rows if birth is not None),
    )
