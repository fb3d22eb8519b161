"""Who is one person when: links over customers written out by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from interactions.cleaning.identity_groups import Decisions, Link, links
from interactions.cleaning.identity_pairs import COLUMNS, Candidates, candidates
from interactions.demo.company import simulate
from interactions.demo.doubles import plant
from workspace.settings import Identity
from workspace.tables import CUSTOMERS

SCHEMA = pa.schema([CUSTOMERS.schema.field(name) for name in COLUMNS])
ANN, BOB, EVE = "ann@163.com", "bob@163.com", "eve@163.com"
ONE, TWO = "13911110001", "13911110002"


def row(customer: str, at: int, email: str | None = None, phone: str | None = None, **more: Any) -> dict[str, Any]:
    return {"customer_id": customer, "known_at": at, "email": email, "phone": phone, "name": "王小伟", **more}


def found(rows: Sequence[dict[str, Any]], **settings: Any) -> Candidates:
    table = pa.table({name: pa.array([one.get(name) for one in rows], SCHEMA.field(name).type) for name in COLUMNS})
    return candidates(table, Identity(**settings), "CN", [])


def persons(
    rows: Sequence[dict[str, Any]], at: int = 10**6, decisions: Decisions | None = None, **settings: Any
) -> dict:
    """Customer -> person at a moment, of those who are known under another id."""
    current: dict[str, str] = {}
    for link in linked(rows, decisions, **settings):
        if link.known_at <= at:
            current[link.customer_id] = link.person_id
    return {name: person for name, person in current.items() if person != name}


def linked(rows: Sequence[dict[str, Any]], decisions: Decisions | None = None, **settings: Any) -> list[Link]:
    limit = Identity(**settings).max_group_size
    return links(found(rows, **settings), decisions or Decisions(), limit)


def test_a_link_is_known_when_both_are() -> None:
    rows = [row("b", 5, ANN), row("a", 9, ANN), row("c", 7, BOB)]
    assert linked(rows) == [Link("a", "b", 9, "email", "b")]


def test_the_person_is_called_by_whom_was_known_first_then_by_id() -> None:
    assert persons([row("b", 5, ANN), row("a", 5, ANN), row("c", 9, ANN)]) == {"b": "a", "c": "a"}


def test_later_data_follow_and_join_two_groups() -> None:
    rows = [row("a", 1, ANN), row("b", 2, ANN), row("c", 3, BOB, ONE), row("d", 4, None, ONE), row("e", 8, ANN, ONE)]
    assert persons(rows, at=7) == {"b": "a", "d": "c"}
    assert persons(rows, at=8) == dict.fromkeys("bcde", "a")


def test_what_comes_later_changes_nothing_earlier() -> None:
    rows = [row("a", 1, ANN), row("b", 2, ANN)]
    later = [row("a", 5, BOB, birth_year=1950, gender="male"), row("b", 5, ANN, birth_year=1990, gender="female")]
    crowd = [row(f"x{number}", 6, ANN, name=None) for number in range(20)]
    for more in ([], later, crowd, [*later, *crowd]):
        assert persons([*rows, *more], at=4) == {"b": "a"}


def test_an_address_once_had_still_links() -> None:
    assert persons([row("a", 1, ANN), row("a", 5, BOB), row("b", 7, ANN)]) == {"b": "a"}


def test_a_contradiction_that_comes_to_light_parts_them_from_then_on() -> None:
    rows = [row("a", 1, ANN), row("b", 2, ANN), row("a", 5, ANN, gender="男", birth_year=1950)]
    rows.append(row("b", 6, ANN, gender="F", birth_year=1990))
    assert persons(rows, at=5) == {"b": "a"}
    assert persons(rows, at=6) == {}
    assert linked(rows)[-1] == Link("b", "b", 6, "own", None)


def test_a_value_too_many_share_links_nobody_from_then_on() -> None:
    rows = [row(f"c{number}", number, ANN) for number in range(1, 7)]
    assert len(persons(rows, max_group_size=6)) == 5
    assert len(persons(rows, at=5, max_group_size=5)) == 4
    assert persons(rows, at=6, max_group_size=5) == {}
    assert found(rows, max_group_size=5).too_widely_shared == 1
    assert persons([one | {"known_at": 1} for one in rows], max_group_size=5) == {}


def test_no_group_is_larger_than_the_cap() -> None:
    emails = [f"m{number}@163.com" for number in range(12)]
    phones = [f"1391111{number:04d}" for number in range(12)]
    rows = [row(f"c{number:02d}", number, emails[number // 2], phones[(number + 1) // 2]) for number in range(20)]
    groups = persons(rows, max_group_size=4)
    sizes = [1 + sum(person == name for person in groups.values()) for name in set(groups.values())]
    assert max(sizes) == 4
    assert len(persons(rows, max_group_size=100)) == 19


def test_the_blacklist_of_the_company() -> None:
    rows = [
        row("a", 1, "kim@agent.cn"),
        row("b", 2, "Kim@agent.cn"),
        row("c", 3, None, ONE),
        row("d", 4, None, f"+86{ONE}"),
    ]
    assert persons(rows) == {"b": "a", "d": "c"}
    assert persons(rows, blacklist=("@Agent.cn", "139-1111-0001")) == {}
    assert persons(rows, blacklist=("kim@agent.cn",)) == {"d": "c"}
    assert found(rows, blacklist=("agent.cn",)).blacklisted == 2


def test_a_group_holds_no_contradiction_that_a_nameless_row_bridges() -> None:
    rows = [row("a", 1, ANN, name="王小伟"), row("b", 2, ANN, ONE, name=None), row("c", 3, None, ONE, name="李大明")]
    assert persons(rows) == {"b": "a"}


def test_a_nameless_row_goes_to_nobody_where_two_people_have_the_number() -> None:
    family = [row("a", 1, ANN, ONE, name="王小伟"), row("b", 2, BOB, ONE, name="王芳")]
    assert persons([family[0], row("c", 3, None, ONE, name=None)]) == {"c": "a"}
    assert persons([*family, row("c", 3, None, ONE, name=None)]) == {}


@pytest.mark.parametrize(
    ("changes", "linked_by"),
    [
        ({"email": "anm@163.com"}, "mistyped"),
        ({"email": "xyz@163.com", "phone": "13911110009"}, "mistyped"),
        ({"email": "anm@163.com", "birth_year": 1981}, None),
        ({"email": "anm@163.com", "name": "李大明"}, None),
        ({"email": "anm@163.com", "gender": "male"}, None),
        ({"email": "zzz@163.com", "phone": "13911110099"}, None),
    ],
)
def test_one_sign_apart_counts_with_the_same_name_and_year_of_birth(changes: dict, linked_by: str | None) -> None:
    facts = {"birth_year": 1980, "gender": "female"}
    rows = [row("a", 1, ANN, ONE, **facts), {**row("b", 2, None, None, **facts), **changes}]
    assert [link.how for link in linked(rows)] == ([] if linked_by is None else [linked_by])


def test_whom_an_operator_set_apart_nothing_joins() -> None:
    rows = [row("a", 1, ANN, ONE), row("b", 2, ANN, ONE), row("c", 3, ANN, ONE)]
    apart = Decisions(frozenset((("b", "a"),)))
    assert persons(rows[:2], decisions=apart) == {}
    groups = persons(rows, decisions=apart)
    assert set(groups) == {"c"}


def test_whom_an_operator_joined_is_one_from_then_on() -> None:
    rows = [row("a", 1, ANN, name="王小伟", gender="male"), row("b", 2, BOB, name="Emma", gender="female")]
    table = pa.table({name: pa.array([one.get(name) for one in rows], SCHEMA.field(name).type) for name in COLUMNS})
    looked_at = candidates(table, Identity(), "CN", [("a", "b")])
    assert links(looked_at, Decisions(together=(("b", "a", 9),)), 10) == [Link("b", "a", 9, "operator", "a")]


def test_rows_without_anything_to_go_by_link_nobody() -> None:
    assert linked([]) == []
    assert linked([row("a", 1), row("b", 2), row(None, 3, ANN), row("c", None, ANN), row("d", 4, ANN)]) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    customers = plant(simulate(customers=300, days=60, seed=31), 31).tables["customers"].select(COLUMNS)
    expected = links(candidates(customers, Identity(), "CN", ()), Decisions(), 10)
    shuffled = customers.take(pa.array(np.random.default_rng(seed).permutation(len(customers))))
    assert links(candidates(shuffled, Identity(), "CN", ()), Decisions(), 10) == expected
    assert len(expected) > 20
