"""The mapping file: which received columns become which columns of ours, and how they are read.

A mapping file is TOML with one part a table, all of it optional; without `columns`, columns are matched by name:

    [interactions]
    delimiter = "\\t"                    # reading: delimiter, encoding, header, names, widths, sheet, query_table
    timezone = "Asia/Jerusalem"         # of every time in it that names no other; else the company's
    where = "outcome != 'PHANTOM'"      # rows left out are counted as excluded
    [interactions.columns]
    customer_id = { column = "customer", nulls = ["0"] }
    interaction_id = { column = "id", prefix = "call-" }
    satisfaction = { column = "stars", fill = "median" }
    occurred_at = { columns = ["date", "time"], format = ["%y%m%d %H:%M:%S", "%Y-%m-%d %H:%M:%S"] }
    duration    = { column = ["talk", "talk_time"], unit = "s" }
    channel     = { value = "phone" }
    [interactions.defaults]             # what a column holds where the row says nothing, or no rule makes it
    direction   = "inbound"
    [interactions.fill]                 # how features fill what is missing: see targets.py
    wait        = "mean"

Every column of the table can be a target, and `known_at`; `duration` stands for duration_ms and `wait` for wait_ms.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from interactions.sources import mapping_checks as checks
from interactions.sources import where as conditions
from interactions.sources.targets import ALIASES as ALIASES
from interactions.sources.targets import Method
from interactions.sources.targets import targets as targets
from workspace.collected import COLLECTED
from workspace.errors import MappingError


def _text(value: object) -> object:
    """TOML's numbers, flags and dates are taken as the text a file would hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float | date | time) else value


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _says_nothing(value: object) -> bool:
    return value in (None, {}, "keep")


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
    fill: Method = Field(default="keep", exclude_if=_says_nothing)

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
    # Interactions: how far apart the same contact sent twice may lie; 0 looks for none.
    near_duplicate_minutes: float = Field(default=10, ge=0)
    columns: dict[str, Rule] = Field(default_factory=dict)
    by_name: bool = False
    defaults: dict[str, Text] = Field(default_factory=dict, exclude_if=_says_nothing)
    fill: dict[str, Method] = Field(default_factory=dict, exclude_if=_says_nothing)

    @model_validator(mode="after")
    def _usable(self) -> TableMapping:
        _check_zone(self.timezone)
        if self.where is not None:
            conditions.parse(self.where)
        return self

    @property
    def reading(self) -> Reading:
        return Reading(**{name: getattr(self, name) for name in Reading.model_fields})

    @property
    def rules(self) -> dict[str, Rule]:
        """How each column is made, the table's defaults among them: a constant where no rule makes the column."""
        found = dict(self.columns)
        for name, text in self.defaults.items():
            rule = found.get(name)
            found[name] = Rule(value=text) if rule is None else rule.model_copy(update={"default": text})
        return found

    @property
    def fills(self) -> dict[str, Method]:
        """How missing values of each column are filled by features; columns that are left as they are don't occur."""
        asked = {**{name: rule.fill for name, rule in self.columns.items()}, **self.fill}
        return {name: method for name, method in asked.items() if method != "keep"}

    def digest(self, *more: str) -> str:
        """Short hash of the mapping and of whatever else decides what rows become."""
        text = json.dumps([self.model_dump(mode="json"), *more], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


# What a table's part can say.
_KEYS = tuple(name for name in TableMapping.model_fields if name not in ("table", "by_name"))


@dataclass(frozen=True)
class Resolved:
    """A mapping laid on one file's columns: `rules` by target column, and the received columns each one reads."""

    mapping: TableMapping
    rules: Mapping[str, Rule]
    reads: Mapping[str, tuple[str, ...]]


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


def parse(part: Any, table: str, place: str = "The mapping") -> TableMapping:
    """One table's part of a mapping, checked against the columns the table has; without `columns` names will decide.

    Raises MappingError naming the table, the column and what is wrong with it.
    """
    if not isinstance(part, Mapping):
        raise MappingError(f"{place}: `{table}` is no part of its own. Write [{table}], and its columns below it.")
    checks.refuse_unknown(part, _KEYS, table, place)
    written = part.get("columns", {})
    given = {
        "columns": {
            target: _with_unit(name, target, rule)
            for name, (target, rule) in zip(written, checks.part_of(part, "columns", table, place).items(), strict=True)
        },
        **{key: checks.part_of(part, key, table, place) for key in ("defaults", "fill") if key in part},
    }
    try:
        mapping = TableMapping(**{**part, **given, "table": table, "by_name": "columns" not in part})
    except ValidationError as error:
        raise checks.explain(error, table, place, Rule.model_fields) from error
    checks.check(mapping, place)
    return mapping


def resolve(mapping: TableMapping, columns: Sequence[str], file: str) -> Resolved:
    """Lay a mapping on the columns a file has: of alternatives, the first one present is read.

    Raises MappingError when the file lacks a column that the mapping names, saying which columns it has.
    """
    missing_where = [name for name in _where_columns(mapping) if name not in columns]
    if missing_where:
        raise checks.absent(f"[{mapping.table}] where", missing_where, columns, file)
    rules = mapping.rules
    reads = {}
    for target, rule in rules.items():
        found = []
        for alternatives in rule.wanted:
            present = [name for name in alternatives if name in columns]
            if not present:
                raise checks.absent(f"[{mapping.table}.columns] {target}", alternatives, columns, file)
            found.append(present[0])
        reads[target] = tuple(found)
    return Resolved(mapping, rules, reads)


def _where_columns(mapping: TableMapping) -> tuple[str, ...]:
    return () if mapping.where is None else conditions.columns_of(conditions.parse(mapping.where))


def _with_unit(name: str, target: str, rule: Any) -> Any:
    """`duration` and `wait` are in seconds unless they say otherwise, duration_ms and wait_ms in milliseconds."""
    if target not in ALIASES.values():
        return rule
    full = {"column": rule} if isinstance(rule, str | list) else rule
    return {"unit": "ms" if name == target else "s", **full} if isinstance(full, dict) else full


def _check_zone(name: str | None) -> None:
    if name is None:
        return
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"`{name}` is not a time zone name such as Asia/Shanghai") from error
