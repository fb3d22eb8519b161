"""What counts as missing, and received values as plain text: trimmed, placeholders to null, words replaced, defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ibis

from interactions.cleaning.engine_functions import translate, trim
from interactions.cleaning.typed import Typed
from interactions.sources.mapping import Rule

if TYPE_CHECKING:
    import ibis.expr.types as ir

BLANKS = " \t\r\n\v\f\u00a0\u3000\ufeff\u200b\u200c\u200d"
PLACEHOLDERS = ("", "-", "--", "NULL", "null", "None", "NaN", "nan", "N/A", "n/a", "#N/A", "\\N")
# Words that people write: of the placeholders only those that nobody writes count as missing.
_FREE_TEXT_PLACEHOLDERS = ("", "NULL", "\\N")
_FREE_TEXT = ("content", "response_content", "comment", "name", "product")
IDENTIFIERS = ("interaction_id", "customer_id", "order_line_id", "order_id", "response_id", "agent_id")

_FULL_WIDTH = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
_HALF_WIDTH = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F))
_INVISIBLE = "\ufeff\u200b\u200c\u200d"


def half_width(text: ir.StringValue) -> ir.StringValue:
    """Full-width digits, letters and signs (１２３ＡＢＣ) as the plain ones, invisible signs dropped."""
    return translate(text, _FULL_WIDTH + "\u3000\u00a0" + _INVISIBLE, _HALF_WIDTH + "  ")


def received_text(received: ir.Table, target: str, rule: Rule, reads: Sequence[str]) -> Typed:
    """The text a rule finds for `target` in each received row, or null.

    Identifiers lose stray blanks and full-width forms. Repairs: "<target>: id trimmed/width-normalised", "<target>:
    blank to null" (something was written, but only a placeholder).
    """
    if rule.value is not None:
        return Typed(ibis.literal(rule.value))
    joined = _joined(received, target, rule, reads)
    plain = trim(half_width(joined) if target in IDENTIFIERS else joined, BLANKS)
    nulls = (*rule.nulls, "") if rule.nulls is not None else _placeholders(target)
    is_missing = plain.isin(nulls)
    value = is_missing.ifelse(ibis.null("string"), plain)
    if rule.values:
        value = value.substitute({word.strip(): ours for word, ours in rule.values.items()})
    repaired: dict[str, Any] = {f"{target}: blank to null": is_missing & (joined != "")}
    if target in IDENTIFIERS and len(reads) == 1:
        repaired[f"{target}: id trimmed/width-normalised"] = (plain != joined) & ~is_missing
    if rule.default is not None:
        repaired[f"{target}: missing to default"] = value.isnull()
        value = value.fill_null(rule.default)
    return Typed(value, {}, repaired)


def _placeholders(target: str) -> tuple[str, ...]:
    return _FREE_TEXT_PLACEHOLDERS if target in _FREE_TEXT else PLACEHOLDERS


def _joined(received: ir.Table, target: str, rule: Rule, reads: Sequence[str]) -> ir.StringValue:
    """The received column, or several joined; all of them blank is blank."""
    if len(reads) == 1:
        return received[reads[0]]
    separator = rule.separator if rule.separator is not None else "|" if target in IDENTIFIERS else " "
    parts = [trim(received[name].fill_null(""), BLANKS) for name in reads]
    all_blank = ibis.and_(*(part == "" for part in parts))
    return all_blank.ifelse("", ibis.literal(separator).join(parts))
