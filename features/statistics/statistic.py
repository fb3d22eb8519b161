"""What the catalogue says about one figure, and what figures can be split and filtered by. No Ibis."""

from dataclasses import dataclass
from typing import Literal

# By the company's clock: "00" to "23", "monday" to "sunday".
CLOCK_DIMENSIONS = ("hour_of_day", "weekday")
INTERACTION_DIMENSIONS = (
    "channel",
    "owner",
    "region",
    "city",
    "country",
    "kind",
    "direction",
    "agent_id",
    "outcome",
    "segment_id",
    *CLOCK_DIMENSIONS,
)
ORDER_DIMENSIONS = ("owner", "region", "city", "country", "segment_id", *CLOCK_DIMENSIONS)
SURVEY_DIMENSIONS = (*ORDER_DIMENSIONS, "topic")

_DIMENSIONS = {"interactions": INTERACTION_DIMENSIONS, "orders": ORDER_DIMENSIONS, "surveys": SURVEY_DIMENSIONS}


@dataclass(frozen=True)
class Statistic:
    """One figure. `table` is the base it is computed from, `better` the direction that is good news, if any."""

    name: str
    unit: str
    title_en: str
    title_zh: str
    definition: str
    exclusions: str
    table: Literal["interactions", "orders", "surveys"] = "interactions"
    better: Literal["higher", "lower"] | None = None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What the figure can be split and filtered by."""
        return _DIMENSIONS[self.table]


MACHINES = "Contacts sent by a machine don't count."
BEGUN = "Contacts the company began, and those sent by a machine, don't count."
