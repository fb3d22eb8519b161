"""`rapport identity`: which customers are one person and why; a link undone, or made, by decision."""

import json
from collections import defaultdict
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.audit import recorded
from cli.options import HERE, JsonOption, WorkspaceOption
from cli.progress import stage
from workspace.errors import SettingsError
from workspace.folder import Workspace, open_workspace

app = typer.Typer(help="Customers that are one person.", no_args_is_help=True, rich_markup_mode=None)

SHOWN = ("name", "email", "phone", "gender", "birth_year", "owner")
CustomerArgument = Annotated[str, typer.Argument(metavar="CUSTOMER_ID", help="The customer, as the source calls them.")]


@app.command("show")
def show(
    customer_id: Annotated[str | None, typer.Argument(help="Only the person this customer is.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many persons.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="Leave out so many before them.")] = 0,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Persons known under several ids: each link, by which rule, since when, and what was undone. Personal data."""
    opened = open_workspace(workspace)
    found = _described(opened, customer_id, limit, offset)
    recorded(opened, "identity show", customer_id, sum(len(person["customers"]) for person in found["persons"]))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, default=str))
        return
    for person in found["persons"]:
        typer.echo(f"Person {person['person_id']}")
        for member in person["customers"]:
            typer.echo(f"  {member['customer_id']}: {_line(member)}")
    for row in found["undone"]:
        typer.echo(f"{row['customer_id']} is not {row['person_id']}: decided {_day(row['undone_at'])}")
    totals = found["linked"]
    typer.echo(
        f"{len(found['persons']):,} of {found['total']:,} persons shown. {totals['customers']:,} customers are "
        f"{totals['persons']:,} persons. Left out: {totals['blacklisted_values']:,} e-mail addresses and numbers that "
        f"say nothing, {totals['too_widely_shared_values']:,} that too many customers share."
    )


@app.command("undo")
def undo(
    customer_id: CustomerArgument,
    from_person: Annotated[str | None, typer.Option("--from", help="The person they are not.")] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Take a customer out of the person they were linked to, for good: `rapport run` then works without the link."""
    from interactions.cleaning import identity

    opened = open_workspace(workspace)
    with opened.lock("identity undo"), stage("identity"):
        others = identity.undo(opened, customer_id, from_person)
    recorded(opened, "identity undo", customer_id)
    answer = {"customer_id": customer_id, "apart_from": others}
    told = f"{customer_id} is no longer {', '.join(others)}. `rapport run` brings scores and pages up to date."
    typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else told)


@app.command("link")
def link(
    customer_id: CustomerArgument,
    other_id: Annotated[str, typer.Argument(metavar="OTHER_ID", help="The other customer.")],
    workspace: WorkspaceOption = HERE,
) -> None:
    """Make two customers one person by decision, or take back that they were set apart."""
    from interactions.cleaning import identity

    opened = open_workspace(workspace)
    with opened.lock("identity link"), stage("identity"):
        identity.join(opened, customer_id, other_id)
    recorded(opened, "identity link", customer_id)
    recorded(opened, "identity link", other_id)
    typer.echo(f"{customer_id} and {other_id} are one person. `rapport run` brings scores and pages up to date.")


def _described(workspace: Workspace, customer_id: str | None, limit: int, offset: int) -> dict[str, Any]:
    """`persons` with their `customers`, `total` of persons, `undone` decisions, `linked` in figures."""
    from interactions.cleaning import identity

    rows = workspace.lake.read("identity_links")
    current = identity.people(rows)
    undone = [row for row in rows.to_pylist() if row["undone_at"] is not None]
    groups: dict[str, list[str]] = defaultdict(list)
    for name, row in sorted(current.items()):
        groups[row["person_id"]].append(name)
    if customer_id is not None:
        person = current[customer_id]["person_id"] if customer_id in current else customer_id
        groups = {person: groups[person]} if person in groups else {}
        undone = [row for row in undone if customer_id in (row["customer_id"], row["person_id"])]
        if not groups and not undone:
            raise SettingsError("Nothing is linked to this customer. `rapport identity show` lists all who are.")
    shown = sorted(groups)[offset : offset + limit]
    described = _customers(workspace, {name for person in shown for name in (person, *groups[person])})
    return {
        "persons": [
            {
                "person_id": person,
                "customers": [_member(name, current, described) for name in (person, *groups[person])],
            }
            for person in shown
        ],
        "total": len(groups),
        "undone": undone[:limit],
        "undone_total": len(undone),
        "linked": asdict(identity.summary(workspace)),
    }


def _customers(workspace: Workspace, wanted: set[str]) -> dict[str, dict[str, Any]]:
    """The last row of each customer that is shown."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = workspace.lake.read("customers", ["customer_id", *SHOWN, "known_at"])
    rows = rows.filter(pc.is_in(rows["customer_id"], value_set=pa.array(sorted(wanted), pa.string())))
    return {row["customer_id"]: row for row in rows.sort_by("known_at").to_pylist()}


def _member(name: str, current: dict[str, dict[str, Any]], described: dict[str, dict[str, Any]]) -> dict[str, Any]:
    row = current.get(name, {})
    link = {column: row.get(column) for column in ("how", "linked_to", "known_at")}
    return {"customer_id": name, **link, **{column: described.get(name, {}).get(column) for column in SHOWN}}


def _line(member: dict[str, Any]) -> str:
    facts = ", ".join(str(member[column]) for column in SHOWN if member[column] is not None)
    if member["how"] is None:
        return facts
    return f"{facts}  [{member['how']} with {member['linked_to']}, known since {_day(member['known_at'])}]"


def _day(moment: Any) -> str:
    return str(moment.date())
