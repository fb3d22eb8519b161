"""Rows of raw files that are of erased customers: found by the customer that the mapping reads in them.

A line that broke has no columns to read: it is somebody's where one of its words is their id, their e-mail address or
their telephone number. It was refused anyway.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import ibis

from interactions.cleaning.columns import VALUE
from interactions.cleaning.layers import Layers
from interactions.cleaning.received import Received
from interactions.cleaning.rows import typed_values
from interactions.sources import names, raw
from interactions.sources.batches import BROKEN, ROW
from interactions.sources.erased_rows import take_out
from interactions.sources.mapping import TableMapping, resolve
from interactions.sources.raw import RawFile
from workspace.engine import connect
from workspace.erasure_records import all_erased, lookup
from workspace.errors import MappingError
from workspace.folder import Workspace
from workspace.secret import secret

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

_CUSTOMER = "customer_id"
_BETWEEN_WORDS = re.compile(r"[\s,;|\"'\t\x00-\x1f]+")


@dataclass(frozen=True)
class Erased:
    """Who is erased: `among` picks them from ids, `marks` are what else tells them in a line that broke."""

    among: Callable[[Iterable[str]], set[str]]
    marks: frozenset[str] = frozenset()

    def in_line(self, line: str) -> str | None:
        """The customer a broken line is of; "" where only a mark says that it is one of them."""
        found = self.among(word for word in _BETWEEN_WORDS.split(line) if word)
        if found:
            return min(found)
        return "" if any(mark in line for mark in self.marks) else None


def known(customer_ids: Collection[str], marks: Iterable[str] = ()) -> Erased:
    """Customers by their ids, and what else tells them: e-mail addresses, telephone numbers."""
    ours = frozenset(customer_ids)
    return Erased(lambda given: set(ours.intersection(given)), frozenset(marks))


def leave_out(workspace: Workspace, path: Path, mapping: TableMapping) -> None:
    """Take everybody who was ever erased out of a file that is about to go into raw."""
    with closing(workspace.state()) as state:
        hashes = all_erased(state)
    keyed = secret(workspace.folder)
    erased = Erased(lambda given: {one for one in given if lookup(keyed, one) in hashes})
    file = raw.described(workspace.raw, path)
    with engine_for(workspace) as backend:
        take_out(file, rows_of(workspace, backend, file, mapping, erased))


@contextmanager
def engine_for(workspace: Workspace) -> Iterator[Backend]:
    """An engine within the workspace's limits."""
    backend = connect(workspace.settings.limits, str(workspace.temp))
    try:
        yield backend
    finally:
        backend.disconnect()


def rows_of(
    workspace: Workspace, backend: Backend, file: RawFile, mapping: TableMapping, erased: Erased
) -> dict[int, str]:
    """The numbers of a raw file's rows that are of erased customers, and of whom; "" where a line tells only marks."""
    layers = Layers(backend)
    received = layers.view("received", Received(layers, file).rows)
    lines = received.filter(received[BROKEN].notnull()).select(ROW, BROKEN).to_pyarrow()
    found = {
        row: customer
        for row, line in zip(lines[ROW].to_pylist(), lines[BROKEN].to_pylist(), strict=True)
        if (customer := erased.in_line(line)) is not None
    }
    try:
        resolved = resolve(names.fitted(mapping, file.columns, file.file), file.columns, file.file)
    except MappingError:
        return found
    if _CUSTOMER not in resolved.rules:
        return found
    rows = received.select(ROW, BROKEN, *dict.fromkeys(resolved.reads[_CUSTOMER]))
    one = replace(resolved, rules={_CUSTOMER: resolved.rules[_CUSTOMER]})
    typed = typed_values(rows, one, workspace.settings, layers, " of customers").rows
    ids = layers.view("whose", typed.select(source_row=typed[ROW], customer_id=typed[VALUE + _CUSTOMER]))
    whose = ids.filter(ids[_CUSTOMER].notnull()).select(_CUSTOMER).distinct().to_pyarrow()[_CUSTOMER].to_pylist()
    wanted = sorted(erased.among(whose))
    if wanted:
        theirs = ids.filter(ids[_CUSTOMER].isin([ibis.literal(one) for one in wanted])).to_pyarrow()
        found |= dict(zip(theirs["source_row"].to_pylist(), theirs[_CUSTOMER].to_pylist(), strict=True))
    return found
