"""What mends a refused row, by its reason: one sentence each, in English and Chinese."""

from __future__ import annotations

# How a reason ends: (English, Chinese). The first that fits counts.
_ENDINGS: tuple[tuple[str, str, str], ...] = (
    (
        "broken line",
        "The line does not fit the columns. Check the delimiter and the quotation marks in the file.",
        "该行与列数不符。请检查文件的分隔符和引号。",
    ),
    (
        " missing",
        "Nothing stands where the mapping looks. Name another column, a default, or mend the rows at the source.",
        "映射所指的列为空。请改用其他列、给出默认值，或在来源处补全。",
    ),
    (
        " not a date",
        "Not written in a form that is known. Add it to `format` in the mapping, or mend the rows at the source.",
        "日期写法无法识别。请在映射的 format 中补充该格式，或在来源处更正。",
    ),
    (
        " in the future",
        "Later than the day it was collected. Check the time zone and the format in the mapping.",
        "晚于收集日期。请检查映射中的时区和格式。",
    ),
    (
        " not a whole number",
        "Has decimals where whole numbers are expected. Check the column and `decimal` in the mapping.",
        "应为整数。请检查映射所指的列和 decimal。",
    ),
    (
        " not a number",
        "Not a number as written. Check `unit` and `decimal`, or put the word under `values` or `nulls`.",
        "无法读作数字。请检查 unit 和 decimal，或在映射的 values、nulls 中列出该词。",
    ),
    (
        " not yes or no",
        "Neither yes nor no as written. Put the word under `values` in the mapping.",
        "无法判断是或否。请在映射的 values 中列出该词。",
    ),
    (
        " negative",
        "A length can't be below zero. Check the column; a code such as -1 for unknown belongs under `nulls`.",
        "时长不能为负。请检查单位；若 -1 等表示未知，请写入 nulls。",
    ),
    (
        " out of range",
        'Outside what is possible. A code such as 9 for unknown belongs under `nulls`, beside "-" and the like.',
        "超出可能范围。若 9 等表示未知，请与“-”等占位符一并写入映射的 nulls。",
    ),
    (
        " before asked",
        "The answer comes before the question. Check that both times are of the same zone and rightly mapped.",
        "答复早于提问。请检查两个时间的时区与映射是否一致。",
    ),
    (
        " before joined",
        "Left before joining. Check that both dates are rightly mapped.",
        "离开早于加入。请检查两个日期的映射。",
    ),
)
_OTHERWISE = ("Mend the mapping, or the rows at the source.", "请修改映射，或在来源处更正。")
_PLACE = {"en": 0, "zh": 1}


def advice(reason: str, language: str = "en") -> str:
    """What mends rows refused for this one reason."""
    for ending, *said in _ENDINGS:
        if reason.endswith(ending):
            return said[_PLACE[language]]
    return _OTHERWISE[_PLACE[language]]
