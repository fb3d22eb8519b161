"""How much contact is coming: for those who plan."""

from typing import Any

from serving import shapes
from serving.answers import forecast
from serving.operations import Call, Operation
from serving.parameters import choice
from workspace.tables import CHANNELS


def _forecast(call: Call) -> dict[str, Any]:
    return forecast.forecast(
        call.snapshot, call.caller, call.values["channel"], call.values["grain"], call.values["by"]
    )


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/forecast",
        "Expected contacts per period, with intervals and the last 90 days",
        _forecast,
        shapes.Forecast,
        (
            choice("channel", "one channel, or all together", ("all", *CHANNELS), "all"),
            choice("grain", "length of a period", forecast.GRAINS, "day"),
            choice("by", "region: a row for each day and region; they add up to all channels together", ("region",)),
        ),
        listed="rows",
        tagged=True,
    ),
)
