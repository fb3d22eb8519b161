"""What counts as missing, and received values as plain text: trimmed, nulls found, words replaced, defaults put in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ibis

from interactions.cleaning.engine_functions import byte_length, translate
from interactions.cleaning.typed import Typed, shown
from interactions.sources.mapping import Rule

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Inside a regular expression's brackets.
BLANKS = r"\s\x{00a0}\x{3000}\x{feff}\x{200b}-\x{200d}"
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
    # Translating costs 6 us a value: plain ASCII, nearly everything, is left alone.
    return (byte_length(text) == text.length()).ifelse(
        text, translate(text, _FULL_WIDTH + "\u3000\u00a0" + _INVISIBLE, _HALF_WIDTH + "  ")
    )


def trimmed(text: ir.StringValue) -> ir.StringValue:
    """The text without blanks of any script at its ends."""
    return text.re_replace(rf"^[{BLANKS}]+|[{BLANKS}]+$", "")


def _is_trim(text: ir.StringValue) -> Any:
    """Whether a text is plain ASCII without blanks at its ends, as nearly all are: told at a fifth of what it costs to
    trim it. `!` is the first sign after the blanks."""
    is_ascii = byte_length(text) == text.length()
    return ibis.and_(is_ascii, text >= "!", text.right(1) >= "!")


def joined_text(received: ir.Table, target: str, rule: Rule, reads: Sequence[str]) -> Any:
    """What a rule finds for `target` as it was received: one column, several joined, or a constant.

    Several columns that are all blank are blank together.
    """
    if rule.value is not None:
        return ibis.literal(rule.value)
    if len(reads) == 1:
        return received[reads[0]]
    separator = rule.separator if rule.separator is not None else "|" if target in IDENTIFIERS else " "
    parts = [trimmed(received[name].fill_null("")) for name in reads]
    all_blank = ibis.and_(*(part == "" for part in parts))
    return all_blank.ifelse("", ibis.literal(separator).join(parts))


def plain_text(joined: ir.StringValue, target: str) -> Any:
    """Trimmed; identifiers and times without full-width forms too."""
    is_narrow = target in IDENTIFIERS or target.endswith("_at") or target == "period_start"
    return _is_trim(joined).ifelse(joined, trimmed(half_width(joined) if is_narrow else joined))


def known_text(joined: ir.StringValue, plain: ir.StringValue, target: str, rule: Rule) -> Typed:
    """The text with placeholders as null, words replaced by the mapping's, its prefix and its default put in.

    Repairs: "<target>: blank to null" (something was written, but only a placeholder), "<target>: id
    trimmed/width-normalised", "<target>: missing to default".
    """
    if rule.value is not None:
        return Typed(plain)
    nulls = (*rule.nulls, "") if rule.nulls is not None else _placeholders(target)
    longest = max(len(word.encode()) for word in nulls)
    is_missing = (byte_length(plain) <= longest).ifelse(plain.isin(nulls), False)
    value: Any = is_missing.ifelse(ibis.null("string"), plain)
    if rule.values:
        value = value.substitute({word.strip(): ours for word, ours in rule.values.items()})
    if rule.prefix is not None:
        value = ibis.literal(rule.prefix).concat(value)
    repaired: dict[str, Any] = {f"{shown(target)}: blank to null": is_missing & (joined != "")}
    if target in IDENTIFIERS and len(rule.wanted) == 1:
        repaired[f"{target}: id trimmed/width-normalised"] = (plain != joined) & ~is_missing
    if rule.default is not None:
        repaired[f"{shown(target)}: missing to default"] = is_missing | plain.isnull()
        value = value.fill_null(rule.default)
    return Typed(value, {}, repaired)


def _placeholders(target: str) -> tuple[str, ...]:
    return _FREE_TEXT_PLACEHOLDERS if target in _FREE_TEXT else PLACEHOLDERS
