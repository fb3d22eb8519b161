"""Options that every command shares."""

from pathlib import Path
from typing import Annotated

import typer

WorkspaceOption = Annotated[
    Path,
    typer.Option("--workspace", help="The folder where a company's data lives.", envvar="RAPPORT_WORKSPACE"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for scripts instead of a table for people.")]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help="Only what was known before this day begins, in the company's time zone."
    ),
]

HERE = Path()
