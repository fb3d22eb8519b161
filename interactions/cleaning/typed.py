"""A cleaned column: its value, why a row would be refused for it, and what was put right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Typed:
    """An Ibis value with conditions beside it: `refused` by reason, `repaired` by the repair's name."""

    value: ir.Value
    refused: Mapping[str, Any] = field(default_factory=dict)
    repaired: Mapping[str, Any] = field(default_factory=dict)


def shown(target: str) -> str:
    """A column's name in reasons and repairs: durations by the name that mappings give them."""
    return target.removesuffix("_ms")
