"""Statistics: the catalogue, and one figure after another from the one definition of each."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from serving.answers.forms import moment, plain_row
from serving.callers import Caller
from serving.snapshot import Snapshot
from workspace.errors import QueryError

Compare = Literal["previous", "last_year"]

DEFAULT_DAYS = 30


def catalogue(snapshot: Snapshot, _caller: Caller) -> dict[str, Any]:
    """Every figure with its unit, names and definition, and the dimensions and grains it can be asked by."""
    from features.statistics.catalogue import CATALOGUE, DIMENSIONS, GRAINS

    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "dimensions": list(DIMENSIONS),
        "grains": list(GRAINS),
        "statistics": [
            {
                "metric": name,
                "unit": found.unit,
                "title_en": found.title_en,
                "title_zh": found.title_zh,
                "definition": found.definition,
                "exclusions": found.exclusions,
                "better": found.better,
                "dimensions": list(found.dimensions),
            }
            for name, found in CATALOGUE.items()
        ],
    }


def statistic(
    snapshot: Snapshot,
    caller: Caller,
    metric: str,
    start: date | datetime | None = None,
    end: date | datetime | None = None,
    by: Sequence[str] = (),
    grain: str | None = None,
    compare: Compare | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """A figure over [start, end), company days where dates are given; by default the 30 days before the cutoff.

    A sales caller's figures are of their own customers. Raises QueryError for a figure, dimension, grain or range that
    doesn't exist.
    """
    from features.statistics.catalogue import CATALOGUE
    from features.statistics.figure import Query

    if metric not in CATALOGUE:
        raise QueryError(f"There is no such figure. The statistics have: {', '.join(CATALOGUE)}.")
    since, until = asked_range(snapshot, start, end)
    filters = {name: tuple(values) for name, values in (where or {}).items()}
    filters = own_only(filters, caller)
    query = Query(metric, since, until, by=tuple(by), grain=grain, compare=compare, where=filters)
    rows = snapshot.figure(query).to_pylist()
    described = CATALOGUE[metric]
    return {
        "metric": metric,
        "unit": described.unit,
        "title_en": described.title_en,
        "title_zh": described.title_zh,
        "definition": described.definition,
        "from": moment(since),
        "to": moment(until),
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "rows": [plain_row(row) for row in rows],
    }


def asked_range(
    snapshot: Snapshot, start: date | datetime | None, end: date | datetime | None
) -> tuple[datetime, datetime]:
    """[start, end) as moments; without an end up to the data's, without a start the 30 days before the end.

    Raises QueryError for an empty range.
    """
    zone = ZoneInfo(snapshot.company["timezone"])
    until = _moment(end, zone) or _end_of_day(snapshot.until, zone)
    # Live events make the range longer: they don't push out what was counted before them.
    since = _moment(start, zone) or _days_before(_moment(end, zone) or _end_of_day(snapshot.cutoff, zone), zone)
    if since >= until:
        raise QueryError("`from` must lie before `to`; the range is half-open.")
    return since, until


def as_moment(snapshot: Snapshot, at: date | datetime | None) -> datetime | None:
    """A company day as the moment it begins; a moment as it is."""
    return _moment(at, ZoneInfo(snapshot.company["timezone"]))


def own_only(filters: dict[str, tuple[str, ...]], caller: Caller) -> dict[str, tuple[str, ...]]:
    """The filters, narrowed to the caller's own customers where they see no others'."""
    if caller.only_owner is None:
        return filters
    asked = filters.get("owner", (caller.only_owner,))
    # Asking for others' customers gives what there is for this caller: nothing.
    return {**filters, "owner": (caller.only_owner,) if caller.only_owner in asked else ()}


def _moment(at: date | datetime | None, zone: ZoneInfo) -> datetime | None:
    if at is None:
        return None
    if isinstance(at, datetime):
        return at if at.tzinfo is not None else at.replace(tzinfo=zone)
    return datetime.combine(at, time(), tzinfo=zone)


def _end_of_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """A moment that is a company midnight, or the company midnight after it."""
    local = moment.astimezone(zone)
    midnight = datetime.combine(local.date(), time(), tzinfo=zone)
    if midnight.astimezone(UTC) == moment:
        return midnight
    return datetime.combine(local.date() + timedelta(days=1), time(), tzinfo=zone)


def _days_before(until: datetime, zone: ZoneInfo) -> datetime:
    local = until.astimezone(zone)
    return datetime.combine(local.date() - timedelta(days=DEFAULT_DAYS), time(), tzinfo=zone)
