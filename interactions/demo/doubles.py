"""Customers of a simulated company planted a second time under other ids, with the truth, and others who only look so.

Doubles: the same person registered again, later, with a name written otherwise, an address or number written
otherwise, left out or changed; about one pair in sixteen shares neither and can't be found by them. Others: families
with one phone or one e-mail address, offices with a switchboard or an info@ address, a rep's own number typed in for
many, numbers given to somebody else after a while, placeholders, and people of the same name. Every draw comes from
the seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from interactions.demo.company import Company
from interactions.demo.misspelt import other_email, other_name, other_phone
from workspace.tables import CUSTOMERS

Row = dict[str, Any]

DOUBLED = 0.08  # of all customers have a second id, a fifth of these a third
_HOSTS = ("gmail.com", "qq.com", "163.com", "outlook.com", "126.com", "foxmail.com", "icloud.com", "googlemail.com")
_HOST_SHARES = (0.22, 0.26, 0.2, 0.1, 0.08, 0.06, 0.06, 0.02)
_PLACEHOLDERS = ("13800138000", "00000000000", "12345678901", "11111111111", "13888888888")
_UNKNOWN_PLACEHOLDERS = ("13901020304", "15612123434")
_EVENTS = {"interactions": "occurred_at", "orders": "ordered_at", "surveys": "answered_at"}


@dataclass(frozen=True)
class Doubled:
    """`tables` as in Company, customers planted among them; `pairs`: the ids that are one person, sorted."""

    tables: dict[str, pa.Table]
    pairs: frozenset[tuple[str, str]]


def plant(company: Company, seed: int) -> Doubled:
    """Doubles and others among a company's customers; what a doubled person did later is spread over their ids.

    The same company and seed give the same bytes. Addresses become ordinary ones: those of the demo are placeholders.
    """
    rng = np.random.default_rng(seed)
    people: list[Row] = company.tables["customers"].to_pylist()
    for number, row in enumerate(people):
        _ordinary_email(row, number, rng)
    for confuse in (_families, _offices, _recycled, _typed_in, _placeholders):
        confuse(people, rng)
    doubles, ids = _doubles(people, rng)
    tables = {name: _spread(company.tables[name], event, ids, rng) for name, event in _EVENTS.items()}
    rows = [*people, *doubles]
    order = rng.permutation(len(rows))
    tables["customers"] = pa.Table.from_pylist([rows[place] for place in order], schema=CUSTOMERS.schema)
    pairs = {pair for group in ids.values() for pair in combinations(sorted(name for name, _ in group), 2)}
    return Doubled(tables, frozenset(pairs))


def _ordinary_email(row: Row, number: int, rng: np.random.Generator) -> None:
    if row["email"] is not None:
        host = _HOSTS[rng.choice(len(_HOSTS), p=_HOST_SHARES)]
        local = f"{'abcdefghij'[number % 10]}{number * 7919 % 999_983:06d}"
        row["email"] = f"{local[:3]}.{local[3:]}@{host}" if rng.random() < 0.3 else f"{local}@{host}"


def _some(people: list[Row], share: float, rng: np.random.Generator) -> list[Row]:
    return [people[place] for place in rng.choice(len(people), size=round(share * len(people)), replace=False)]


def _families(people: list[Row], rng: np.random.Generator) -> None:
    """Two or three people with one phone, some with one address, most with one family name."""
    chosen = _some(people, 0.09, rng)
    for head, *others in (chosen[place : place + int(rng.integers(2, 4))] for place in range(0, len(chosen) - 3, 3)):
        shares_phone, shares_email = rng.random() < 0.85, rng.random() < 0.25
        for row in others:
            if shares_phone:
                row["phone"] = head["phone"]
            if shares_email:
                row["email"] = head["email"]
            if rng.random() < 0.7:
                row["name"] = _of_family(row["name"], head["name"])


def _of_family(name: str, head: str) -> str:
    """A relative's name: the same family name, sometimes a brother's that differs by one sign."""
    if " " in name or " " in head:
        return f"{name.split(' ')[0]} {head.split(' ')[-1]}" if " " in name and " " in head else name
    return head[0] + name[1:]


def _offices(people: list[Row], rng: np.random.Generator) -> None:
    """Colleagues with one switchboard, some by extension, some with one office address."""
    chosen = _some(people, 0.06, rng)
    place = number = 0
    while place < len(chosen):
        size = int(rng.choice([2, 3, 5, 8, 14, 30]))
        phone, email = f"0{rng.integers(21, 30)}-{rng.integers(62_000_000, 69_000_000)}", f"info@firma{number}.cn"
        with_desk, with_email = rng.random() < 0.3, rng.random() < 0.3
        for row in chosen[place : place + size]:
            row["phone"] = f"{phone}-{rng.integers(100, 999)}" if with_desk else phone
            row["email"] = email if with_email else row["email"]
        place, number = place + size, number + 1


def _recycled(people: list[Row], rng: np.random.Generator) -> None:
    """A number that somebody else had before."""
    chosen = _some(people, 0.02, rng)
    for one, other in zip(chosen[::2], chosen[1::2], strict=False):
        other["phone"] = one["phone"]


def _typed_in(people: list[Row], rng: np.random.Generator) -> None:
    """A rep who typed in their own number or address for several customers."""
    for size in (4, 7, 9, 25, 60):
        for column, value in (("phone", f"139{rng.integers(10**7, 10**8)}"), ("email", f"rep{size}@rapport.cn")):
            for row in _some(people, min(1.0, size / len(people)), rng):
                row[column] = value


def _placeholders(people: list[Row], rng: np.random.Generator) -> None:
    for row in _some(people, 0.02, rng):
        row["phone"] = _PLACEHOLDERS[rng.integers(len(_PLACEHOLDERS))]
    for row in _some(people, 0.004, rng):
        row["phone"] = _UNKNOWN_PLACEHOLDERS[rng.integers(len(_UNKNOWN_PLACEHOLDERS))]
    for row in _some(people, 0.01, rng):
        row["email"] = ("noreply@163.com", "test@test.com", "none@none.com")[rng.integers(3)]


def _doubles(people: list[Row], rng: np.random.Generator) -> tuple[list[Row], dict[str, list[tuple[str, Any]]]]:
    """The second and third rows, and for every doubled person their ids with the moment each began."""
    doubles: list[Row] = []
    ids: dict[str, list[tuple[str, Any]]] = {}
    for first in _some(people, DOUBLED, rng):
        group = [(first["customer_id"], first["known_at"])]
        for _ in range(2 if rng.random() < 0.2 else 1):
            row = _again(first, f"D{len(doubles) + 1:06d}", rng)
            doubles.append(row)
            group.append((row["customer_id"], row["known_at"]))
        ids[first["customer_id"]] = group
    return doubles, ids


def _again(first: Row, customer_id: str, rng: np.random.Generator) -> Row:
    """The same person registered once more."""
    waited = timedelta(days=int(rng.integers(1, 300)), seconds=int(rng.integers(86_400)))
    # Nobody registers after the data was collected.
    later = first["joined_at"] + min(waited, (first["collected_at"] - first["joined_at"]) * 0.9)
    row = {**first, "customer_id": customer_id, "joined_at": later, "known_at": later}
    row["source"], row["source_row"] = "shop", int(customer_id[1:])
    changes: tuple[tuple[str, Callable[[str, np.random.Generator], str | None]], ...] = (
        ("name", other_name),
        ("email", other_email),
        ("phone", other_phone),
    )
    for column, change in changes:
        row[column] = None if row[column] is None else change(row[column], rng)
    for column, missing in (("gender", 0.25), ("birth_year", 0.35), ("income", 0.5)):
        row[column] = None if rng.random() < missing else row[column]
    if row["birth_year"] is not None and rng.random() < 0.03:
        row["birth_year"] += int(rng.choice([-1, 1, 10]))
    return row


def _spread(table: pa.Table, event: str, ids: dict[str, list[tuple[str, Any]]], rng: np.random.Generator) -> pa.Table:
    """Half of what a doubled person did once another id existed goes under that id."""
    names, moments = table["customer_id"].to_pylist(), table[event].to_pylist()
    draws = rng.random(len(names))
    for place, (name, moment) in enumerate(zip(names, moments, strict=True)):
        group = [other for other, since in ids.get(name, ()) if other != name and since <= moment]
        if group and draws[place] < 0.5:
            names[place] = group[int(draws[place] * 2 * len(group))]
    at = table.schema.get_field_index("customer_id")
    return table.set_column(at, "customer_id", pa.array(names, pa.string()))
