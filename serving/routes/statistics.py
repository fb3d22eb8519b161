"""Figures of the service: for managers."""

from typing import Any

from features.statistics.catalogue import DIMENSIONS, GRAINS
from serving import shapes
from serving.answers import bottlenecks, statistics
from serving.answers.statistics import Compare
from serving.operations import Call, Operation
from serving.parameters import choice, choices_of, day_or_time, text

_RANGE = (
    day_or_time("from", "the first company day or moment; 30 days before `to` by default"),
    day_or_time("to", "the first company day or moment no longer counted; the data's end by default"),
)
_PARAMETERS = (
    text("metric", "the figure; GET /api/v1/statistics lists them", place="path"),
    *_RANGE,
    choices_of("by", "a row for each value of these", DIMENSIONS),
    choice("grain", "a row for each period", GRAINS),
    choice("compare", "each figure beside that of the period before, or a year before", ("previous", "last_year")),
    *(
        text(name, f"only where {name} is one of these; may be given several times", repeated=True)
        for name in DIMENSIONS
    ),
)


def _catalogue(call: Call) -> dict[str, Any]:
    return statistics.catalogue(call.snapshot, call.caller)


def _statistic(call: Call) -> dict[str, Any]:
    values = call.values
    where = {name: values[name] for name in DIMENSIONS if values[name] is not None}
    return statistics.statistic(
        call.snapshot,
        call.caller,
        values["metric"],
        values["from"],
        values["to"],
        values["by"],
        values["grain"],
        values["compare"],
        where,
    )


def _bottlenecks(call: Call) -> dict[str, Any]:
    values = call.values
    compare: Compare = values["compare"] or "previous"
    return bottlenecks.bottlenecks(call.snapshot, call.caller, values["from"], values["to"], compare)


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/statistics",
        "Every figure with its definition",
        _catalogue,
        shapes.Catalogue,
        listed="statistics",
        tagged=True,
    ),
    Operation(
        "GET",
        "/api/v1/statistics/{metric}",
        "One figure over a range, by dimensions and periods",
        _statistic,
        shapes.Statistic,
        _PARAMETERS,
        listed="rows",
        threaded=True,
        tagged=True,
    ),
    Operation(
        "GET",
        "/api/v1/bottlenecks",
        "Where waiting grows: channels, owners and hours answered later than before",
        _bottlenecks,
        shapes.Bottlenecks,
        (*_RANGE, choice("compare", "what the range is compared with", ("previous", "last_year"))),
        listed="rows",
        threaded=True,
        tagged=True,
    ),
)
