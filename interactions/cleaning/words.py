"""What is worked out once for a whole raw file: values of columns that have few of them, and copies of rows.

A column such as a channel or a duration has some thousand different values in millions of rows. Each is cleaned once,
and the rows look their values up, which costs a tenth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interactions.cleaning.layers import Layers
from interactions.cleaning.own_keys import copies, own_key
from interactions.cleaning.rows import ENTRY, REFUSED, REPAIR, Values, Words, typed_values
from interactions.sources.mapping import Resolved
from workspace.settings import Settings

if TYPE_CHECKING:
    import ibis.expr.types as ir

# A column with no more than so many different values in so many first rows is looked up.
SAMPLE_ROWS = 100_000
FEW = 5_000


def words_of(received: ir.Table, resolved: Resolved, settings: Settings, layers: Layers, rows: int) -> Words:
    """The words of a file of so many rows; only copies for a file so short that looking up gains nothing."""
    key = own_key(resolved.mapping.table)
    repeated = None
    if key is not None and key not in resolved.rules:
        repeated = layers.computed("copies", copies(received))
    targets = _few_valued(received, resolved) if rows > SAMPLE_ROWS else []
    return Words({target: _entries(received, target, resolved, settings, layers) for target in targets}, repeated)


def _few_valued(received: ir.Table, resolved: Resolved) -> list[str]:
    """The targets that read one column with few values and nothing beside it."""
    alone = {
        target: resolved.reads[target][0]
        for target, rule in resolved.rules.items()
        if rule.column is not None and not (target == "amount" and "currency" in resolved.rules)
    }
    if not alone:
        return []
    first = received.limit(SAMPLE_ROWS)
    counted: Any = first.agg(**{target: first[name].nunique() for target, name in alone.items()})
    (different,) = counted.to_pyarrow().to_pylist()
    return [target for target in alone if different[target] <= FEW]


def _entries(received: ir.Table, target: str, resolved: Resolved, settings: Settings, layers: Layers) -> Values:
    """The different values of a target's column as "entry: TARGET", with what each is worth."""
    (name,) = resolved.reads[target]
    different = received.select(name, **{ENTRY + target: received[name]}).distinct()
    different = layers.computed(f"different {target}", different)
    one = replace(resolved, rules={target: resolved.rules[target]}, reads={target: (name,)})
    values = typed_values(different, one, settings, layers, f" {target}")
    return _with_what_occurs(layers.computed(f"entries {target}", values.rows), values.reasons)


def _with_what_occurs(entries: ir.Table, reasons: Mapping[str, tuple[str, ...]]) -> Values:
    """The entries without reasons and repairs that none of them has: what needn't be carried along with every row."""
    flags = [name for name in entries.columns if name.startswith((REFUSED, REPAIR))]
    if not flags:
        return Values(entries, reasons)
    found: Any = entries.agg(**{name: entries[name].any().fill_null(False) for name in flags})
    (occurs,) = found.to_pyarrow().to_pylist()
    given = {target: tuple(one for one in ours if occurs[REFUSED + one]) for target, ours in reasons.items()}
    return Values(entries.drop(*(name for name in flags if not occurs[name])), given)
