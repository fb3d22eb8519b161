"""Received rows of one file as typed rows of their table, each with its reasons to be refused and its repairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis

from interactions.cleaning import channels, units
from interactions.cleaning.checks import impossible
from interactions.cleaning.columns import VALUE, all_columns
from interactions.cleaning.excluded import is_wanted
from interactions.cleaning.layers import Layers
from interactions.cleaning.missing import joined_text, known_text, plain_text
from interactions.cleaning.own_keys import OWN_KEY, own_key, with_row_key
from interactions.cleaning.timestamps import timestamp
from interactions.cleaning.typed import Typed, shown
from interactions.sources import where
from interactions.sources.batches import BROKEN, ROW
from interactions.sources.mapping import Resolved, Rule
from interactions.sources.names import REQUIRED
from workspace.settings import Settings
from workspace.tables import FLAG, FLOAT, INTEGER, MONEY, TABLES, TIMESTAMP

if TYPE_CHECKING:
    import ibis.expr.types as ir

REPAIR = "repair: "
REFUSED = "refused: "
WORD = "word: "
ENTRY = "entry: "
REASONS = "reasons"
EXCLUDED = "excluded"
SEPARATOR = "; "
CARRIED = (ROW, BROKEN, EXCLUDED, OWN_KEY)


@dataclass(frozen=True)
class Values:
    """Rows with their values, and the reasons to refuse a row that each target's value can give."""

    rows: ir.Table
    reasons: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Words:
    """What was worked out once for a whole file.

    `columns`: for targets whose received column has few different values, each of these, under "entry: TARGET", with
    what typed_values makes of it. `copies`: which rows repeat an earlier one (own_keys.copies); None where no key is
    made from rows or the rows at hand are all there are.
    """

    columns: Mapping[str, Values]
    copies: ir.Table | None = None


NO_WORDS = Words({})


def typed_rows(
    received: ir.Table,
    resolved: Resolved,
    settings: Settings,
    collected_at: datetime,
    layers: Layers,
    words: Words = NO_WORDS,
) -> ir.Table:
    """One row a received row: `source_row`, `excluded`, `reasons` ("" for none), the columns of the table with
    `known_at` (null unless mapped), and a flag "repair: NAME" for each repair that the mapping can lead to.

    Columns of which `words` holds every value received are looked up there, the others are worked out row by row.
    """
    table = resolved.mapping.table
    rows = layers.view("carried", _carried(received, resolved, words))
    apart = {target: rule for target, rule in resolved.rules.items() if target not in words.columns}
    values = typed_values(rows, replace(resolved, rules=apart), settings, layers)
    reasons = dict(values.reasons)
    looked_up = values.rows
    for target, entries in words.columns.items():
        looked_up = looked_up.left_join(
            entries.rows, looked_up[WORD + target].identical_to(entries.rows[ENTRY + target])
        )
        reasons |= entries.reasons
    found = layers.view("values", looked_up)
    columns = {target: found[VALUE + target] for target in resolved.rules}
    in_order = dict.fromkeys(reason for target in resolved.rules for reason in reasons[target])
    return found.select(
        source_row=found[ROW],
        excluded=found[EXCLUDED],
        reasons=found[BROKEN].notnull().ifelse("broken line", _reasons(table, found, columns, in_order, collected_at)),
        **all_columns(resolved, found),
        **{name: found[name].fill_null(False) for name in found.columns if name.startswith(REPAIR)},
    )


def typed_keys(received: ir.Table, resolved: Resolved, settings: Settings, layers: Layers) -> ir.Table:
    """source_row and the key columns that typed_rows gives, without what else it takes to make whole rows."""
    table = resolved.mapping.table
    key = {name: resolved.rules[name] for name in TABLES[table].key if name in resolved.rules}
    rows = received.select(ROW, BROKEN, *dict.fromkeys(name for target in key for name in resolved.reads[target]))
    found = typed_values(rows, replace(resolved, rules=key), settings, layers, " of keys").rows
    one = replace(resolved, rules=key)
    return found.select(source_row=found[ROW], **all_columns(one, found, TABLES[table].key))


