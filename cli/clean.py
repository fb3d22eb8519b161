"""`rapport clean`: raw into clean tables and quarantine, and the report on where every row went."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from cli import pipeline
from cli.options import HERE, JsonOption, WorkspaceOption
from cli.progress import stage
from cli.quarantine import refusals_table
from cli.terminal import show
from workspace.errors import SourceError
from workspace.folder import Workspace, open_workspace

if TYPE_CHECKING:
    from interactions.cleaning.overview import Overview


class Language(StrEnum):
    EN = "en"
    ZH = "zh"


def clean(
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the report as one page for a browser.")
    ] = None,
    language: Annotated[Language, typer.Option("--language", help="Of that page.")] = Language.EN,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Turn what was collected into clean tables; what is refused goes to quarantine with its reason."""
    from interactions.cleaning.overview import overview

    opened = open_workspace(workspace)
    with opened.lock("clean"), stage("clean") as report:
        result = pipeline.clean(opened, report)
        found = overview(opened)
    if html is not None:
        _write(html, opened, found, language)
    if as_json:
        typer.echo(json.dumps({**result.to_dict(), **found.to_dict()}, ensure_ascii=False))
        return
    typer.echo(f"{len(result.cleaned):,} files cleaned." if result.cleaned else "Nothing new to clean.")
    _show(found)
    if html is not None:
        typer.echo(f"The report is in {html}.")


def _show(found: "Overview") -> None:
    """Accounts that add up, what was put right, what was refused and how to look at it."""
    if not found.accounts:
        typer.echo("Nothing was received yet: `rapport collect FILE --table TABLE` comes first.")
        return
    show(_accounts(found))
    if any(row.repairs for row in found.accounts):
        show(_repairs(found))
    if found.refusals:
        show(refusals_table(found.refusals, f"{found.total['quarantined']:,} rows refused"))
        typer.echo("Row by row, with what led to it: rapport quarantine show TABLE --source SOURCE")
        typer.echo("After mending a mapping: rapport quarantine retry SOURCE --table TABLE --mapping FILE --preview")


def _accounts(found: "Overview") -> Table:
    from interactions.cleaning.report import COUNTS

    accounts = Table("source", "table", title="Where every row went", show_footer=True)
    accounts.columns[0].footer = "all together"
    for name in COUNTS:
        accounts.add_column(name, justify="right", footer=f"{found.total[name]:,}")
    for row in sorted(found.accounts, key=lambda row: (row.source, row.table)):
        accounts.add_row(row.source, row.table, *(f"{getattr(row, name):,}" for name in COUNTS))
    accounts.caption = (
        "received = known + duplicate + excluded + quarantined + kept"
        if found.adds_up
        else "These accounts do not add up: run `rapport clean` again, and report it if they still don't."
    )
    return accounts


def _repairs(found: "Overview") -> Table:
    """What was put right, a line each; a place that comes again is left blank."""
    repairs = Table("source", "table", "put right in kept rows", title="Repairs")
    repairs.add_column("rows", justify="right")
    for row in sorted(found.accounts, key=lambda row: (row.source, row.table)):
        place = (row.source, row.table)
        for name, count in sorted(row.repairs.items(), key=lambda item: (-item[1], item[0])):
            repairs.add_row(*place, name, f"{count:,}")
            place = ("", "")
    return repairs


def _write(file: Path, workspace: Workspace, found: "Overview", language: Language) -> None:
    from serving.reports.cleaning import cleaning_page

    page = cleaning_page(found, workspace.folder.name, workspace.settings.company, language.value)
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise SourceError(f"{file} can't be written ({error.strerror}). Choose another --html.") from None
