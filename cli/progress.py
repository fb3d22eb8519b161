"""Progress on long work: one bar a stage on the terminal, plain lines where there is none."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich import progress

from cli.terminal import terminal
from workspace.progress import Progress

# How the work is getting on goes to standard error, out of the way of a pipe; figures, to standard output.
console = terminal(stderr=True)


@contextmanager
def stage(name: str) -> Iterator[Progress]:
    """Show one stage; the callable takes what is being done and the fraction done, from 0 to 1."""
    bar = progress.Progress(
        progress.SpinnerColumn(finished_text="[green]✓"),
        progress.TextColumn("{task.fields[stage]:<9}"),
        progress.BarColumn(bar_width=28),
        progress.TaskProgressColumn(),
        progress.TimeElapsedColumn(),
        progress.TextColumn("[dim]{task.description}"),
        console=console,
        refresh_per_second=4,
    )
    with bar:
        task = bar.add_task("", total=1.0, stage=name)

        def report(text: str, fraction: float) -> None:
            bar.update(task, description=text, completed=min(max(fraction, 0.0), 1.0))

        yield report
        # The last text stays on the line: it says what came out of the stage.
        bar.update(task, completed=1.0)
