"""Who is held out: by chance, the share asked for, and the same people again."""

import pytest
from scipy.stats import binomtest

from serving.control_group import is_held_out, parted

SECRET = bytes(32)
PEOPLE = [f"C-{number}" for number in range(20_000)]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_share_is_met_within_chance(share: float) -> None:
    _, held_out = parted(SECRET, "autumn", PEOPLE, share)
    assert binomtest(len(held_out), len(PEOPLE), share).pvalue > 0.001


def test_everybody_is_in_one_group_in_the_given_order() -> None:
    people = PEOPLE[:500][::-1]
    sent, held_out = parted(SECRET, "autumn", people, 0.3)
    assert [one for one in people if one in set(sent)] == sent
    assert sorted(sent + held_out) == sorted(people)


def test_a_customers_lot_depends_on_nobody_else() -> None:
    _, whole = parted(SECRET, "autumn", PEOPLE, 0.1)
    _, part = parted(SECRET, "autumn", PEOPLE[::7], 0.1)
    assert set(part) == set(whole) & set(PEOPLE[::7])


def test_a_greater_share_holds_out_the_same_people_and_more() -> None:
    few = {one for one in PEOPLE[:2000] if is_held_out(SECRET, "autumn", one, 0.1)}
    many = {one for one in PEOPLE[:2000] if is_held_out(SECRET, "autumn", one, 0.2)}
    assert few < many


def test_campaigns_and_companies_draw_apart() -> None:
    first = set(parted(SECRET, "autumn", PEOPLE, 0.5)[1])
    for other in (parted(SECRET, "winter", PEOPLE, 0.5)[1], parted(b"1" * 32, "autumn", PEOPLE, 0.5)[1]):
        both = len(first & set(other))
        assert binomtest(both, len(first), 0.5).pvalue > 0.001
    # A campaign's name can't run into a customer's key.
    drawn = [is_held_out(SECRET, "a:", f"b{n}", 0.5) == is_held_out(SECRET, "a", f":b{n}", 0.5) for n in range(200)]
    assert not all(drawn)


def test_none_and_nearly_all() -> None:
    assert parted(SECRET, "autumn", PEOPLE[:100], 0.0) == (PEOPLE[:100], [])
    assert parted(SECRET, "autumn", [], 0.1) == ([], [])
