"""Every descriptive figure by name: what it means, in which unit, and what it leaves out.

No computing here, and no Ibis: a service worker, a page and a report read it.
"""

from features.statistics.described.contacts import CONTACTS
from features.statistics.described.purchases import ORDERS
from features.statistics.described.response import RESPONSE
from features.statistics.described.satisfaction import SATISFACTION
from features.statistics.described.scores import SCORES
from features.statistics.described.service import SERVICE
from features.statistics.described.surveys import SURVEYS
from features.statistics.statistic import CLOCK_DIMENSIONS, INTERACTION_DIMENSIONS, ORDER_DIMENSIONS, SURVEY_DIMENSIONS
from features.statistics.statistic import Statistic as Statistic

DIMENSIONS = tuple(dict.fromkeys((*INTERACTION_DIMENSIONS, *ORDER_DIMENSIONS, *SURVEY_DIMENSIONS)))
GRAINS = ("hour", "day", "week", "month", "quarter", "year")
COMPARISONS = ("previous", "last_year")
STORED_DIMENSIONS = tuple(name for name in INTERACTION_DIMENSIONS if name not in CLOCK_DIMENSIONS)

_ALL = (*CONTACTS, *SERVICE, *RESPONSE, *SATISFACTION, *SCORES, *ORDERS, *SURVEYS)

CATALOGUE: dict[str, Statistic] = {statistic.name: statistic for statistic in _ALL}
