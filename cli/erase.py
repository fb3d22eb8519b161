"""`rapport erase`: forget a person everywhere, wait until nothing is left, print the receipt."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from cli.audit import user
from cli.options import HERE, JsonOption, WorkspaceOption
from cli.progress import console
from workspace.errors import QueryError
from workspace.folder import Workspace, open_workspace


def erase(
    customer_id: Annotated[str, typer.Argument(metavar="CUSTOMER_ID", help="The customer, under any of their ids.")],
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Erase a person everywhere and print the receipt.

    Hidden at once; then it waits: for a stage at work, and up to ten minutes for readers where a service is running.
    Stopped meanwhile, it is finished by the service, or by the same command again.
    """
    opened = open_workspace(workspace)
    receipt = _erased(opened, customer_id)
    if as_json:
        typer.echo(json.dumps(receipt, ensure_ascii=False))
        return
    typer.echo(f"Erasure {receipt['erasure_id']} is {receipt['status']} since {receipt['completed_at']}.")
    for name, rows in receipt["removed"].items():
        typer.echo(f"  {name}: {rows:,}")
    for model in receipt["models"]:
        served = ", served" if model["champion"] else ""
        typer.echo(f"  knew the person: {model['kind']} {model['bundle']} of {model['cutoff'][:10]}{served}")
    typer.echo(receipt["message_en"])


def _erased(workspace: Workspace, customer_id: str) -> dict[str, Any]:
    from serving.erasure import run
    from serving.erasure_request import receipt, request
    from serving.erasure_tables import is_known, linked
    from workspace import erasure_records
    from workspace.erasure_records import COMPLETE
    from workspace.journal import last_position
    from workspace.secret import secret

    keyed = secret(workspace.folder)
    state = workspace.state()
    try:
        known = erasure_records.of_customer(state, keyed, customer_id) is not None
        if not known and not is_known(workspace, customer_id) and not last_position(state, customer_id):
            raise QueryError(
                "There is no customer of this id in the workspace; nothing was erased. Ids are written as in the source."
            )
        ids = [customer_id, *sorted(linked(workspace, [customer_id]) - {customer_id})]
        asked = request(state, keyed, workspace.folder, ids, f"command line: {user()}").erasure_id

        def stage() -> str:
            found = erasure_records.found(state, asked)
            return COMPLETE if found is None else found.stage

        run(workspace, progress=_say, is_over=lambda: stage() == COMPLETE)
        found = erasure_records.found(state, asked)
        assert found is not None
        return receipt(found)
    finally:
        state.close()


_said: list[str] = []


def _say(what: str, _share: float) -> None:
    if what not in _said[-1:]:
        _said.append(what)
        console.print(f"erase: {what}", highlight=False)
