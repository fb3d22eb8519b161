"""Which moments models learn at: the default cutoff, and several past ones whose labels are complete in time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from features.windows import DAY_US, micros_of
from training.bundle.hazard import Steps, steps
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace

# Past cutoffs before the judged one: at least so many if days allow, at most so many for the time it takes.
FEWEST, MOST = 6, 8
# A horizon may be longer than what was ever followed, and its later steps are then carried on; not by more than half.
LEAST_HISTORY = 2 / 3
STEPS_OF_HISTORY = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def default_cutoff(workspace: Workspace) -> datetime:
    """Company-local midnight after the last sign of life in the data.

    Rows dated more than a day after they were collected are slips and don't count.
    Raises NotEnoughHistoryError when there is no event at all.
    """
    contacts = workspace.lake.read("interactions", ["occurred_at", "collected_at", "direction", "is_automated"])
    outbound = pc.fill_null(pc.equal(contacts["direction"], "outbound"), False)
    alive = pc.invert(pc.or_(outbound, pc.fill_null(contacts["is_automated"], False)))
    orders = workspace.lake.read("orders", ["ordered_at", "collected_at"])
    latest = [_latest(contacts.filter(alive), "occurred_at"), _latest(orders, "ordered_at")]
    known = [moment for moment in latest if moment is not None]
    if not known:
        raise NotEnoughHistoryError(
            f"A cutoff needs at least one contact or order; {workspace.folder} has none. "
            "Run `rapport collect` and `rapport clean` first."
        )
    zone = workspace.settings.company.zone
    day = max(known).astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _latest(rows: pa.Table, column: str) -> datetime | None:
    day = pa.scalar(timedelta(days=1), pa.duration("us"))
    in_time = pc.less_equal(rows[column], pc.add(rows["collected_at"], day))
    latest: datetime | None = pc.max(rows[column].filter(in_time)).as_py()
    return latest


def moment(micros: int) -> datetime:
    """The UTC moment `micros` microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=micros)


@dataclass(frozen=True)
class Plan:
    """Moments of a training. `judged`: where the model is judged, labels complete by `as_of`.

    `before`: cutoffs that teach the judged model, rising; its labels end by `judged`. `after`: further cutoffs from
    `judged` on, for the model that is served. `spacing_days` apart.
    """

    as_of: datetime
    judged: datetime
    before: tuple[datetime, ...]
    after: tuple[datetime, ...]
    spacing_days: int


def plan(first_event: datetime, as_of: datetime, cut: Steps, observation_days: int) -> Plan:
    """Past cutoffs for a model as of `as_of`: one judged a horizon earlier, up to eight before it.

    They lie a step apart, or closer (whole days) where six would not fit. Every cutoff keeps an observation window
    behind it, or half the history before the judged cutoff where that is shorter.
    Raises NotEnoughHistoryError when that history is less than two thirds of the longest horizon.
    """
    judged = as_of - timedelta(days=cut.longest)
    history = (judged - first_event) / timedelta(days=1)
    step = cut.edges[1]
    room = history - min(observation_days, history / 2) - step
    if history < cut.longest * LEAST_HISTORY or room < 0:
        needed = math.ceil(cut.longest * (1 + LEAST_HISTORY))
        raise NotEnoughHistoryError(
            f"Churn with a horizon of {cut.longest:g} days needs {needed} days of history; found "
            f"{max((as_of - first_event).days, 0)}, from {first_event.date()} to {as_of.date()}. "
            "Collect older data, or shorten windows.horizon_days in rapport.toml."
        )
    spacing = max(1, min(math.floor(step), math.floor(room / (FEWEST - 1))))
    count = min(MOST, math.floor(room / spacing) + 1)
    newest = judged - timedelta(days=math.ceil(step / spacing) * spacing)
    before = [newest - timedelta(days=spacing * back) for back in range(count)]
    latest = as_of - timedelta(days=step)
    later = math.floor((latest - judged) / timedelta(days=spacing)) + 1
    after = [judged + timedelta(days=spacing * ahead) for ahead in range(later)]
    return Plan(as_of, judged, tuple(reversed(before)), tuple(after), spacing)


def steps_for(first_event: datetime, as_of: datetime, horizon_days: Sequence[int]) -> Steps:
    """The horizons cut into steps; short ones where little precedes the judged cutoff: four must fit into it."""
    history = days_between(first_event, as_of) - horizon_days[-1]
    return steps(horizon_days, max(1.0, history / STEPS_OF_HISTORY))


def days_between(begin: datetime, end: datetime) -> float:
    """Days from `begin` to `end`, exactly to the microsecond."""
    return (micros_of(end) - micros_of(begin)) / DAY_US
