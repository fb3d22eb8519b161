"""The `rapport` command: one sub-command a stage; a failure is one clear message and a non-zero exit."""

import sys
import traceback

import typer

from cli import collect, demo, init, keys, models, quarantine, serve, stages, status
from cli.progress import console
from workspace.errors import RapportError

app = typer.Typer(
    help="Turns the history of a company's contacts with its customers into answers that people act on.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.command("demo")(demo.demo)
app.command("init")(init.init)
app.command("migrate")(init.migrate)
app.command("collect")(collect.collect)
app.command("clean")(stages.clean)
app.command("features")(stages.features)
app.command("train")(stages.train)
app.command("score")(stages.score)
app.command("publish")(stages.publish)
app.command("run")(stages.run)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(models.backtest_app, name="backtest")
app.command("promote")(models.promote)
app.command("rollback")(models.rollback)
app.command("serve")(serve.serve)
app.command("mlflow")(serve.mlflow)
app.add_typer(keys.app, name="keys")
app.command("status")(status.status)


@app.callback()
def options(
    context: typer.Context,
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of a failure."),
) -> None:
    context.obj = debug


def main() -> None:
    """Run the command line. `--debug` may stand anywhere among the arguments."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        app(arguments)
    except RapportError as error:
        _fail(str(error), error.exit_code, debug)
    except KeyboardInterrupt:
        _fail("Stopped.", 130, debug=False)
    except Exception as error:
        kind = type(error).__name__
        _fail(f"Rapport met an error it did not expect ({kind}). Run it again with --debug to see where.", 70, debug)


def _fail(message: str, exit_code: int, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    console.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(exit_code)
