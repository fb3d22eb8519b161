"""Progress on long work: one bar a stage on the terminal, plain lines where there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

from cli.terminal import terminal

# How the work is getting on goes to standard error, out of the way of a pipe; figures, to standard output.
console = terminal(stderr=True)

Report = Callable[[str, float], None]


@contextmanager
def stage(name: str) -> Iterator[Report]:
    """Show one stage; the callable takes what is being done and the fraction done, from 0 to 1."""
    bar = Progress(
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.fields[stage]:<9}"),
        BarColumn(bar_width=28),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.description}"),
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
