"""Clean true rows as the texts that a form holds: local times, words, units and gaps as that system writes them."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from interactions.demo.arrays import Ints
from interactions.demo.clock import local_seconds
from interactions.demo.forms import ISO_UTC, Field, Form
from interactions.demo.money import ten_thousandths
from interactions.demo.orders import USD_TENTHS

Row = list[str]

_GAPS = ("", "N/A", "-")
_GAP_SHARES = np.cumsum([0.9, 0.05, 0.05])
_USUAL = (0.72, 0.18, 0.10)  # how often the first, second and third format or word is used


def filled(rows: pa.Table, form: Form, timezone: str, rng: np.random.Generator) -> list[Row]:
    """The rows of a table as `form` writes them, one list of texts each; "" is an empty cell."""
    columns = [_texts(rows, one, timezone, rng) for one in form.fields]
    return [list(row) for row in zip(*columns, strict=True)]


def _texts(rows: pa.Table, one: Field, timezone: str, rng: np.random.Generator) -> list[str]:
    if not one.column:
        return _unit_prices(rows)
    column = rows[one.column].combine_chunks()
    if one.formats:
        texts = _times(column, one.formats, timezone, rng)
    elif one.unit is not None:
        texts = _durations(column, one.unit)
    elif pa.types.is_decimal(column.type):
        texts = pc.utf8_rtrim(pc.utf8_rtrim(column.cast("str"), "0"), ".")
    else:
        texts = column.cast("str")
    if one.words:
        texts = _words(texts, one.words, rng)
    return _gaps(texts, one, rng)


def _gaps(texts: pa.Array, one: Field, rng: np.random.Generator) -> list[str]:
    """Fill what is missing with what this system writes there."""
    if texts.null_count == 0:
        return list(texts.to_pylist())
    if one.plain:
        return list(texts.fill_null("").to_pylist())
    if one.nulls:
        choice = rng.integers(0, len(one.nulls), len(texts))
        gaps = pa.array(one.nulls).take(pa.array(choice))
    else:
        choice = np.searchsorted(_GAP_SHARES, rng.random(len(texts)), side="right")
        gaps = pa.array(_GAPS).take(pa.array(np.minimum(choice, 2)))
    return list(pc.coalesce(texts, gaps).to_pylist())


def _choice(rng: np.random.Generator, options: int, count: int) -> Ints:
    """Which of several ways of writing each row uses, the first most often."""
    shares = np.cumsum(_USUAL[:options]) / sum(_USUAL[:options])
    return np.minimum(np.searchsorted(shares, rng.random(count), side="right"), options - 1).astype(np.int64)


def _times(column: pa.Array, formats: tuple[str, ...], timezone: str, rng: np.random.Generator) -> pa.Array:
    seconds = pc.divide(column.cast(pa.int64()), 1_000_000)
    if formats == (ISO_UTC,):
        return pc.strftime(seconds.cast(pa.timestamp("s")), "%Y-%m-%dT%H:%M:%SZ")
    local = local_seconds(timezone, seconds.fill_null(0).to_numpy())
    moments = pa.array(local, mask=pc.is_null(column).to_numpy(zero_copy_only=False)).cast(pa.timestamp("s"))
    written = [pc.strftime(moments, form) for form in formats]
    return pc.choose(pa.array(_choice(rng, len(formats), len(column))), *written)


def _durations(column: pa.Array, unit: str) -> pa.Array:
    if unit == "s":
        return pc.divide(column, 1000).cast("str")
    hundredths = pc.divide(column, 600)  # of a minute
    whole, rest = pc.divide(hundredths, 100), pc.subtract(hundredths, pc.multiply(pc.divide(hundredths, 100), 100))
    return pc.binary_join_element_wise(whole.cast("str"), pc.utf8_lpad(rest.cast("str"), 2, "0"), ".")


def _words(texts: pa.Array, words: Mapping[str, tuple[str, ...]], rng: np.random.Generator) -> pa.Array:
    """The system's own word of each value; a value without one stays as it is."""
    values = pa.array(list(words))
    place = pc.index_in(texts, value_set=values)
    most = max(len(options) for options in words.values())
    named = [pa.array([options[min(n, len(options) - 1)] for options in words.values()]) for n in range(most)]
    chosen = pc.choose(pa.array(_choice(rng, most, len(texts))), *(names.take(place) for names in named))
    return pc.coalesce(chosen, texts)


def _unit_prices(rows: pa.Table) -> list[str]:
    """Price of one piece in the order's own currency, with two decimals: exact, as orders.py made the amounts."""
    whole = ten_thousandths(rows["amount"].combine_chunks())
    dollars = pc.equal(rows["currency"], "USD").to_numpy()
    cents = whole // rows["quantity"].to_numpy() // np.where(dollars, 10 * USD_TENTHS, 100)
    return [f"{cent // 100}.{cent % 100:02d}" for cent in cents.tolist()]
