"""Regions: the total's forecast, parted as the regions' contacts lately were; they add up to it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa

from features.volume_split import group_shares, parted
from training.volume_panel import ALL, Panel
from training.volume_walk import MODEL, Walk, outcomes, rules


def named_channel(table: pa.Table, by: str) -> pa.Table:
    """Counts by region (or owner, kind) as a panel takes them: what they are by in the place of the channel."""
    return table.rename_columns(["channel" if name == by else name for name in table.column_names])


def total_of(groups: Panel) -> Panel:
    """The panel of "all" alone."""
    place = groups.channels.index(ALL)
    return Panel(groups.grain, (ALL,), groups.start, groups.counts[place : place + 1])


def alone(done: Walk) -> Walk:
    """The walk of "all" alone."""
    place = done.panel.channels.index(ALL)
    means = {name: mean[:, place : place + 1] for name, mean in done.means.items()}
    return Walk(total_of(done.panel), done.origins, done.actual[:, place : place + 1], means)


def largest(groups: Panel, most: int) -> Panel:
    """The panel with its largest groups alone, and "all"."""
    size = np.nansum(groups.counts, axis=1)
    ranked = sorted(range(len(size)), key=lambda place: (groups.channels[place] != ALL, -size[place], place))
    chosen = sorted(ranked[: most + 1])
    return Panel(groups.grain, tuple(groups.channels[place] for place in chosen), groups.start, groups.counts[chosen])


def those(groups: Panel, names: Collection[str]) -> Panel:
    """The panel with the groups so called alone, and "all"."""
    chosen = [place for place, name in enumerate(groups.channels) if name == ALL or name in names]
    return Panel(groups.grain, tuple(groups.channels[place] for place in chosen), groups.start, groups.counts[chosen])


def in_groups(total: Walk, groups: Panel) -> Walk:
    """The walk of the total as one of its groups, by their shares in the days before each origin."""
    place = groups.channels.index(ALL)
    horizon = total.actual.shape[2]
    found = np.zeros((len(total.origins), len(groups.channels), horizon))
    for number, origin in enumerate(total.origins):
        mean = total.means[MODEL][number, 0]
        past = groups.counts[:, :origin]
        shares = group_shares(np.delete(past, place, axis=0), past[place])
        found[number] = np.insert(parted(mean, shares), place, mean, axis=0)
    means = {MODEL: found, **rules(groups, total.origins, horizon)}
    return Walk(groups, total.origins, outcomes(groups, total.origins, horizon), means)
