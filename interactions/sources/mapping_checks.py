"""What a mapping may not say, in words: the table, the column, what is wrong with it and what could stand there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from interactions.sources.targets import ALIASES, fillable, methods_for, plain_text, targets
from workspace.errors import MappingError

if TYPE_CHECKING:
    from pydantic import ValidationError

    from interactions.sources.mapping import Rule, TableMapping

_SHOWN = 40


def part_of(part: Mapping[str, Any], key: str, table: str, place: str) -> dict[str, Any]:
    """[table.key] of a mapping file by columns of ours, aliases resolved.

    Raises MappingError for a column that the table doesn't have, or one named twice.
    """
    known = targets(table)
    written = part.get(key, {})
    if not isinstance(written, Mapping):
        raise MappingError(f"{place}: [{table}] `{key}` is {_kind(written)}; it is a part of its own: [{table}.{key}].")
    found: dict[str, Any] = {}
    for name, value in written.items():
        target = ALIASES.get(name, name)
        if target not in known:
            raise MappingError(
                f"{place}: [{table}.{key}] names `{name}`, which {table} doesn't have{hint(name, known)}. "
                f"It has {', '.join(known)}."
            )
        if target in found:
            raise MappingError(f"{place}: [{table}.{key}] has both `{name}` and another name of {target}. Keep one.")
        found[target] = value
    return found


def refuse_unknown(part: Mapping[str, Any], known: Iterable[str], table: str, place: str) -> None:
    """Raises MappingError for the first key of [table] that means nothing."""
    keys = tuple(known)
    for name in part:
        if name not in keys:
            near = hint(name, keys) or (
                f" (a column goes under [{table}.columns])" if ALIASES.get(name, name) in targets(table) else ""
            )
            raise MappingError(f"{place}: [{table}] has the unknown key `{name}`{near}. It can have {', '.join(keys)}.")


def check(mapping: TableMapping, place: str) -> None:
    """Raises MappingError where a rule asks for what makes no sense for the column it makes."""
    for target, rule in mapping.columns.items():
        _check_prefix(target, rule, mapping.table, place)
    for target in mapping.defaults:
        _check_default(target, mapping, place)
    for target, method in mapping.fills.items():
        _check_fill(target, method, mapping, place)


def _check_prefix(target: str, rule: Rule, table: str, place: str) -> None:
    if rule.prefix is not None and target not in plain_text(table):
        raise MappingError(
            f"{place}: [{table}.columns] {target} has a prefix, which only plain text can have: "
            f"{', '.join(plain_text(table))}."
        )


def _check_default(target: str, mapping: TableMapping, place: str) -> None:
    table, rule = mapping.table, mapping.columns.get(target)
    if target in ALIASES.values():
        name = next(name for name, ours in ALIASES.items() if ours == target)
        raise MappingError(
            f"{place}: [{table}.defaults] can't say in which unit {name} is. Give the column its own default under "
            f'[{table}.columns]: {name} = {{ column = "...", unit = "s", default = 30 }}.'
        )
    if rule is not None and (rule.default is not None or rule.value is not None):
        raise MappingError(
            f"{place}: [{table}.defaults] has {target}, and [{table}.columns] gives it a constant. Keep one."
        )


def _check_fill(target: str, method: str, mapping: TableMapping, place: str) -> None:
    """A fill is of a column that features read, by a method that suits it, of values that can be missing."""
    table, rule = mapping.table, mapping.columns.get(target)
    if method not in methods_for(table, target):
        able = "; ".join(f"{name} by {', '.join(methods_for(table, name))}" for name in fillable(table))
        raise MappingError(
            f"{place}: [{table}] fills {target} by `{method}`. Features can fill {able or f'nothing of {table}'}. "
            "A constant, for any column, is its `default`."
        )
    constant = rule is not None and (rule.default is not None or rule.value is not None)
    if constant or target in mapping.defaults:
        raise MappingError(
            f"{place}: [{table}] {target} has a constant and a fill: nothing would be missing. Keep one."
        )
    if rule is None and not mapping.by_name:
        raise MappingError(
            f"{place}: [{table}.fill] names {target}, which nothing under [{table}.columns] makes. Add it there."
        )


def explain(error: ValidationError, table: str, place: str, rule_keys: Iterable[str]) -> MappingError:
    """The first thing that pydantic found wrong with a table's part."""
    problem = error.errors(include_input=False, include_url=False)[0]
    path = [str(part) for part in problem["loc"]]
    in_rule = path[:1] == ["columns"] and len(path) > 1
    spot = f"[{table}.columns] {path[1]}" if in_rule else f"[{table}]"
    key = (path[2] if len(path) > 2 else "") if in_rule else ".".join(path[:2])
    if problem["type"] == "extra_forbidden":
        keys = tuple(rule_keys)
        return MappingError(
            f"{place}: {spot} has the unknown key `{key}`{hint(key, keys)}. A column can have {', '.join(keys)}."
        )
    message = problem["msg"].removeprefix("Value error, ")
    return MappingError(f"{place}: {spot}{f' `{key}`' if key else ''}: {message}.")


def absent(place: str, names: Sequence[str], columns: Sequence[str], file: str) -> MappingError:
    """A column that the mapping reads and the file lacks."""
    wanted = " or ".join(f"`{name}`" for name in names)
    return MappingError(
        f"The mapping's {place} reads the column {wanted}, which {file} doesn't have{hint(names[0], columns)}. "
        f"It has: {listed(columns)}. Correct the mapping."
    )


def listed(columns: Sequence[str]) -> str:
    """Names of columns, as many as can be read."""
    rest = f" and {len(columns) - _SHOWN} more" if len(columns) > _SHOWN else ""
    return ", ".join(columns[:_SHOWN]) + rest


def hint(name: str, known: Sequence[str]) -> str:
    """What was probably meant."""
    close = get_close_matches(name, known, n=1, cutoff=0.75)
    return f" (did you mean `{close[0]}`?)" if close else ""


def _kind(value: object) -> str:
    kinds = {str: "a text", bool: "a flag", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(value), "something else")
