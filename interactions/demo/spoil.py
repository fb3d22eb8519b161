"""Dirt put among the rows of a file, each piece counted: repeats, older versions, test rows and what can't be true."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from interactions.demo.filled import Row
from interactions.demo.forms import Form

KEPT, DUPLICATE, EXCLUDED, OLDER = "kept", "duplicate", "excluded", "older version"

_DUPLICATES = 0.012
_TESTS = 0.006
_OLDER = 0.01
_IMPOSSIBLE = 0.0012  # of each reason
_PERSONAL = re.compile(r"1[3-9]\d{9}|@example\.com")  # as messages.py leaves them in texts
_FULL_WIDTH = str.maketrans("0123456789C", "０１２３４５６７８９Ｃ")


@dataclass
class Sheet:
    """The rows of one file with what each is: KEPT, DUPLICATE, EXCLUDED, OLDER or the reason to refuse it."""

    form: Form
    rows: list[Row]
    states: list[str] = field(default_factory=list)
    order: list[float] = field(default_factory=list)  # rows are written in this order

    def __post_init__(self) -> None:
        self.states = [KEPT] * len(self.rows)
        self.order = [float(place) for place in range(len(self.rows))]

    def add(self, row: Row, state: str, order: float) -> None:
        self.rows.append(row)
        self.states.append(state)
        self.order.append(order)

    def settle(self) -> None:
        """Bring the rows into their order."""
        places = np.argsort(np.array(self.order), kind="stable").tolist()
        self.rows = [self.rows[place] for place in places]
        self.states = [self.states[place] for place in places]
        self.order = sorted(self.order)


Change = Callable[[Form, Row, np.random.Generator], None]


def spoil(sheet: Sheet, rng: np.random.Generator) -> None:
    """Add every kind of dirt that the sheet's form is prone to, and settle its rows."""
    true_rows = len(sheet.rows)
    if true_rows == 0:
        return
    chosen = rng.permutation(true_rows)
    _strange_ids(sheet, rng, true_rows)
    older = chosen[: round(_OLDER * true_rows)] if sheet.form.table in OLDER_CONTENT else chosen[:0]
    repeated = chosen[len(older) : len(older) + max(2, round(_DUPLICATES * true_rows))]
    for place in older.tolist():
        row = list(sheet.rows[place])
        if OLDER_CONTENT[sheet.form.table](sheet.form, row, rng):
            sheet.add(row, OLDER, place - 0.5)
    for place in repeated.tolist():
        sheet.add(list(sheet.rows[place]), DUPLICATE, place + rng.uniform(0.1, 300))
    _add_tests(sheet, rng, true_rows)
    for reason, change in REASONS.get(sheet.form.file, REASONS.get(sheet.form.table, {})).items():
        for _ in range(max(3, round(_IMPOSSIBLE * true_rows))):
            place = int(rng.integers(true_rows))
            row = _copied(sheet, place, f"{len(sheet.rows)}")
            change(sheet.form, row, rng)
            sheet.add(row, reason, place + rng.uniform(0.1, 0.9))
    sheet.settle()


def _copied(sheet: Sheet, place: int, number: str) -> Row:
    """A row like another one, under a key of its own and with nothing that follows from it."""
    row = list(sheet.rows[place])
    row[0] = f"X{number}"
    if sheet.form.table == "interactions":
        for column in ("responded_at", "resolved_at", "rated_at", "satisfaction"):
            row[sheet.form.place(column)] = ""
    return row


def _add_tests(sheet: Sheet, rng: np.random.Generator, true_rows: int) -> None:
    if sheet.form.test is None:
        return
    header, word = sheet.form.test
    for _ in range(max(2, round(_TESTS * true_rows))):
        place = int(rng.integers(true_rows))
        row = _copied(sheet, place, f"T{len(sheet.rows)}")
        row[sheet.form.headers.index(header)] = word
        sheet.add(row, EXCLUDED, place + rng.uniform(0.1, 0.9))


def _strange_ids(sheet: Sheet, rng: np.random.Generator, true_rows: int) -> None:
    """Customer ids typed with an input method on, or copied with blanks around them."""
    if sheet.form.table == "customers":
        return
    column = sheet.form.place("customer_id")
    known = [place for place in range(true_rows) if sheet.rows[place][column].startswith("C")]
    for place in rng.choice(known, size=min(len(known), max(3, round(0.004 * true_rows))), replace=False).tolist():
        row = sheet.rows[place]
        row[column] = row[column].translate(_FULL_WIDTH) if rng.random() < 0.5 else f" {row[column]}\u3000"


# What an older version of a row says otherwise; False when this row can't have had one.
def _older_customer(form: Form, row: Row, rng: np.random.Generator) -> bool:
    row[form.place("phone")] = f"139{rng.integers(0, 10**8):08d}"
    row[form.place("email")] = ""
    return True


def _older_ticket(form: Form, row: Row, rng: np.random.Generator) -> bool:
    """The ticket as it was exported before it was closed."""
    later = [form.place(column) for column in ("resolved_at", "reopened", "satisfaction", "rated_at")]
    if form.file != "emails.jsonl" or not row[later[0]].startswith("2"):
        return False
    for place in later:
        row[place] = ""
    return True


