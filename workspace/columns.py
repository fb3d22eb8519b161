"""What a column is: its Arrow type, what it means, its unit, and how it is computed where it is computed."""

from dataclasses import dataclass

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")
MONEY = pa.decimal128(18, 4)
TEXT = pa.string()
INTEGER = pa.int64()
FLOAT = pa.float64()
FLAG = pa.bool_()


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type, what it means and in which unit; `personal` marks what identifies a person.

    `formula`: of a column that is computed, in the words of docs/features.md. `actionable`: the company can influence
    it, or the next contact changes it; others, such as how long somebody has been a customer, are as they are.
    """

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""
    personal: bool = False
    formula: str = ""
    actionable: bool = False
