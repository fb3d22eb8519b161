"""`rapport backtest|promote|rollback`: how good a model was on later data, and which one is served."""

from pathlib import Path
from typing import Annotated

import typer

from cli import pipeline
from cli.as_of import cutoff_of
from cli.figures import print_figures
from cli.options import HERE, AsOfOption, JsonOption, WorkspaceOption
from cli.progress import stage
from cli.sentiment import backtest_sentiment
from cli.stages import Model
from workspace.errors import QueryError
from workspace.folder import open_workspace

backtest_app = typer.Typer(
    help="Quality on what came later, beside the simple rules.", no_args_is_help=True, rich_markup_mode=None
)


@backtest_app.command("churn")
def backtest_churn(
    as_of: AsOfOption = None,
    horizon_days: Annotated[int | None, typer.Option("--horizon-days", min=1)] = None,
    active_days: Annotated[int | None, typer.Option("--active-days", min=1)] = None,
    event: Annotated[str | None, typer.Option("--event", help="interactions, orders or left_at")] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Judge churn risks at one cutoff; every label used in training is complete before it."""
    from training.backtest import backtest_churn as judge

    opened = open_workspace(workspace)
    with opened.within_limits(), stage("backtest") as report:
        result = judge(opened, cutoff_of(as_of, opened.settings.company), horizon_days, active_days, event, report)
    print_figures(result.figures, as_json, "Churn risks")


@backtest_app.command("segments")
def backtest_segments(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """How stable the segments are, and how many customers keep theirs after a retrain."""
    from training.backtest import backtest_segments as judge

    opened = open_workspace(workspace)
    with opened.within_limits(), stage("backtest") as report:
        result = judge(opened, report)
    print_figures(result, as_json, "Segments")


@backtest_app.command("volume")
def backtest_volume(
    grain: Annotated[str, typer.Option("--grain", help="15min, 30min, hour, day or week")] = "day",
    horizon: Annotated[
        int | None, typer.Option("--horizon", min=1, help="periods ahead; 14 days, 4 weeks, or a week of a finer grain")
    ] = None,
    windows: Annotated[int, typer.Option("--windows", min=1, help="how many past windows are judged")] = 8,
    levels: Annotated[str, typer.Option("--levels", help="interval levels in percent")] = "80,95",
    by: Annotated[str | None, typer.Option("--by", help="channel or region: all of them together")] = None,
    history: Annotated[Path | None, typer.Option("--history", help="A CSV of counts instead of the workspace.")] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Accuracy and realised coverage of the volume forecast, beside the seasonal naive one."""
    from training.volume_backtest import backtest

    opened = open_workspace(workspace)
    percents = _percents(levels)
    with opened.within_limits(), stage("backtest") as report:
        result = backtest(opened, grain, horizon, windows, percents, by, history, report)
    print_figures(result, as_json, "Volume forecast")


backtest_app.command("sentiment")(backtest_sentiment)


def promote(
    model: Annotated[Model, typer.Argument(help="segments, churn or volume")],
    version: Annotated[str | None, typer.Option("--version", help="The registry's version number.")] = None,
    from_alias: Annotated[str | None, typer.Option("--from-alias", help="Such as challenger.")] = None,
    workspace: WorkspaceOption = HERE,
) -> None:
    """Serve another version: its bundle is checked, everybody is rescored and published, then the alias moves."""
    from training import promotion

    opened = open_workspace(workspace)
    with opened.lock("promote"):
        promotion.promote(opened, model.value, version, from_alias)
        result = pipeline.run(opened, stage)
    typer.echo(f"Published {result.version}")


def rollback(
    model: Annotated[Model, typer.Argument(help="segments, churn or volume")], workspace: WorkspaceOption = HERE
) -> None:
    """Serve the champion before this one again."""
    from training import promotion

    opened = open_workspace(workspace)
    with opened.lock("rollback"):
        promotion.rollback(opened, model.value)
        result = pipeline.run(opened, stage)
    typer.echo(f"Published {result.version}")


def _percents(levels: str) -> tuple[int, ...]:
    try:
        return tuple(int(level) for level in levels.split(","))
    except ValueError as error:
        raise QueryError(
            f"--levels {levels}: expected whole percentages with commas between, such as 80,95."
        ) from error
