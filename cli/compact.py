"""`rapport compact`: the workspace put in order, and what that freed."""

import json
from dataclasses import asdict
from typing import Any

import typer
from rich.table import Table

from cli.options import HERE, JsonOption, WorkspaceOption
from cli.progress import stage
from cli.terminal import show
from workspace.folder import Workspace, open_workspace


def compact(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Put small files together, and free what is old: scorings beyond `[keep]`, versions, files nobody can still read.

    The service may go on. No row that anything is computed from changes: nothing is trained or scored anew for it.
    """
    opened = open_workspace(workspace)
    with opened.lock("compact"), stage("compact") as report:
        found = _compacted(opened, report)
        report(f"{found['bytes_freed'] / 1e6:,.1f} MB freed", 1.0)
    if as_json:
        typer.echo(json.dumps(found))
        return
    _tell(found)


def _compacted(workspace: Workspace, report: Any) -> dict[str, Any]:
    """tables, bytes_freed (in all), bytes_held, published_bytes_freed, overlay_bytes_freed."""
    from serving import overlay
    from serving.current import current_version
    from serving.publish import remove_old
    from workspace.compaction import compact as compact_lake

    tables = compact_lake(workspace, report)
    published = 0
    if (workspace.published / "CURRENT").is_file():
        published = remove_old(workspace, current_version(workspace.published))
    live = overlay.sweep(workspace.folder / "live")
    return {
        "tables": {name: asdict(table) for name, table in tables.items()},
        "published_bytes_freed": published,
        "overlay_bytes_freed": live,
        "bytes_freed": sum(table.bytes_freed for table in tables.values()) + published + live,
        "bytes_held": sum(table.bytes_held for table in tables.values()),
    }


def _tell(found: dict[str, Any]) -> None:
    shown = Table("table", "files", "now", "rows of old scorings removed", "MB freed")
    for name, table in found["tables"].items():
        counts = (table["files_before"], table["files_after"], table["rows_removed"])
        shown.add_row(name, *(f"{count:,}" for count in counts), f"{table['bytes_freed'] / 1e6:,.1f}")
    show(shown)
    typer.echo(
        f"{found['bytes_freed'] / 1e6:,.1f} MB freed, of it {found['published_bytes_freed'] / 1e6:,.1f} MB of old "
        f"published versions and {found['overlay_bytes_freed'] / 1e6:,.1f} MB of what lay over them."
    )
    if found["bytes_held"]:
        typer.echo(
            f"{found['bytes_held'] / 1e6:,.1f} MB more are held for ten minutes, for who still reads them: "
            "the next `rapport compact` frees them."
        )
