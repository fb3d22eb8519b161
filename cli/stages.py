"""`rapport features|train|score|publish|run`: one stage each, or all of them."""

import json
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli import pipeline
from cli.as_of import cutoff_of
from cli.engine import EngineOption, MasterOption, with_engine
from cli.options import HERE, AsOfOption, JsonOption, WorkspaceOption
from cli.progress import console, stage
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace, open_workspace

if TYPE_CHECKING:
    from training.trained import Trained


_WHERE_THERE_IS_DATA = ("value", "sentiment")


class Model(StrEnum):
    SEGMENTS = "segments"
    CHURN = "churn"
    VALUE = "value"
    VOLUME = "volume"
    SENTIMENT = "sentiment"
    ALL = "all"


def features(
    workspace: WorkspaceOption = HERE,
    as_of: AsOfOption = None,
    engine: EngineOption = None,
    master: MasterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute what was known about each customer before a cutoff, and keep it."""
    from features.table import features_as_of
    from training.cutoffs import default_cutoff

    opened = with_engine(open_workspace(workspace), engine, master)
    with opened.lock("features"), stage("features") as report:
        cutoff = cutoff_of(as_of, opened.settings.company) or default_cutoff(opened)
        rows = features_as_of(opened, cutoff)
        opened.lake.replace_cutoff("customer_features", rows, cutoff)
        report(f"{rows.num_rows:,} customers", 1.0)
    answer = {"cutoff": cutoff.isoformat(), "customers": rows.num_rows, "columns": rows.column_names[2:]}
    text = f"{rows.num_rows:,} customers, {len(rows.column_names) - 2} features, cutoff {cutoff.isoformat()}"
    typer.echo(json.dumps(answer) if as_json else text)


def train(
    model: Annotated[Model, typer.Argument(help="Which model.")] = Model.ALL,
    workspace: WorkspaceOption = HERE,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train models, judge them beside the simple rules, log them in MLflow, promote what is no worse."""
    from training.train import train as train_models

    opened = open_workspace(workspace)
    cutoff = cutoff_of(as_of, opened.settings.company)
    with opened.lock("train"), stage("train") as report:
        if model is not Model.ALL:
            results = train_models(opened, (model.value,), cutoff, report)
        else:
            needed = [kind for kind in pipeline.MODELS if kind not in _WHERE_THERE_IS_DATA]
            results = train_models(opened, needed, cutoff, report)
            for kind in _WHERE_THERE_IS_DATA:
                results += _if_there_is_data(opened, kind, cutoff)
    if as_json:
        typer.echo(json.dumps([result.to_dict() for result in results]))
        return
    for result in results:
        typer.echo(f"{result.kind}: grade {result.grade}, bundle {result.bundle}. {result.why}")


def _if_there_is_data(workspace: Workspace, kind: str, cutoff: datetime | None) -> "list[Trained]":
    """Many companies have no rated texts, or no orders: then there is no such model, and it is said."""
    from training.train import train as train_models

    try:
        with stage("train") as report:
            return train_models(workspace, (kind,), cutoff, report)
    except NotEnoughHistoryError as error:
        console.print(f"{kind} was not trained: {error}", style="yellow", markup=False, highlight=False, soft_wrap=True)
        return []


def score(workspace: WorkspaceOption = HERE, as_of: AsOfOption = None) -> None:
    """Score everybody with the champions, and forecast the volume."""
    from training.score import score as score_all

    opened = open_workspace(workspace)
    with opened.lock("score"), stage("score") as report:
        score_all(opened, cutoff_of(as_of, opened.settings.company), report)


def publish(workspace: WorkspaceOption = HERE) -> None:
    """Write a version for serving and make it the current one."""
    opened = open_workspace(workspace)
    with opened.lock("publish"), stage("publish") as report:
        version = pipeline.publish(opened, report)
    typer.echo(version)


def run(workspace: WorkspaceOption = HERE, as_of: AsOfOption = None, as_json: JsonOption = False) -> None:
    """All stages, only what is out of date."""
    opened = open_workspace(workspace)
    with opened.lock("run"):
        result = pipeline.run(opened, stage, cutoff_of(as_of, opened.settings.company))
    for kind, reason in result.not_trained.items():
        console.print(
            f"{kind} was not trained: {reason}", style="yellow", markup=False, highlight=False, soft_wrap=True
        )
    answer = {"version": result.version, "trained": list(result.trained), "not_trained": result.not_trained}
    typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else f"Published {result.version}")
