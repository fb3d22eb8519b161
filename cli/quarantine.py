"""`rapport quarantine`: the rows that were refused, why, and whether a mended mapping keeps them."""

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from cli.audit import recorded
from cli.options import HERE, JsonOption, WorkspaceOption
from cli.progress import stage
from cli.terminal import show
from workspace.collected import COLLECTED
from workspace.errors import SourceError
from workspace.folder import open_workspace

if TYPE_CHECKING:
    from interactions.cleaning.explained import Refused
    from interactions.cleaning.overview import Refusal

app = typer.Typer(help="Rows that were refused, each with its reasons.", no_args_is_help=True, rich_markup_mode=None)

TableArgument = Annotated[str, typer.Argument(help="The table the rows were meant for.")]
SourceOption = Annotated[str | None, typer.Option("--source", help="Only what came from this source.")]

# A number can't be a formula: it stays as it is, and so does a dash.
_PLAIN = re.compile(r"[+-]?\d[\d.,:]*%?|-+")


@app.command("list")
def list_reasons(
    table: Annotated[str | None, typer.Option("--table", help="Only rows meant for this table.")] = None,
    source: SourceOption = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """How many rows were refused, by table, source and reason."""
    from interactions.cleaning.overview import refusals

    if table is not None:
        _check_table(table)
    opened = open_workspace(workspace)
    with opened.within_limits():
        found = refusals(opened, table, source)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in found], ensure_ascii=False))
        return
    chosen = "".join(f", {name} {value}" for name, value in (("table", table), ("source", source)) if value)
    show(refusals_table(found, f"{sum(row.rows for row in found):,} rows in quarantine{chosen}"))
    if found:
        first = found[0]
        typer.echo(f"Look at them: rapport quarantine show {first.table} --source '{first.source}'")


@app.command("show")
def show_rows(
    table: TableArgument,
    source: SourceOption = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Only this reason, or a part of it.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows on the screen; a file gets all.")] = 20,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE.csv", help="All of them into a file for a spreadsheet.")
    ] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The refused rows of a table as they were received, and what led to each. They hold personal data."""
    from interactions.cleaning.explained import refused_rows

    _check_table(table)
    opened = open_workspace(workspace)
    with opened.within_limits():
        found = refused_rows(opened, table, source, reason, None if output is not None else limit)
    recorded(opened, "quarantine show", people=len(found.rows))
    if output is not None:
        _write(output, found.rows)
    if as_json:
        rows = [] if output is not None else [row.to_dict() for row in found.rows]
        typer.echo(json.dumps({"total": found.total, "rows": rows, "file": output and str(output)}, ensure_ascii=False))
        return
    if output is not None:
        typer.echo(f"{found.total:,} rows written to {output}, as received. Personal data: keep the file safe.")
        return
    for row in found.rows:
        _explain(row)
    typer.echo(_how_many(found.total, len(found.rows)))


@app.command("retry")
def retry_rows(
    source: Annotated[str, typer.Argument(help="The source, as `quarantine list` names it.")],
    table: Annotated[str, typer.Option("--table", help="The table the rows were meant for.")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="The mended mapping file; without one, the one in force.")
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", "--dry-run", help="Show what would become of the rows; write nothing.")
    ] = False,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Clean again what came from a source, after its mapping or a setting was mended."""
    from interactions.cleaning.retry import retry

    _check_table(table)
    opened = open_workspace(workspace)
    with opened.lock("quarantine retry"), stage("retry") as report:
        found = retry(opened, source, table, mapping, preview, report)
    recorded(opened, "quarantine retry")
    typer.echo(json.dumps(found.to_dict(), ensure_ascii=False) if as_json else found.as_text())
    if found.changed and not preview and not as_json:
        typer.echo("`rapport run` brings models and pages up to date.")


def refusals_table(rows: Sequence["Refusal"], title: str) -> Table:
    """Refusals for people: table, source, reasons, rows, and where the first of them stand."""
    shown = Table("table", "source", "reasons", title=title)
    shown.add_column("rows", justify="right")
    shown.add_column("where (row of the file)")
    for row in rows:
        shown.add_row(row.table, row.source, row.reasons, f"{row.rows:,}", row.where)
    return shown


def _check_table(table: str) -> None:
    if table not in COLLECTED:
        raise SourceError(f"There is no table `{table}` to be refused from; there are {', '.join(COLLECTED)}.")


def _explain(row: "Refused") -> None:
    typer.echo(f"{row.file or row.source}, row {row.source_row:,} (source {row.source}): {row.reasons}")
    for cause in row.causes:
        read = ", ".join(f"{name} = {value!r}" for name, value in cause.read.items())
        typer.echo(f"  {cause.reason}{f': received {read}' if read else ''}. {cause.advice}")
    typer.echo(f"  {row.row}")


def _how_many(total: int, shown: int) -> str:
    if shown == total:
        return f"All {total:,} rows shown." if total else "No row was refused."
    return f"{shown:,} of {total:,} rows shown; --limit shows more, --output FILE.csv writes all of them."


def _write(file: Path, rows: Sequence["Refused"]) -> None:
    """A CSV that a spreadsheet opens rightly: file, row and reasons, then every received column.

    With a byte-order mark for its Chinese, and no cell that is a formula.
    """
    received = [json.loads(row.row) for row in rows]
    columns = list(dict.fromkeys(name for row in received for name in row))
    try:
        with file.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["refused in file", "refused row", "refused because", *map(_cell, columns)])
            for row, values in zip(rows, received, strict=True):
                given = [_cell(values.get(name)) for name in columns]
                writer.writerow([_cell(row.file), row.source_row, row.reasons, *given])
        file.chmod(0o600)
    except OSError as error:
        raise SourceError(f"{file} can't be written ({error.strerror}). Choose another --output.") from None


def _cell(value: str | None) -> str:
    from serving.csv_lists import safe

    text = value or ""
    return text if _PLAIN.fullmatch(text) else safe(text)
