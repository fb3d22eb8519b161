"""Where text goes: a terminal in its own width, a pipe or a log in lines wide enough for a table."""

import os
import sys

from rich.console import Console
from rich.table import Table

_PIPE_COLUMNS = 160


def terminal(stderr: bool = False) -> Console:
    """A console on standard output or standard error; COLUMNS sets the width of either."""
    stream = sys.stderr if stderr else sys.stdout
    wide = None if stream.isatty() or "COLUMNS" in os.environ else _PIPE_COLUMNS
    return Console(stderr=stderr, width=wide)


def show(table: Table) -> None:
    """Print a table for people on standard output."""
    terminal().print(table)
