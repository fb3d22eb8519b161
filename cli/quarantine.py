"""`rapport quarantine`: the rows that were refused, and why."""

import json
from collections import Counter
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import typer
from rich.table import Table

from cli.options import HERE, JsonOption, WorkspaceOption
from cli.terminal import show
from workspace.folder import open_workspace

app = typer.Typer(help="Rows that were refused, each with its reasons.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_reasons(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """How many rows were refused, by table, source and reason."""
    refused = open_workspace(workspace).lake.read("quarantine", ["table", "source", "reasons"])
    counts = Counter((row["table"], row["source"], row["reasons"]) for row in refused.to_pylist())
    rows = [
        {"table": table, "source": source, "reasons": reasons, "rows": count}
        for (table, source, reasons), count in sorted(counts.items())
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    shown = Table("table", "source", "reasons", "rows", title=f"{refused.num_rows:,} rows in quarantine")
    for row in rows:
        shown.add_row(str(row["table"]), str(row["source"]), str(row["reasons"]), f"{row['rows']:,}")
    show(shown)


@app.command("show")
def show_rows(
    table: Annotated[str, typer.Argument(help="The table the rows were meant for.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows.")] = 20,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The refused rows of a table as they were received. They hold personal data."""
    refused = open_workspace(workspace).lake.read("quarantine")
    refused = refused.filter(pc.equal(refused["table"], pa.scalar(table)))
    total = refused.num_rows
    rows = refused.sort_by([("source", "ascending"), ("source_row", "ascending")]).slice(0, limit).to_pylist()
    if as_json:
        typer.echo(json.dumps({"total": total, "rows": rows}, ensure_ascii=False, default=str))
        return
    for row in rows:
        typer.echo(f"{row['source']} row {row['source_row']}: {row['reasons']}\n  {row['row']}")
    typer.echo(f"{len(rows):,} of {total:,} rows shown.")
