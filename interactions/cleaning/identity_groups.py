"""Who is one person at every moment: groups of customers grown from the most trusted links, as rows of identity_links.

At each moment the groups follow from the rows known then, so that what comes later changes nothing earlier. Links are
taken in the order of trust; one that would join a contradiction, or more customers than the cap, is left out, and so is
one by a mobile number alone that could as well lead to somebody else. A group is called by its customer known first (of
several, the first by id).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from interactions.cleaning.identity_pairs import NEVER, Candidates, Customer, Pair, Tie, shared_at
from interactions.cleaning.identity_rules import Rule, alike, rule

OWN = "own"


@dataclass(frozen=True)
class Decisions:
    """What operators decided: pairs of customer_id that are two people, and (one, other, known_at) that are one."""

    apart: frozenset[tuple[str, str]] = frozenset()
    together: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True)
class Link:
    """One row of identity_links in force; `known_at` in microseconds since 1970."""

    customer_id: str
    person_id: str
    known_at: int
    how: str
    linked_to: str | None


@dataclass(frozen=True)
class _Edge:
    """A pair and from when on which rule links it; None from when on none does."""

    pair: Pair
    turns: tuple[tuple[int, Rule | None], ...]

    def at(self, moment: int) -> Rule | None:
        current = None
        for since, found in self.turns:
            if since > moment:
                break
            current = found
        return current


def links(found: Candidates, decisions: Decisions, limit: int) -> list[Link]:
    """Every change of a customer's person, sorted by customer_id and time; none for who was always by themselves."""
    apart = _apart(found.customers, decisions)
    edges = [edge for edge in _edges(found, decisions) if edge.pair not in apart]
    rows = [row for part in _parts(edges) for row in _history(part, found.customers, apart, limit)]
    return sorted(rows, key=lambda row: (row.customer_id, row.known_at))


def _edges(found: Candidates, decisions: Decisions) -> list[_Edge]:
    """Pairs that some rule links at some moment."""
    numbers = {customer.customer_id: number for number, customer in found.customers.items()}
    edges = []
    for one, other, known_at in decisions.together:
        if one in numbers and other in numbers:
            pair = (min(numbers[one], numbers[other]), max(numbers[one], numbers[other]))
            since = max(known_at, *(found.customers[number].first for number in pair))
            edges.append(_Edge(pair, ((since, Rule.OPERATOR),)))
    for pair, ties in found.ties.items():
        turns = _turns(found.customers[pair[0]], found.customers[pair[1]], ties)
        if any(turn is not None for _, turn in turns):
            edges.append(_Edge(pair, turns))
    return edges


def _turns(one: Customer, other: Customer, ties: Sequence[Tie]) -> tuple[tuple[int, Rule | None], ...]:
    """From when on which rule links two customers."""
    begin = min(tie.since for tie in ties)
    moments = {moment for tie in ties for moment in (tie.since, tie.until)}
    moments |= {moment for customer in (one, other) for moment in customer.moments}
    return tuple(
        (moment, rule(shared_at(ties, moment), alike(one.known(moment), other.known(moment))))
        for moment in sorted(moments)
        if begin <= moment < NEVER
    )


def _apart(customers: Mapping[int, Customer], decisions: Decisions) -> frozenset[Pair]:
    numbers = {customer.customer_id: number for number, customer in customers.items()}
    pairs = ((numbers[one], numbers[other]) for one, other in decisions.apart if one in numbers and other in numbers)
    return frozenset((min(pair), max(pair)) for pair in pairs)


def _parts(edges: Sequence[_Edge]) -> Iterable[list[_Edge]]:
    """Edges that hang together, whenever they hold."""
    neighbours: dict[int, list[_Edge]] = defaultdict(list)
    for edge in edges:
        for number in edge.pair:
            neighbours[number].append(edge)
    seen: set[int] = set()
    for start in sorted(neighbours):
        if start in seen:
            continue
        seen.add(start)
        waiting, part = deque([start]), {}
        while waiting:
            for edge in neighbours[waiting.popleft()]:
                part[id(edge)] = edge
                for number in edge.pair:
                    if number not in seen:
                        seen.add(number)
                        waiting.append(number)
        yield list(part.values())


