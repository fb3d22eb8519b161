"""How many agents are needed for what is coming: for those who plan."""

from typing import Any

from serving import shapes
from serving.answers import staffing
from serving.operations import Call, Operation
from serving.parameters import choice, day_or_time, number
from workspace.tables import CHANNELS

_DAY_SECONDS = 86_400


def _staffing(call: Call) -> dict[str, Any]:
    values = dict(call.values_without_format)
    return staffing.staffing(call.snapshot, staffing.Asked(begin=values.pop("from"), end=values.pop("to"), **values))


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/staffing",
        "Agents per period for a service level (Erlang C) or a deadline, from a quantile of the forecast",
        _staffing,
        shapes.Staffing,
        (
            choice("channel", "one channel, or all together", ("all", *CHANNELS), "phone"),
            choice("grain", "length of a period", staffing.GRAINS, "30min"),
            day_or_time("from", "the first company day or moment; the forecast's begin by default"),
            day_or_time("to", "the first company day or moment no longer planned; a week after `from` by default"),
            number("service_level", "share of contacts to be answered in time", 0.01, 0.999, 0.8),
            number("within_seconds", "how long a contact may wait to count as answered in time", 0, _DAY_SECONDS, 20.0),
            number("handle_seconds", "mean handling time; as measured by default", 1, _DAY_SECONDS),
            number("quantile", "share of periods whose contacts should not exceed those planned for", 0.5, 0.95, 0.8),
            number("shrinkage", "share of the scheduled who are away: breaks, training, illness", 0, 0.9, 0.0),
            choice("rule", "erlang_c where people wait, deadline for letters; by channel", ("erlang_c", "deadline")),
            number("deadline_hours", "by the deadline rule: time to finish a contact", 0.25, 24 * 28, 24.0),
            number("contacts", "what if so many came in one period, instead of the forecast", 0, 10_000_000),
        ),
        listed="rows",
        threaded=True,
        tagged=True,
    ),
)
