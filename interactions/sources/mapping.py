"""The mapping file: which received columns become which columns of ours, and how they are read.

A mapping file is TOML with one part a table; everything but `columns` is optional:

    [interactions]
    delimiter = "\\t"                    # reading: delimiter, encoding, header, names, widths, sheet, query_table
    timezone = "Asia/Jerusalem"         # of every time in it that names no other; else the company's
    where = "outcome != 'PHANTOM'"      # rows left out are counted as excluded
    [interactions.columns]
    customer_id = { column = "customer", nulls = ["0"] }
    interaction_id = { column = "id", prefix = "call-" }
    occurred_at = { columns = ["date", "time"], format = ["%y%m%d %H:%M:%S", "%Y-%m-%d %H:%M:%S"] }
    duration    = { column = ["talk", "talk_time"], unit = "s" }
    channel     = { value = "phone" }

Every column of the table can be a target, and `known_at`; `duration` stands for duration_ms and `wait` for wait_ms.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from interactions.sources import where as conditions
from workspace.errors import MappingError
from workspace.tables import COLLECTED, PROVENANCE, TABLES, TEXT

ALIASES = {"duration": "duration_ms", "wait": "wait_ms"}
UNITS = ("ms", "s", "min", "h", "hh:mm:ss")


def _text(value: object) -> object:
    """TOML's numbers and flags are taken as the text a file would hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _says_nothing(value: object) -> bool:
    return value is None or value == {}


Text = Annotated[str, BeforeValidator(_text)]
Alternatives = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Field(min_length=1)]


class Rule(BaseModel):
    """How one column of ours is made: from one received column, several joined, several multiplied, or a constant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: Alternatives | None = None
    columns: tuple[Alternatives, ...] | None = None
    multiply: tuple[Alternatives, ...] | None = None
    value: Text | None = None
    values: dict[str, Text] = Field(default_factory=dict)
    nulls: tuple[Text, ...] | None = None
    default: Text | None = None
    unit: Literal["ms", "s", "min", "h", "hh:mm:ss"] | None = None
    format: Alternatives | None = None
    timezone: str | None = None
    separator: str | None = None
    decimal: Literal[".", ","] = "."
    # Keys of later versions: left out of mapping.json and of the digest where they say nothing, so that what was
    # cleaned before them is not cleaned anew.
    prefix: Text | None = Field(default=None, exclude_if=_says_nothing)

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str | list) else given

    @model_validator(mode="after")
    def _one_origin(self) -> Rule:
        origins = [name for name in ("column", "columns", "multiply", "value") if getattr(self, name) is not None]
        if len(origins) != 1:
            raise ValueError(f"needs exactly one of column, columns, multiply, value; it has {origins or 'none'}")
        if self.prefix is not None and self.value is not None:
            raise ValueError("has both value and prefix; write the whole constant as value")
        _check_zone(self.timezone)
        return self

    @property
    def wanted(self) -> tuple[tuple[str, ...], ...]:
        """The received columns it reads, each with its alternatives."""
        if self.column is not None:
            return (self.column,)
        return self.columns or self.multiply or ()


class Reading(BaseModel):
    """What the mapping says about the file itself; what it leaves out is found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delimiter: str | None = Field(default=None, min_length=1)
    encoding: str | None = None
    header: bool | None = None
    names: tuple[str, ...] | None = None
    widths: tuple[Annotated[int, Field(ge=1)], ...] | None = None
    sheet: str | None = None
    query_table: str | None = None


