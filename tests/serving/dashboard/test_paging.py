import csv
import html
import io
import re

import pytest

from serving.answers import churn
from serving.dashboard import paging
from serving.dashboard.paging import page_of, parts_of


@pytest.mark.parametrize(
    ("total", "ranges", "rest"),
    [
        (0, [(1, 0)], 0),
        (1000, [(1, 1000)], 0),
        (1001, [(1, 1000), (1001, 1001)], 0),
        (10_500, [(1 + 1000 * part, 1000 * (part + 1)) for part in range(10)], 500),
    ],
)
def test_parts_hold_every_row_or_say_how_many_not(visit, total, ranges, rest):
    parts = parts_of(visit(), total)
    assert [(part.first, part.last) for part in parts.parts] == ranges
    assert parts.rest == rest


def test_the_parts_of_a_list_give_all_of_it(page, client, keys, snapshot, callers, monkeypatch):
    monkeypatch.setattr(paging, "CSV_ROWS", 100)
    text = html.unescape(page("/churn"))
    links = re.findall(r'href="(/api/v1/churn[^"]+)"', text)
    everyone = churn.at_risk(snapshot, callers["admin"], limit=1000)["customers"]
    assert len(links) == -(-len(everyone) // 100) > 1
    found = []
    for link in links:
        given = link.replace("limit=1000", "limit=100")
        answer = client.get(given, headers={"Authorization": f"Bearer {keys['admin']}"})
        found += [row["customer_id"] for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))]
    assert found == [row["customer_id"] for row in everyone]


def test_a_page_knows_its_place(visit, snapshot, callers):
    first = churn.at_risk(snapshot, callers["admin"], limit=10)
    second = churn.at_risk(snapshot, callers["admin"], limit=10, cursor=first["next"])
    place = page_of(visit(cursor=first["next"]), second)
    assert (place.first, place.last, place.total) == (11, 20, first["total"])