def _older_order(form: Form, row: Row, rng: np.random.Generator) -> bool:
    row[form.place("status")] = "paid" if rng.random() < 0.5 else "packed"
    return True


OLDER_CONTENT: dict[str, Callable[[Form, Row, np.random.Generator], bool]] = {
    "customers": _older_customer,
    "interactions": _older_ticket,
    "orders": _older_order,
}


def _put(column: str, options: Sequence[str]) -> Change:
    """Write one of `options` into a column."""

    def change(form: Form, row: Row, rng: np.random.Generator) -> None:
        row[form.place(column)] = options[int(rng.integers(len(options)))]

    return change


def _future(column: str) -> Change:
    """Move a time sixty years on, whatever way it is written."""

    def change(form: Form, row: Row, rng: np.random.Generator) -> None:
        place = form.place(column)
        row[place] = row[place].replace("202", "208", 1)

    return change


def _negative(column: str) -> Change:
    def change(form: Form, row: Row, rng: np.random.Generator) -> None:
        row[form.place(column)] = f"-{rng.integers(1, 900)}"

    return change


def _answered_before(form: Form, row: Row, rng: np.random.Generator) -> None:
    """An answer from years before the question."""
    row[form.place("responded_at")] = row[form.place("occurred_at")].replace("202", "200", 1)


NOT_DATES = ("昨天下午", "2025-02-30 10:00:00", "2026-13-05 09:30:00", "待补录", "0000-00-00 00:00:00")
MISSING = ("", "N/A", "-")
# By file, or by table where a table has one file: the reason to refuse a row, and what makes it so.
REASONS: dict[str, dict[str, Change]] = {
    "phone_calls.csv": {
        "occurred_at missing": _put("occurred_at", MISSING),
        "occurred_at not a date": _put("occurred_at", NOT_DATES),
        "duration negative": _negative("duration_ms"),
    },
    "emails.jsonl": {
        "answered before asked": _answered_before,
        "occurred_at in the future": _future("occurred_at"),
        "occurred_at not a date": _put("occurred_at", NOT_DATES),
    },
    "chats.xlsx": {
        "satisfaction out of range": _put("satisfaction", ("9", "0", "6", "10")),
        "duration negative": _negative("duration_ms"),
        "occurred_at missing": _put("occurred_at", MISSING),
    },
    "social_and_web.csv": {
        "occurred_at in the future": _future("occurred_at"),
        "occurred_at missing": _put("occurred_at", MISSING),
    },
    "customers": {"birth_year out of range": _put("birth_year", ("199", "2985", "1066"))},
    "orders": {
        "ordered_at missing": _put("ordered_at", MISSING),
        "ordered_at not a date": _put("ordered_at", NOT_DATES),
    },
    "surveys": {"satisfaction out of range": _put("satisfaction", ("9", "0", "7"))},
}


def counts(sheet: Sheet) -> dict[str, object]:
    """How many rows of each fate, and how many kept rows show each other kind of dirt."""
    states = Counter(sheet.states)
    fates = {KEPT, DUPLICATE, EXCLUDED, OLDER}
    reasons = {state: count for state, count in sorted(states.items()) if state not in fates}
    kept = [row for row, state in zip(sheet.rows, sheet.states, strict=True) if state in (KEPT, OLDER)]
    return {
        "received": len(sheet.rows),
        "known": 0,
        "duplicate": states[DUPLICATE],
        "excluded": states[EXCLUDED],
        "quarantined": sum(reasons.values()),
        "kept": len(kept),
        "reasons": reasons,
        "kinds": {name: count for name, count in _kinds(sheet.form, kept, states[OLDER]).items() if count},
    }


def _kinds(form: Form, kept: list[Row], older: int) -> dict[str, int]:
    found: Counter[str] = Counter({"later versions": older})
    for place, one in enumerate(form.fields):
        values = [row[place] for row in kept]
        if one.column == "customer_id":
            found["full-width ids"] += sum(not value.isascii() and "Ｃ" in value for value in values)
            found["padded ids"] += sum(value != value.strip() for value in values)
            found["unidentified callers"] += sum(value in one.nulls for value in values)
        elif one.column == "content":
            found["texts with personal data"] += sum(_PERSONAL.search(value) is not None for value in values)
        elif not one.plain:
            found["words for missing values"] += sum(value in ("N/A", "-") for value in values)
        if one.unit == "min":
            found["durations in minutes"] += sum(value.replace(".", "").isdecimal() for value in values)
        if len(one.formats) > 1:
            for form_, written in _by_format(values, one.formats).items():
                found[f"{one.column} as {form_}"] += written
        if one.column == "currency":
            found["amounts in dollars"] += sum(value in one.words["USD"] for value in values)
    return dict(sorted(found.items()))


def _by_format(values: list[str], formats: tuple[str, ...]) -> dict[str, int]:
    """Values by format, told apart by the fifth sign: 2026-, 2026/, 2026年."""
    signs = {form[2]: form for form in formats}
    return dict(Counter(signs[value[4]] for value in values if len(value) > 4))
