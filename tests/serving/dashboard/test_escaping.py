"""Names, messages and parameters are other people's text: none of it may become part of a page's code."""

import dataclasses
import json
import re

import pyarrow as pa
import pytest

from serving.holder import Holder
from serving.snapshot import load

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}</script>"


def replaced(table, column, rows=None):
    values = table[column].to_pylist()
    evil = [EVIL if rows is None or at in rows else value for at, value in enumerate(values)]
    return table.set_column(
        table.schema.get_field_index(column), column, pa.array(evil, table.schema.field(column).type)
    )


@pytest.fixture
def hostile(client, dashboard_workspace):
    """The service with hostile text in every place that others write."""
    snapshot = load(dashboard_workspace.folder)
    tables = dict(snapshot.tables)
    for name, column in (
        *(("customers", column) for column in ("name", "city", "region", "email", "gender")),
        *(("interactions", column) for column in ("content", "response_content", "kind", "outcome", "city")),
        *(("orders", column) for column in ("product", "status")),
        *(("surveys", column) for column in ("comment", "topic")),
        *(("segment_profiles", column) for column in ("name_en", "name_zh")),
    ):
        if column in tables[name].column_names:
            tables[name] = replaced(tables[name], column)
    usual = client.app.state.holder
    holder = Holder(dashboard_workspace.folder, seconds=3600)
    holder._snapshot = dataclasses.replace(snapshot, version=f"{snapshot.version}-hostile", tables=tables)
    client.app.state.holder = holder
    yield client
    client.app.state.holder = usual


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/churn",
        "/segments",
        "/segments/{segment}",
        "/customers/{customer}",
        "/statistics?by=city",
        "/statistics?by=kind&grain=month",
        "/statistics?by=segment_id",
        "/models",
    ],
)
def test_hostile_data_stays_text(hostile, keys, snapshot, someone, path, language):
    segment = snapshot.tables["segment_profiles"]["segment_id"][0].as_py()
    headers = {"Authorization": f"Bearer {keys['admin']}", "Accept-Language": language}
    response = hostile.get(path.format(segment=segment, customer=someone), headers=headers)
    assert response.status_code == 200
    assert "<script>alert" not in response.text
    assert "<img" not in response.text
    assert "49" not in re.findall(r"onerror=alert\(2\)&gt;[^{<]{0,12}(49)", response.text)
    for specification in re.findall(r'<script type="application/json">(.*?)</script>', response.text, re.S):
        json.loads(specification)
    if path != "/models":
        assert "&lt;script&gt;alert(1)" in response.text or "\\u003cscript\\u003ealert(1)" in response.text


@pytest.mark.parametrize(
    "path",
    [
        "/churn?owner={evil}",
        "/churn?segment={evil}",
        "/statistics?city={evil}",
        "/statistics?metric={evil}",
        "/forecast?channel={evil}",
        "/segments/{evil}",
        "/customers/{evil}",
        "/?lang={evil}",
        "/churn?x={evil}",
    ],
)
def test_hostile_questions_stay_text(client, keys, path):
    from urllib.parse import quote

    headers = {"Authorization": f"Bearer {keys['admin']}"}
    response = client.get(path.format(evil=quote(EVIL, safe="")), headers=headers)
    assert response.status_code in (200, 400, 404)
    assert "<script>alert" not in response.text
    assert "<img" not in response.text
