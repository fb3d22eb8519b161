"""The `rapport` command: one sub-command a stage; a failure is one clear message and a non-zero exit."""

import sys
import traceback
from typing import NoReturn

import typer

from cli import (
    audit,
    backup,
    clean,
    collect,
    compact,
    demo,
    erase,
    export,
    identity,
    init,
    keys,
    migrate,
    models,
    quarantine,
    readiness,
    restore,
    serve,
    stages,
    status,
)
from cli.progress import console
from workspace.errors import RapportError
from workspace.limits import full_disk

app = typer.Typer(
    help="Turns the history of a company's contacts with its customers into answers that people act on.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.command("demo", short_help="A simulated company, from files to dashboard.")(demo.demo)
app.command("init", short_help="Begin a workspace.")(init.init)
app.command("migrate", short_help="Bring a workspace to this schema.")(migrate.migrate)
app.command("backup", short_help="The workspace in one file.")(backup.backup)
app.command("restore", short_help="A workspace out of its backup.")(restore.restore)
app.command("collect", short_help="Receive files, or a named source.")(collect.collect)
app.command("clean", short_help="Raw into clean tables and quarantine.")(clean.clean)
app.command("readiness", short_help="What the data is enough for, before training.")(readiness.readiness)
app.command("features", short_help="Customer features as of a cutoff.")(stages.features)
app.command("train", short_help="Train and judge models.")(stages.train)
app.command("score", short_help="Score everybody, forecast the volume.")(stages.score)
app.command("publish", short_help="Write a version for serving.")(stages.publish)
app.command("run", short_help="All stages, only what is out of date.")(stages.run)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(identity.app, name="identity")
app.add_typer(models.backtest_app, name="backtest")
app.command("promote", short_help="Serve another model version.")(models.promote)
app.command("rollback", short_help="Serve the champion before this one.")(models.rollback)
app.command("serve", short_help="The service and its dashboard.")(serve.serve)
app.command("mlflow", short_help="MLflow's page on this machine.")(serve.mlflow)
app.add_typer(export.app, name="export")
app.command("erase", short_help="Forget a person everywhere.")(erase.erase)
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.command("compact", short_help="Small files together, old ones gone.")(compact.compact)
app.command("status", short_help="What the workspace holds and serves.")(status.status)


@app.callback()
def options(
    _debug: bool = typer.Option(False, "--debug", help="Show the traceback of a failure."),
) -> None:
    """`--debug` is taken out by `main`, wherever it stands; here it is explained."""


def main() -> None:
    """Run the command line. `--debug` may stand anywhere among the arguments."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        app(arguments, prog_name="rapport")
    except RapportError as error:
        _fail(str(error), error.exit_code, debug)
    except KeyboardInterrupt:
        _fail("Stopped.", 130, debug=False)
    except Exception as error:
        full = full_disk(error)
        if full is not None:
            _fail(str(full), full.exit_code, debug)
        kind = type(error).__name__
        _fail(f"Rapport met an error it did not expect ({kind}). Run it again with --debug to see where.", 70, debug)


def _fail(message: str, exit_code: int, debug: bool) -> NoReturn:
    if debug:
        traceback.print_exc()
    console.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(exit_code)
