import json

import pytest

from charts.city_map import OUTLINE
from charts.outline import polygons


def square(tmp_path, transform=None):
    """A square from (0, 0) to (10, 10) degrees, as two arcs of which the second is used backwards."""
    if transform is None:
        arcs = [[[0, 0], [0, 10], [10, 10]], [[0, 0], [10, 0], [10, 10]]]
    else:
        arcs = [[[0, 0], [0, 100], [100, 0]], [[0, 0], [100, 0], [0, 100]]]
    topology = {"objects": {"land": {"type": "Polygon", "arcs": [[0, -2]]}}, "arcs": arcs}
    if transform is not None:
        topology["transform"] = transform
    file = tmp_path / "square.json"
    file.write_text(json.dumps(topology))
    return file


def corners(features):
    return [tuple(point) for point in features[0]["geometry"]["coordinates"][0][:-1]]


@pytest.mark.parametrize("transform", [None, {"scale": [0.1, 0.1], "translate": [0, 0]}])
def test_arcs_are_joined_as_the_specification_says(tmp_path, transform):
    found = corners(polygons(square(tmp_path, transform), "land", (-90.0, -80.0, 90.0, 80.0)))
    assert found == [(0, 0), (0, 10), (10, 10), (10, 0)]


def test_a_box_cuts_the_ring_at_its_sides(tmp_path):
    found = corners(polygons(square(tmp_path), "land", (5.0, -5.0, 20.0, 4.0)))
    assert sorted(found) == [(5, 0), (5, 4), (10, 0), (10, 4)]


def test_nothing_outside_the_box(tmp_path):
    assert polygons(square(tmp_path), "land", (20.0, 20.0, 30.0, 30.0)) == []


def test_a_missing_layer_is_an_error(tmp_path):
    with pytest.raises(KeyError):
        polygons(square(tmp_path), "countries", (-90.0, -80.0, 90.0, 80.0))


def test_the_file_of_the_project_has_coasts_and_borders():
    box = (100.0, 20.0, 125.0, 42.0)
    land, countries = polygons(OUTLINE, "land", box), polygons(OUTLINE, "countries", box)
    assert len(countries) > len(land) >= 2
    points = [point for feature in land for point in feature["geometry"]["coordinates"][0]]
    assert all(box[0] <= east <= box[2] and box[1] <= north <= box[3] for east, north in points)
