"""Every descriptive figure by name: what it means, in which unit, and what it leaves out.

No computing here, and no Ibis: a service worker, a page and a report read it.
"""

from dataclasses import dataclass
from typing import Literal

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
)
ORDER_DIMENSIONS = ("owner", "region", "city", "country", "segment_id")
DIMENSIONS = INTERACTION_DIMENSIONS
GRAINS = ("hour", "day", "week", "month", "quarter", "year")
COMPARISONS = ("previous", "last_year")


@dataclass(frozen=True)
class Statistic:
    """One figure. `table` is the base it is computed from, `better` the direction that is good news, if any."""

    name: str
    unit: str
    title_en: str
    title_zh: str
    definition: str
    exclusions: str
    table: Literal["interactions", "orders"] = "interactions"
    better: Literal["higher", "lower"] | None = None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What the figure can be split and filtered by."""
        return ORDER_DIMENSIONS if self.table == "orders" else INTERACTION_DIMENSIONS


_MACHINES = "Contacts sent by a machine don't count."
_BEGUN = "Contacts the company began, and those sent by a machine, don't count."

_ALL = (
    Statistic(
        "contacts",
        "contacts",
        "Contacts",
        "沟通次数",
        "Contacts with customers, in both directions, unidentified callers included.",
        _MACHINES,
    ),
    Statistic(
        "inbound_contacts",
        "contacts",
        "Contacts from customers",
        "客户来访次数",
        "Contacts the customers began (inbound or of unknown direction): what the volume forecast counts.",
        _BEGUN,
    ),
    Statistic(
        "unique_customers",
        "customers",
        "Customers in touch",
        "沟通客户数",
        "Different identified customers with a contact in either direction; the count beside it is the contacts.",
        f"Unidentified callers don't count. {_MACHINES}",
    ),
    Statistic(
        "service_seconds_mean",
        "seconds",
        "Mean length of answered contacts",
        "平均服务时长",
        "Mean duration of contacts whose outcome is answered.",
        f"Contacts of unknown duration don't count. {_MACHINES}",
    ),
    Statistic(
        "service_seconds_median",
        "seconds",
        "Median length of answered contacts",
        "服务时长中位数",
        "Median duration of contacts whose outcome is answered.",
        f"Contacts of unknown duration don't count. {_MACHINES}",
    ),
    Statistic(
        "wait_seconds_mean",
        "seconds",
        "Mean wait",
        "平均等待时长",
        "Mean time in the queue of contacts the customers began, those who did not wait included as 0.",
        f"Contacts of unknown waiting time don't count. {_BEGUN}",
        better="lower",
    ),
    Statistic(
        "abandonment_share",
        "share",
        "Abandoned of offered",
        "放弃率",
        "Abandoned / offered: phone calls and chats the customers began that ended answered or abandoned.",
        f"Contacts with another outcome or none don't count. {_BEGUN}",
        better="lower",
    ),
    Statistic(
        "abandonment_queued_share",
        "share",
        "Abandoned of those who queued",
        "排队放弃率",
        "Abandoned / offered, among contacts that waited longer than 0.",
        f"Contacts that did not wait, or with another outcome or none, don't count. {_BEGUN}",
        better="lower",
    ),
    Statistic(
        "first_response_minutes_median",
        "minutes",
        "Median time to first answer",
        "首次响应时长中位数",
        "Median minutes from a contact the customer began to its first human answer, by the calendar.",
        f"Contacts without an answer don't count. {_BEGUN}",
        better="lower",
    ),
    Statistic(
        "first_response_minutes_p90",
        "minutes",
        "Time to first answer, 9 in 10 within",
        "首次响应时长 P90",
        "90 % quantile of minutes from a contact the customer began to its first human answer, by the calendar.",
        f"Contacts without an answer don't count. {_BEGUN}",
        better="lower",
    ),
    Statistic(
        "resolution_hours_median",
        "hours",
        "Median time to resolution",
        "解决时长中位数",
        "Median hours from a contact the customer began to its last resolution; a reopened case runs on.",
        f"Unresolved contacts don't count. {_BEGUN}",
        better="lower",
    ),
    Statistic(
        "reopened_share",
        "share",
        "Reopened of resolved",
        "重新打开率",
        "Resolved contacts that had been opened again / resolved contacts the customers began.",
        f"Unresolved contacts don't count. {_BEGUN}",
        better="lower",
    ),
    Statistic(
        "csat",
        "share",
        "Satisfied (ratings of 4 and 5)",
        "满意度（4-5 分占比）",
        "Ratings of 4 and 5 / all ratings. Only some customers rate: read it beside csat_response_share.",
        f"Unrated contacts don't count. {_MACHINES}",
        better="higher",
    ),
    Statistic(
        "csat_response_share",
        "share",
        "Rated contacts",
        "评价率",
        "Rated contacts / contacts the customers began. Who was asked is not known, so it is a lower bound.",
        _BEGUN,
        better="higher",
    ),
    Statistic(
        "complaint_share",
        "share",
        "Complaints",
        "投诉占比",
        "Contacts of kind complaint / contacts the customers began.",
        _BEGUN,
        better="lower",
    ),
    Statistic(
        "orders",
        "orders",
        "Orders",
        "订单数",
        "Different orders; a line that names no order is one. The count beside it is the order lines.",
        "None.",
        table="orders",
        better="higher",
    ),
    Statistic(
        "revenue",
        "company currency",
        "Revenue",
        "销售额",
        "Sum of the order lines' amounts in the company's currency.",
        "Lines in a currency without a rate have no amount and don't count.",
        table="orders",
        better="higher",
    ),
)

CATALOGUE: dict[str, Statistic] = {statistic.name: statistic for statistic in _ALL}
