import pytest

from charts.donut import donut


def test_parts_add_up_and_the_whole_is_written(drawn, values):
    rows = [{"segment": name, "customers": count} for name, count in (("a", 10), ("b", 60), ("c", 30), ("none", 0))]
    specification = drawn(donut(rows, "segment", "customers", title="Segments"), width=240)
    assert set(values(specification, "total")) == {100}
    arcs = specification["layer"][0]["data"]["values"]
    assert [row["segment"] for row in arcs] == ["b", "c", "a"]
    assert sum(row["share"] for row in arcs) == pytest.approx(1.0)
    assert [row["middle"] for row in arcs] == [30, 75, 95]
