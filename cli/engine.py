"""`--engine` and `--master`: what computes, for one run; otherwise `[engine]` in rapport.toml says it."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer
from pydantic import ValidationError

from workspace.errors import SettingsError
from workspace.folder import Workspace
from workspace.settings import Engine


class EngineName(StrEnum):
    DUCKDB = "duckdb"
    SPARK = "spark"


EngineOption = Annotated[
    EngineName | None,
    typer.Option(
        "--engine",
        help="duckdb: in this process (the default). spark: on a Spark cluster or in a Spark of its own on this "
        "machine; needs `make spark` and Java 17. Both give the same rows. Default: `[engine] name` in rapport.toml.",
    ),
]
MasterOption = Annotated[
    str | None,
    typer.Option(
        "--master",
        metavar="URL",
        help="For --engine spark: the cluster's address, such as spark://10.0.0.5:7077, or local[*], all cores of "
        "this machine (the default).",
    ),
]


def with_engine(workspace: Workspace, name: EngineName | None, master: str | None) -> Workspace:
    """The workspace with the engine that the command line names in the place of that in rapport.toml.

    Raises SettingsError for an address that is none, or one without Spark to use it.
    """
    set_ = workspace.settings.engine
    chosen = set_.name if name is None else name.value
    if master is not None and chosen != "spark":
        raise SettingsError(
            f"--master {master} is an address of Spark, and the engine is {chosen}. Add --engine spark."
        )
    try:
        engine = Engine(name=chosen, master=master or set_.master, options=set_.options)
    except ValidationError:
        raise SettingsError(
            f"--master {master} is no address of Spark. Write spark://HOST:PORT, local[*] or local[2]."
        ) from None
    return replace(workspace, settings=workspace.settings.model_copy(update={"engine": engine}))
