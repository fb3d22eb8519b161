"""Received rows of one file as typed rows of their table, each with its reasons to be refused and its repairs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from interactions.cleaning import channels, units
from interactions.cleaning.checks import impossible
from interactions.cleaning.excluded import is_wanted
from interactions.cleaning.layers import Layers
from interactions.cleaning.missing import joined_text, known_text, plain_text
from interactions.cleaning.timestamps import timestamp
from interactions.cleaning.typed import Typed, shown
from interactions.sources import where
from interactions.sources.batches import BROKEN, OURS, ROW
from interactions.sources.mapping import Resolved, Rule
from interactions.sources.names import REQUIRED
from workspace.settings import Settings
from workspace.tables import FLAG, FLOAT, INTEGER, MONEY, PROVENANCE, TABLES, TIMESTAMP

if TYPE_CHECKING:
    import ibis.expr.types as ir

REPAIR = "repair: "
VALUE = "value: "
REFUSED = "refused: "
REASONS = "reasons"
EXCLUDED = "excluded"
OWN_KEY = "own key"
SEPARATOR = "; "

_DEFAULTS: dict[str, dict[str, object]] = {
    "interactions": {"channel": "other", "direction": "unknown"},
    "volume_history": {"channel": "all", "period_minutes": 1440},
}
# Of a key that no mapping gives, this many hexadecimal digits of the row's SHA-256.
_KEY_DIGITS = 24


def typed_rows(
    received: ir.Table, resolved: Resolved, settings: Settings, collected_at: datetime, layers: Layers
) -> ir.Table:
    """One row a received row: `source_row`, `excluded`, `reasons` ("" for none), the columns of the table with
    `known_at` (null unless mapped), and a flag "repair: NAME" for each repair that the mapping can lead to."""
    table = resolved.mapping.table
    texts = _texts(received, resolved, layers)
    found = {target: _typed(texts, target, resolved, settings) for target in resolved.rules}
    values = layers.view("values", _values(texts, found))
    columns = {target: values[VALUE + target] for target in found}
    broken = values[BROKEN].notnull()
    return values.select(
        source_row=values[ROW],
        excluded=values[EXCLUDED],
        reasons=broken.ifelse("broken line", _reasons(table, values, columns, collected_at)),
        **_columns(table, values, columns),
        **{name: values[name] for name in values.columns if name.startswith(REPAIR)},
    )


def own_key(table: str) -> str | None:
    """The key column that is made from the row itself where no mapping gives it."""
    key = TABLES[table].key
    return key[0] if len(key) == 1 and key[0] not in REQUIRED[table] else None


def _texts(received: ir.Table, resolved: Resolved, layers: Layers) -> ir.Table:
    """The text each rule finds, under "text: TARGET" (factors of a product as "text: TARGET 1" ...)."""
    mapping = resolved.mapping
    parts = [part for target, rule in resolved.rules.items() for part in _parts(target, rule, resolved.reads[target])]
    condition = where.parse(mapping.where) if mapping.where is not None else None
    wanted = is_wanted(received, condition) if condition is not None else ibis.literal(True)
    carried: dict[str, Any] = {
        ROW: received[ROW],
        BROKEN: received[BROKEN],
        EXCLUDED: ~wanted & received[BROKEN].isnull(),
    }
    key = own_key(mapping.table)
    if key is not None and key not in resolved.rules:
        carried[OWN_KEY] = _row_key(received)
    joined = {f"joined: {name}": joined_text(received, name, rule, reads) for name, rule, reads in parts}
    rows = layers.view("joined", received.select(**carried, **joined))
    plain = {f"plain: {name}": plain_text(rows[f"joined: {name}"], name) for name, _, _ in parts}
    rows = layers.view("plain", rows.mutate(**plain))
    texts = {name: known_text(rows[f"joined: {name}"], rows[f"plain: {name}"], name, rule) for name, rule, _ in parts}
    repairs = {name: flag for text in texts.values() for name, flag in text.repaired.items()}
    return layers.view(
        "texts",
        rows.select(
            *carried,
            **{f"text: {name}": text.value for name, text in texts.items()},
            **{REPAIR + name: flag.fill_null(False) for name, flag in repairs.items()},
        ),
    )


def _values(texts: ir.Table, found: dict[str, Typed]) -> ir.Table:
    """The typed columns beside the texts, with a flag for each reason to refuse a row and for each repair."""
    refused: dict[str, Any] = {}
    for typed in found.values():
        for reason, flag in typed.refused.items():
            refused[reason] = refused[reason] | flag if reason in refused else flag
    repaired = {name: flag for typed in found.values() for name, flag in typed.repaired.items()}
    return texts.mutate(
        **{VALUE + target: typed.value for target, typed in found.items()},
        **{REFUSED + reason: flag.fill_null(False) for reason, flag in refused.items()},
        **{REPAIR + name: flag.fill_null(False) for name, flag in repaired.items()},
    )


def _parts(target: str, rule: Rule, reads: tuple[str, ...]) -> list[tuple[str, Rule, tuple[str, ...]]]:
    if rule.multiply is None:
        return [(target, rule, reads)]
    return [(f"{target} {number}", rule, (name,)) for number, name in enumerate(reads, 1)]


def _row_key(received: ir.Table) -> Any:
    """Hash of the row's values, by column name, and of how many equal rows of the file came before it."""
    names = sorted(name for name in received.columns if name not in OURS)
    content = ibis.literal("\x1f").join([received[name].fill_null("\x00") for name in [*names, BROKEN]])
    digest = content.hexdigest("sha256").left(_KEY_DIGITS)
    copy = ibis.row_number().over(group_by=digest, order_by=received[ROW])
    return (copy == 0).ifelse(digest, digest + "-" + copy.cast("string"))


