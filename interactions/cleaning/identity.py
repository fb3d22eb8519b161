"""Customers that are one person, as identity_links: found from e-mail address and phone number, undone by operators.

The rows in force are a function of the customers table, of what operators decided and of [identity]: linking again
gives the same rows, a run that was killed is mended by the next, and later data follow. Customers keep their ids
everywhere; features join them at their cutoff, by the links known then (features/identity.py).

The rules and their order of trust: identity_rules.py. What an operator undid stays in the table with undone_at, and is
never linked again, whatever comes.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from interactions.cleaning.identity_groups import Decisions, Link, links
from interactions.cleaning.identity_pairs import COLUMNS, Candidates, candidates
from interactions.cleaning.identity_rules import Rule
from workspace.errors import SettingsError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.settings import Settings
from workspace.tables import IDENTITY_LINKS

Rows = list[dict[str, Any]]

# Another number when the rules change: what is in the lake is then linked anew.
RULES = 1
_MEMO = "identity"
_ORDER = [(name, "ascending") for name in ("customer_id", "known_at", "person_id")]


@dataclass(frozen=True)
class Linked:
    """What linking came to: `customers` who are `persons` together; values left out: junk, or too widely shared."""

    customers: int = 0
    persons: int = 0
    undone: int = 0
    blacklisted_values: int = 0
    too_widely_shared_values: int = 0


def link(workspace: Workspace, progress: Progress = silent) -> Linked:
    """Bring identity_links up to what the customers table says; the caller holds the workspace.

    Writes nothing when nothing changed, one commit otherwise.
    """
    with closing(workspace.state()) as state:
        memo = json.loads(state.recall(_MEMO) or "{}")
        if memo.get("of") == _state_of(workspace):
            return Linked(**memo["linked"])
    progress("identity", 0.0)
    linked = _relink(workspace, _undone(workspace.lake.read("identity_links")))
    progress(f"{linked.customers:,} customers are {linked.persons:,} persons", 1.0)
    return linked


def summary(workspace: Workspace) -> Linked:
    """What the last linking came to."""
    with closing(workspace.state()) as state:
        return Linked(**json.loads(state.recall(_MEMO) or "{}").get("linked", {}))


def people(rows: pa.Table) -> dict[str, dict[str, Any]]:
    """Of identity_links the row in force of every customer who is now somebody known under another id too."""
    newest: dict[str, dict[str, Any]] = {}
    for row in rows.sort_by(_ORDER).to_pylist():
        if row["undone_at"] is None:
            newest[row["customer_id"]] = row
    return {name: row for name, row in newest.items() if row["person_id"] != name}


def undo(workspace: Workspace, customer_id: str, from_person: str | None = None) -> list[str]:
    """Take a customer out of the person they were linked to, for good; returns the customers they are no longer.

    The rest stay one person where something links them without this customer. Features, from the next run on, are as
    though the link had never been. The caller holds the workspace. Raises SettingsError when there is no such link.
    """
    rows = workspace.lake.read("identity_links")
    current = people(rows)
    person = current[customer_id]["person_id"] if customer_id in current else customer_id
    members = {person, *(name for name, row in current.items() if row["person_id"] == person)}
    if len(members) == 1 or from_person not in (None, person):
        raise SettingsError(
            "This customer has no such link: `rapport identity show CUSTOMER_ID` shows what is linked to a customer."
        )
    now = datetime.now(UTC)
    others = sorted(members - {customer_id})
    parted = [_parted(current, customer_id, other, now) for other in others]
    _relink(workspace, [*_undone(rows), *parted])
    return others


def join(workspace: Workspace, one: str, other: str) -> None:
    """Make two customers one person by decision, known from now on; where they were set apart that is taken back.

    What their rows show counts from when it was known. The caller holds the workspace. Raises SettingsError for a
    customer that customers doesn't hold.
    """
    held = pc.is_in(pa.array([one, other]), value_set=workspace.lake.read("customers", ["customer_id"])["customer_id"])
    if one == other or not pc.all(held).as_py():
        raise SettingsError("Expected the ids of two different customers, both of them in the table `customers`.")
    rows = workspace.lake.read("identity_links")
    current = people(rows)
    ours, theirs = _with_others(current, one), _with_others(current, other)
    kept = [row for row in _undone(rows) if not _between(row, ours, theirs)]
    _relink(workspace, kept)
    if other not in _with_others(people(workspace.lake.read("identity_links")), one):
        _relink(workspace, kept, ((one, other, _micros(datetime.now(UTC))),))


def _relink(workspace: Workspace, undone: Rows, more: tuple[tuple[str, str, int], ...] = ()) -> Linked:
    """Compute the rows in force beside what was undone, and write them where they differ from those in the lake."""
    before = workspace.lake.read("identity_links")
    settings = workspace.settings
    found, rows = _computed(workspace, settings, _decisions(before, undone, more))
    table = _table(rows, undone)
    if table.to_pylist() != before.sort_by(_ORDER).to_pylist():
        _write(workspace, table, before)
    linked = Linked(
        customers=len(now := people(table)) + len({row["person_id"] for row in now.values()}),
        persons=len({row["person_id"] for row in now.values()}),
        undone=len(undone),
        blacklisted_values=found[0],
        too_widely_shared_values=found[1],
    )
    with closing(workspace.state()) as state:
        state.remember(_MEMO, json.dumps({"of": _state_of(workspace), "linked": asdict(linked)}))
    return linked


def _computed(workspace: Workspace, settings: Settings, decisions: Decisions) -> tuple[tuple[int, int], list[Link]]:
    customers = workspace.lake.read("customers", list(COLUMNS))
    forced = [*decisions.apart, *((one, other) for one, other, _ in decisions.together)]
    found = candidates(customers, settings.identity, settings.company.calendar, forced)
    if not settings.identity.enabled:
        found = Candidates(found.customers, {}, 0, 0)
    rows = links(found, decisions, settings.identity.max_group_size)
    return (found.blacklisted, found.too_widely_shared), rows


def _decisions(before: pa.Table, undone: Rows, more: tuple[tuple[str, str, int], ...]) -> Decisions:
    """What operators decided: pairs undone are apart; links of theirs that are in force stay, unless undone now."""
    apart = frozenset((row["customer_id"], row["person_id"]) for row in undone)
    decided = [row for row in before.to_pylist() if row["how"] == Rule.OPERATOR.label and row["undone_at"] is None]
    kept = {
        (min(pair), max(pair)): _micros(row["known_at"])
        for row in sorted(decided, key=lambda row: row["known_at"], reverse=True)
        if (pair := (row["customer_id"], row["linked_to"]))[0] != pair[1]
    }
    return Decisions(apart, (*((one, other, known_at) for (one, other), known_at in sorted(kept.items())), *more))


def _write(workspace: Workspace, table: pa.Table, before: pa.Table) -> None:
    """Later rows are added; where earlier ones changed too, all are put in their place, in one commit either way."""
    known = {tuple(row.values()) for row in before.to_pylist()}
    rows = table.to_pylist()
    if known <= {tuple(row.values()) for row in rows}:
        new = [row for row in rows if tuple(row.values()) not in known]
        workspace.lake.append("identity_links", pa.Table.from_pylist(new, schema=IDENTITY_LINKS.schema))
    else:
        workspace.lake.overwrite("identity_links", table)


def _table(rows: list[Link], undone: Rows) -> pa.Table:
    found = [{**asdict(row), "undone_at": None} for row in rows]
    for row in found:
        row["known_at"] = pa.scalar(row["known_at"], pa.timestamp("us", tz="UTC")).as_py()
    table = pa.Table.from_pylist([*found, *undone], schema=IDENTITY_LINKS.schema)
    return table.sort_by(_ORDER).combine_chunks()


def _undone(rows: pa.Table) -> Rows:
    found: Rows = rows.filter(pc.is_valid(rows["undone_at"])).to_pylist()
    return found


def _parted(current: dict[str, dict[str, Any]], customer: str, other: str, now: datetime) -> dict[str, Any]:
    """The row that says two customers are two people; it keeps what had linked them where that was one link."""
    one, its = (customer, other) if customer in current else (other, customer)
    row = current.get(one, {})
    direct = row.get("person_id") == its
    return {
        "customer_id": one,
        "person_id": its,
        "known_at": row.get("known_at", now),
        "undone_at": now,
        "how": row["how"] if direct else Rule.OPERATOR.label,
        "linked_to": row["linked_to"] if direct else its,
    }


def _with_others(current: dict[str, dict[str, Any]], customer: str) -> set[str]:
    person = current[customer]["person_id"] if customer in current else customer
    return {customer, person, *(name for name, row in current.items() if row["person_id"] == person)}


def _between(row: dict[str, Any], ours: set[str], theirs: set[str]) -> bool:
    one, other = row["customer_id"], row["person_id"]
    return (one in ours and other in theirs) or (one in theirs and other in ours)


def _state_of(workspace: Workspace) -> str:
    """All that decides what linking comes to, in short."""
    lake, settings = workspace.lake, workspace.settings
    versions = [RULES, lake.version("customers"), lake.version("identity_links"), settings.company.calendar]
    return json.dumps([*versions, settings.identity.model_dump(mode="json")])


def _micros(moment: datetime) -> int:
    return int(pa.scalar(moment, pa.timestamp("us", tz="UTC")).cast(pa.int64()).as_py())