def _carried(received: ir.Table, resolved: Resolved, words: Words) -> ir.Table:
    """The received rows with what goes by the whole row: whether the mapping wants it, and the key made from it."""
    mapping = resolved.mapping
    condition = where.parse(mapping.where) if mapping.where is not None else None
    wanted = is_wanted(received, condition) if condition is not None else ibis.literal(True)
    own: dict[str, Any] = {EXCLUDED: ~wanted & received[BROKEN].isnull()}
    own |= {WORD + target: received[resolved.reads[target][0]] for target in words.columns}
    key = own_key(mapping.table)
    if key is None or key in resolved.rules:
        return received.mutate(**own)
    return with_row_key(received.mutate(**own), received, words.copies)


def typed_values(rows: ir.Table, resolved: Resolved, settings: Settings, layers: Layers, name: str = "") -> Values:
    """The rows with "text: TARGET" and "value: TARGET" for each rule and flags "refused: REASON" and "repair: NAME".

    `name` keeps the steps' names apart from those of other rows. Received columns are left behind, our own kept.
    """
    texts = _texts(rows, resolved, layers, name)
    found = {target: _typed(texts, target, resolved, settings) for target in resolved.rules}
    refused: dict[str, Any] = {}
    for typed in found.values():
        for reason, flag in typed.refused.items():
            refused[reason] = refused[reason] | flag if reason in refused else flag
    repaired = {name: flag for typed in found.values() for name, flag in typed.repaired.items()}
    values = texts.mutate(
        **{VALUE + target: typed.value for target, typed in found.items()},
        **{REFUSED + reason: flag.fill_null(False) for reason, flag in refused.items()},
        **{REPAIR + name: flag.fill_null(False) for name, flag in repaired.items()},
    )
    return Values(values, {target: tuple(typed.refused) for target, typed in found.items()})


def _texts(rows: ir.Table, resolved: Resolved, layers: Layers, name: str) -> ir.Table:
    """The text each rule finds, under "text: TARGET" (factors of a product as "text: TARGET 1" ...)."""
    parts = [part for target, rule in resolved.rules.items() for part in _parts(target, rule, resolved.reads[target])]
    carried = [column for column in rows.columns if column in CARRIED or column.startswith((WORD, ENTRY))]
    joined = {f"joined: {part}": joined_text(rows, part, rule, reads) for part, rule, reads in parts}
    rows = layers.view(f"joined{name}", rows.select(*carried, **joined))
    plain = {f"plain: {part}": plain_text(rows[f"joined: {part}"], part) for part, _, _ in parts}
    rows = layers.view(f"plain{name}", rows.mutate(**plain) if plain else rows)
    texts = {part: known_text(rows[f"joined: {part}"], rows[f"plain: {part}"], part, rule) for part, rule, _ in parts}
    repairs = {repair: flag for text in texts.values() for repair, flag in text.repaired.items()}
    return layers.view(
        f"texts{name}",
        rows.select(
            *carried,
            **{f"text: {part}": text.value for part, text in texts.items()},
            **{REPAIR + repair: flag.fill_null(False) for repair, flag in repairs.items()},
        ),
    )


def _parts(target: str, rule: Rule, reads: tuple[str, ...]) -> list[tuple[str, Rule, tuple[str, ...]]]:
    if rule.multiply is None:
        return [(target, rule, reads)]
    return [(f"{target} {number}", rule, (name,)) for number, name in enumerate(reads, 1)]


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


def _reasons(
    table: str, values: ir.Table, columns: dict[str, ir.Value], given: Iterable[str], collected_at: datetime
) -> Any:
    """The reasons to refuse each row, joined; those that a single value gives first, in the order of the rules."""
    key = own_key(table)
    needed = (*REQUIRED[table], *((key,) if key is not None and key in columns else ()))
    refused: dict[str, Any] = {f"{name} missing": values[f"text: {name}"].isnull() for name in needed}
    refused |= {reason: values[REFUSED + reason] for reason in given}
    for reason, condition in impossible(columns, table, collected_at).items():
        refused[reason] = refused[reason] | condition if reason in refused else condition
    flags = {reason: condition.fill_null(False) for reason, condition in refused.items()}
    listed = [flag.ifelse(f"{reason}{SEPARATOR}", "") for reason, flag in flags.items()]
    # Sound rows, nearly all, are spared the putting together of nothing.
    refused_for = ibis.literal("").join(listed).re_replace(f"{SEPARATOR}$", "")
    return ibis.or_(*flags.values()).ifelse(refused_for, "")