def _history(
    edges: Sequence[_Edge], customers: Mapping[int, Customer], apart: frozenset[Pair], limit: int
) -> list[Link]:
    """The rows of customers whose links hang together: what changes at each moment."""
    members = sorted({number for edge in edges for number in edge.pair})
    moments = {moment for edge in edges for moment, _ in edge.turns}
    moments |= {moment for number in members for moment in customers[number].moments}
    rows: list[Link] = []
    before: dict[int, tuple[int, Rule, int]] = {}
    for moment in sorted(moment for moment in moments if moment >= min(edge.turns[0][0] for edge in edges)):
        now = _persons(edges, customers, apart, limit, moment)
        changed = (number for number in sorted(before.keys() | now.keys()) if before.get(number) != now.get(number))
        rows += [_row(customers, number, now.get(number), moment) for number in changed]
        before = now
    return rows


def _row(customers: Mapping[int, Customer], number: int, link: tuple[int, Rule, int] | None, moment: int) -> Link:
    own = customers[number].customer_id
    if link is None:
        return Link(own, own, moment, OWN, None)
    person, found, to = link
    return Link(own, customers[person].customer_id, moment, found.label, customers[to].customer_id)


def _persons(
    edges: Sequence[_Edge], customers: Mapping[int, Customer], apart: frozenset[Pair], limit: int, moment: int
) -> dict[int, tuple[int, Rule, int]]:
    """Who is whom at a moment: customer -> (person, rule, linked to), for all but those a person is called by."""
    valid = [(found, edge.pair) for edge in edges if (found := edge.at(moment)) is not None]
    groups: dict[int, tuple[int, ...]] = {}
    tree: dict[int, list[tuple[int, Rule]]] = defaultdict(list)
    beside = (customers, apart, limit, moment)
    near = _near(pair for found, pair in valid if found is Rule.MOBILE_ALONE)
    for found, (one, other) in sorted(valid):
        ours, theirs = groups.get(one, (one,)), groups.get(other, (other,))
        if ours is theirs or not _may_join(ours, theirs, found, beside):
            continue
        if found is Rule.MOBILE_ALONE and _is_ambiguous(near[one] | near[other], beside):
            continue
        joined = ours + theirs
        groups.update(dict.fromkeys(joined, joined))
        tree[one].append((other, found))
        tree[other].append((one, found))
    persons: dict[int, tuple[int, Rule, int]] = {}
    for group in set(groups.values()):
        root = min(group, key=lambda number: (customers[number].first, number))
        persons.update(_from(root, tree))
    return persons


def _near(pairs: Iterable[Pair]) -> dict[int, set[int]]:
    near: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        near[one].add(other)
        near[other].add(one)
    return near


def _is_ambiguous(numbers: set[int], beside: tuple[Any, ...]) -> bool:
    """Whether customers, to all of whom a link could lead, are different people."""
    return any(not _may_join((one,), (other,), Rule.MOBILE_ALONE, beside) for one, other in combinations(numbers, 2))


def _may_join(ours: tuple[int, ...], theirs: tuple[int, ...], found: Rule, beside: tuple[Any, ...]) -> bool:
    customers, apart, limit, moment = beside
    pairs = [(min(one, other), max(one, other)) for one in ours for other in theirs]
    if any(pair in apart for pair in pairs):
        return False
    if found is Rule.OPERATOR:
        return True
    if len(ours) + len(theirs) > limit:
        return False
    states = [(customers[one].known(moment), customers[other].known(moment)) for one, other in pairs]
    return not any(alike(*state).is_contradiction for state in states)


def _from(root: int, tree: Mapping[int, Sequence[tuple[int, Rule]]]) -> dict[int, tuple[int, Rule, int]]:
    """Each of a group, with the link that leads towards the customer the person is called by."""
    found: dict[int, tuple[int, Rule, int]] = {}
    waiting = deque([root])
    while waiting:
        number = waiting.popleft()
        for other, by in sorted(tree[number]):
            if other != root and other not in found:
                found[other] = (root, by, number)
                waiting.append(other)
    return found