def _typed(texts: ir.Table, target: str, resolved: Resolved, settings: Settings) -> Typed:
    """One target column from its text, by the column's type and meaning."""
    table, rule = resolved.mapping.table, resolved.rules[target]
    if rule.multiply is not None:
        factors = [
            units.number(texts[f"text: {target} {number}"], target, rule.decimal, units.MONEY)
            for number in range(1, len(rule.multiply) + 1)
        ]
        return _in_company_currency(units.product(factors, target), texts, target, resolved, settings)
    text = texts[f"text: {target}"]
    if target in ("channel", "direction", "currency"):
        return _vocabulary(text, target, table)
    type_ = TIMESTAMP if target == "known_at" else TABLES[table].column(target).type
    if type_ == TIMESTAMP:
        zone = rule.timezone or resolved.mapping.timezone or settings.company.timezone
        return timestamp(text, target, rule.format, zone)
    if target in ("duration_ms", "wait_ms"):
        return units.duration_ms(text, shown(target), rule.unit or "s")
    if type_ == MONEY:
        return _in_company_currency(units.money(text, target, rule.decimal), texts, target, resolved, settings)
    if type_ == INTEGER:
        return units.whole_number(text, target)
    if type_ == FLOAT:
        return units.number(text, target, rule.decimal)
    return channels.flag(text, target) if type_ == FLAG else Typed(text)


def _vocabulary(text: ir.StringValue, target: str, table: str) -> Typed:
    if target == "currency":
        return Typed(units.currency_code(text))
    if target == "direction":
        return channels.direction(text)
    return channels.period_channel(text) if table == "volume_history" else channels.channel(text)


def _in_company_currency(amount: Typed, texts: ir.Table, target: str, resolved: Resolved, settings: Settings) -> Typed:
    if target != "amount" or "currency" not in resolved.rules:
        return amount
    code = units.currency_code(texts["text: currency"])
    return units.converted(amount, code, settings.company.currency, settings.currency.rates)


def _reasons(table: str, values: ir.Table, columns: dict[str, ir.Value], collected_at: datetime) -> Any:
    key = own_key(table)
    needed = (*REQUIRED[table], *((key,) if key is not None and key in columns else ()))
    refused: dict[str, Any] = {f"{name} missing": values[f"text: {name}"].isnull() for name in needed}
    refused |= {name.removeprefix(REFUSED): values[name] for name in values.columns if name.startswith(REFUSED)}
    for reason, condition in impossible(columns, table, collected_at).items():
        refused[reason] = refused[reason] | condition if reason in refused else condition
    listed = [condition.fill_null(False).ifelse(f"{reason}{SEPARATOR}", "") for reason, condition in refused.items()]
    return ibis.literal("").join(listed).re_replace(f"{SEPARATOR}$", "")


def _columns(table: str, rows: ir.Table, values: dict[str, ir.Value]) -> dict[str, Any]:
    """Every column of the table with its type: cleaned, by default, or null."""
    columns: dict[str, Any] = {}
    provenance = {column.name for column in PROVENANCE}
    for column in TABLES[table].columns:
        if column.name in provenance and column.name != "known_at":
            continue
        if column.name in values:
            value: Any = values[column.name]
        elif column.name in _DEFAULTS.get(table, {}):
            value = ibis.literal(_DEFAULTS[table][column.name])
        elif column.name == own_key(table):
            value = rows[OWN_KEY]
        else:
            value = ibis.null(_ibis_type(column.type))
        columns[column.name] = value.cast(_ibis_type(column.type))
    if table == "orders" and "order_id" not in values:
        columns["order_id"] = columns["order_line_id"]
    return columns


def _ibis_type(type_: pa.DataType) -> Any:
    return ibis.dtype("timestamp('UTC', 6)") if type_ == TIMESTAMP else ibis.dtype(type_)
