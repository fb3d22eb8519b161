"""Libraries that others take along wherever they find them, and that a worker has no use for: not to be had there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _LeftOut(MetaPathFinder):
    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(self, fullname: str, _path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        if fullname in self._names:
            raise ModuleNotFoundError(f"No module named {fullname!r}: a worker does without it", name=fullname)
        return None


def leave_out(*names: str) -> None:
    """Have imports of these fail from now on in this process, as where they are not installed."""
    # None in sys.modules would do for Python; compiled modules (pyarrow's) take it for the module.
    sys.meta_path.insert(0, _LeftOut(names))


def leave_empty(module: str, *classes: str) -> None:
    """Have `module` hold these classes, of which there is no object, and nothing else from now on in this process.

    For a library that can't do without the module, yet only asks whether something is of one of its classes.
    """
    empty = ModuleType(module, "Left empty: a worker does without it")
    for name in classes:
        setattr(empty, name, type(name, (), {"__module__": module}))
    sys.modules[module] = empty