class TableMapping(Reading):
    """The part of a mapping file for one table. `by_name`: no file was given, columns are matched by name."""

    table: str
    timezone: str | None = None
    where: str | None = None
    columns: dict[str, Rule] = Field(default_factory=dict)
    by_name: bool = False

    @model_validator(mode="after")
    def _usable(self) -> TableMapping:
        _check_zone(self.timezone)
        if self.where is not None:
            conditions.parse(self.where)
        return self

    @property
    def reading(self) -> Reading:
        return Reading(**{name: getattr(self, name) for name in Reading.model_fields})

    def digest(self, *more: str) -> str:
        """Short hash of the mapping and of whatever else decides what rows become."""
        text = json.dumps([self.model_dump(mode="json"), *more], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Resolved:
    """A mapping laid on one file's columns: `rules` by target column, and the received columns each one reads."""

    mapping: TableMapping
    rules: Mapping[str, Rule]
    reads: Mapping[str, tuple[str, ...]]


def targets(table: str) -> tuple[str, ...]:
    """The columns of a table that a mapping can fill."""
    given = {column.name for column in PROVENANCE}
    return (*(name for name in TABLES[table].column_names if name not in given), "known_at")


def load(path: Path, table: str) -> TableMapping:
    """The part for `table` of the mapping file at `path`.

    Raises MappingError naming the file, the table, the column and what is wrong with it.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise MappingError(f"There is no mapping file {path}. Correct the path, or leave --mapping out.") from None
    except IsADirectoryError:
        raise MappingError(f"{path} is a folder; --mapping wants a TOML file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(
            f"The mapping {path} is not valid TOML: {error}. "
            "Correct the line it names; a key that is not plain letters needs quotation marks."
        ) from error
    strange = [name for name in written if name not in COLLECTED]
    if strange:
        raise MappingError(f"The mapping {path} has a part [{strange[0]}]; the tables are {', '.join(COLLECTED)}.")
    if table not in written:
        raise MappingError(
            f"The mapping {path} has no part [{table}]; it has {', '.join(written) or 'none'}. "
            "Add one, or give another --table."
        )
    return parse(written[table], table, str(path))


def parse(part: Mapping[str, Any], table: str, place: str = "The mapping") -> TableMapping:
    """One table's part of a mapping, checked against the columns the table has.

    Raises MappingError naming the table, the column and what is wrong with it.
    """
    known = targets(table)
    columns: dict[str, Any] = {}
    for name, rule in dict(part.get("columns", {})).items():
        target = ALIASES.get(name, name)
        if target not in known:
            raise MappingError(
                f"{place}: [{table}.columns] names `{name}`, which {table} doesn't have{_hint(name, known)}. "
                f"It has {', '.join(known)}."
            )
        if target in columns:
            raise MappingError(f"{place}: [{table}.columns] has both `{name}` and another name of {target}. Keep one.")
        columns[target] = _with_unit(name, target, rule)
    _refuse_reserved(part, table, place)
    try:
        mapping = TableMapping(**{**part, "columns": columns, "table": table})
    except ValidationError as error:
        raise MappingError(_explain(error, table, place)) from error
    for target, rule in mapping.columns.items():
        _check_fits(target, rule, table, place)
    return mapping


def resolve(mapping: TableMapping, columns: Sequence[str], file: str) -> Resolved:
    """Lay a mapping on the columns a file has: of alternatives, the first one present is read.

    Raises MappingError when the file lacks a column that the mapping names, saying which columns it has.
    """
    missing_where = [name for name in _where_columns(mapping) if name not in columns]
    if missing_where:
        raise MappingError(_absent(f"[{mapping.table}] where", missing_where, columns, file))
    reads = {}
    for target, rule in mapping.columns.items():
        found = []
        for alternatives in rule.wanted:
            present = [name for name in alternatives if name in columns]
            if not present:
                raise MappingError(_absent(f"[{mapping.table}.columns] {target}", alternatives, columns, file))
            found.append(present[0])
        reads[target] = tuple(found)
    return Resolved(mapping, mapping.columns, reads)


def _where_columns(mapping: TableMapping) -> tuple[str, ...]:
    return () if mapping.where is None else conditions.columns_of(conditions.parse(mapping.where))


def _absent(place: str, names: Sequence[str], columns: Sequence[str], file: str) -> str:
    wanted = " or ".join(f"`{name}`" for name in names)
    shown = ", ".join(columns[:40]) + (f" and {len(columns) - 40} more" if len(columns) > 40 else "")
    return (
        f"The mapping's {place} reads the column {wanted}, which {file} doesn't have{_hint(names[0], columns)}. "
        f"It has: {shown}. Correct the mapping."
    )


def _hint(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.75)
    return f" (did you mean `{close[0]}`?)" if close else ""


def _with_unit(name: str, target: str, rule: Any) -> Any:
    """`duration` and `wait` are in seconds unless they say otherwise, duration_ms and wait_ms in milliseconds."""
    if target not in ALIASES.values():
        return rule
    full = {"column": rule} if isinstance(rule, str | list) else rule
    return {"unit": "ms" if name == target else "s", **full} if isinstance(full, dict) else full


def _check_fits(target: str, rule: Rule, table: str, place: str) -> None:
    """What a rule asks for must make sense for the column it fills."""
    if rule.prefix is not None and target not in _plain_text_columns(table):
        raise MappingError(
            f"{place}: [{table}.columns] {target} has a prefix, which only text can have: "
            f"{', '.join(_plain_text_columns(table))}."
        )


def _plain_text_columns(table: str) -> tuple[str, ...]:
    worded = ("channel", "direction", "currency")
    return tuple(
        one.name
        for one in TABLES[table].columns
        if one.name in targets(table) and one.type == TEXT and one.name not in worded
    )


def _refuse_reserved(part: Mapping[str, Any], table: str, place: str) -> None:
    for name in ("table", "by_name"):
        if name in part:
            raise MappingError(f"{place}: [{table}] has the unknown key `{name}`. {_known_keys()}")


def _known_keys() -> str:
    keys = [name for name in TableMapping.model_fields if name not in ("table", "by_name")]
    return f"It can have {', '.join(keys)}."


def _explain(error: ValidationError, table: str, place: str) -> str:
    problem = error.errors(include_input=False, include_url=False)[0]
    path = [str(part) for part in problem["loc"]]
    spot = f"[{table}.columns] {path[1]}" if path[:1] == ["columns"] and len(path) > 1 else f"[{table}]"
    key = path[2] if spot.startswith(f"[{table}.columns]") and len(path) > 2 else path[0] if path else ""
    if problem["type"] == "extra_forbidden":
        known = (
            f"A column can have {', '.join(Rule.model_fields)}." if spot.startswith(f"[{table}.c") else _known_keys()
        )
        return f"{place}: {spot} has the unknown key `{key}`. {known}"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{place}: {spot}{f' `{key}`' if key and key != 'columns' else ''}: {message}."


def _check_zone(name: str | None) -> None:
    if name is None:
        return
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"`{name}` is not a time zone name such as Asia/Shanghai") from error
