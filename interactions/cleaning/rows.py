"""Received rows of one file as typed rows of their table, each with its reasons to be refused and its repairs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from interactions.cleaning import channels, units
from interactions.cleaning.checks import impossible
from interactions.cleaning.excluded import is_wanted
from interactions.cleaning.missing import received_text
from interactions.cleaning.timestamps import timestamp
from interactions.cleaning.typed import Typed
from interactions.sources import where
from interactions.sources.batches import BROKEN, OURS, ROW
from interactions.sources.mapping import Resolved, Rule
from interactions.sources.names import REQUIRED
from workspace.settings import Settings
from workspace.tables import FLAG, FLOAT, INTEGER, MONEY, PROVENANCE, TABLES, TIMESTAMP

if TYPE_CHECKING:
    import ibis.expr.types as ir

REPAIR = "repair: "
REASONS = "reasons"
EXCLUDED = "excluded"
SEPARATOR = "; "

_DEFAULTS: dict[str, dict[str, object]] = {
    "interactions": {"channel": "other", "direction": "unknown"},
    "volume_history": {"channel": "all", "period_minutes": 1440},
}
# Of a key that no mapping gives, this many hexadecimal digits of the row's SHA-256.
_KEY_DIGITS = 24


def typed_rows(received: ir.Table, resolved: Resolved, settings: Settings, collected_at: datetime) -> ir.Table:
    """One row a received row: `source_row`, `excluded`, `reasons` ("" for none), the columns of the table with
    `known_at` (null unless mapped), and a flag "repair: NAME" for each repair that the mapping can lead to."""
    table = resolved.mapping.table
    texts, read = _texts(received, resolved)
    found = {target: _typed(texts, target, resolved, settings) for target in resolved.rules}
    values = {target: typed.value for target, typed in found.items()}
    broken = texts[BROKEN].notnull()
    repairs: dict[str, Any] = {name: texts[REPAIR + name] for name in read}
    for typed in found.values():
        repairs.update(typed.repaired)
    wide = texts.select(
        source_row=texts[ROW],
        excluded=texts[EXCLUDED],
        reasons=broken.ifelse("broken line", _reasons(table, texts, found, collected_at)),
        **_columns(table, texts, values),
        **{REPAIR + name: condition.fill_null(False) for name, condition in repairs.items()},
    )
    return wide


def own_key(table: str) -> str | None:
    """The key column that is made from the row itself where no mapping gives it."""
    key = TABLES[table].key
    return key[0] if len(key) == 1 and key[0] not in REQUIRED[table] else None


def _texts(received: ir.Table, resolved: Resolved) -> tuple[ir.Table, list[str]]:
    """The text each rule finds, under "text: TARGET" (factors of a product as "text: TARGET 1" ...)."""
    mapping = resolved.mapping
    columns: dict[str, Any] = {ROW: received[ROW], BROKEN: received[BROKEN]}
    repairs: dict[str, Any] = {}
    for target, rule in resolved.rules.items():
        for name, one, reads in _parts(target, rule, resolved.reads[target]):
            text = received_text(received, target, one, reads)
            columns[f"text: {name}"] = text.value
            repairs.update(text.repaired)
    key = own_key(mapping.table)
    if key is not None and key not in resolved.rules:
        columns["own key"] = _row_key(received)
    condition = where.parse(mapping.where) if mapping.where is not None else None
    wanted = is_wanted(received, condition) if condition is not None else ibis.literal(True)
    columns[EXCLUDED] = ~wanted & received[BROKEN].isnull()
    flags = {REPAIR + name: condition.fill_null(False) for name, condition in repairs.items()}
    return received.select(**columns, **flags), list(repairs)


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
        return units.duration_ms(text, target, rule.unit or "s")
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


def _reasons(table: str, texts: ir.Table, found: dict[str, Typed], collected_at: datetime) -> Any:
    refused: dict[str, Any] = {}
    key = own_key(table)
    for needed in (*REQUIRED[table], *((key,) if key is not None and key in found else ())):
        refused[f"{needed} missing"] = texts[f"text: {needed}"].isnull()
    for typed in found.values():
        refused.update(typed.refused)
    for reason, condition in impossible(
        {target: typed.value for target, typed in found.items()}, table, collected_at
    ).items():
        refused[reason] = refused[reason] | condition if reason in refused else condition
    listed = [condition.fill_null(False).ifelse(f"{reason}{SEPARATOR}", "") for reason, condition in refused.items()]
    joined = ibis.literal("").join(listed)
    return joined.left(ibis.greatest(joined.length() - len(SEPARATOR), 0))


def _columns(table: str, texts: ir.Table, values: dict[str, ir.Value]) -> dict[str, Any]:
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
            value = texts["own key"]
        else:
            value = ibis.null(_ibis_type(column.type))
        columns[column.name] = value.cast(_ibis_type(column.type))
    if table == "orders" and "order_id" not in values:
        columns["order_id"] = columns["order_line_id"]
    return columns


def _ibis_type(type_: pa.DataType) -> Any:
    return ibis.dtype("timestamp('UTC', 6)") if type_ == TIMESTAMP else ibis.dtype(type_)
