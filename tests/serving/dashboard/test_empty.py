"""A company that has published nothing but its contacts is greeted kindly, not with an error."""

import dataclasses

import pytest

from serving.holder import Holder
from serving.snapshot import load


@pytest.fixture
def bare(client, dashboard_workspace):
    """The service over a version without models, scores, segments or forecast."""
    snapshot = load(dashboard_workspace.folder)
    names = ("customer_features", "customer_scores", "segment_profiles", "volume_forecast", "volume")
    tables = {**snapshot.tables, **{name: snapshot.tables[name].slice(0, 0) for name in names}}
    manifest = {**snapshot.manifest, "bundles": {}}
    usual = client.app.state.holder
    holder = Holder(dashboard_workspace.folder, seconds=3600)
    holder._snapshot = dataclasses.replace(
        snapshot,
        version=f"{snapshot.version}-bare",
        tables=tables,
        manifest=manifest,
        bundles={},
        churn=None,
        segments=None,
    )
    client.app.state.holder = holder
    yield client
    client.app.state.holder = usual


@pytest.mark.parametrize(
    ("path", "english", "chinese"),
    [
        ("/", "There is no forecast yet", "还没有预测"),
        ("/segments", "There are no segments yet", "还没有分群"),
        ("/churn", "Nobody is scored yet", "还没有评分"),
        ("/forecast", "There is no forecast yet", "还没有预测"),
        ("/models", "No model is served yet", "还没有模型"),
    ],
)
def test_an_empty_page_says_what_to_do(bare, keys, path, english, chinese):
    for language, words in (("en", english), ("zh", chinese)):
        headers = {"Authorization": f"Bearer {keys['admin']}", "Accept-Language": language}
        response = bare.get(path, headers=headers)
        assert response.status_code == 200
        assert words in response.text


def test_a_customer_without_scores_is_shown(bare, keys, someone):
    response = bare.get(f"/customers/{someone}", headers={"Authorization": f"Bearer {keys['admin']}"})
    assert response.status_code == 200
    assert "Not scored" in response.text


def test_nothing_published_is_said(client, keys, tmp_path):
    usual = client.app.state.holder
    client.app.state.holder = Holder(tmp_path)
    try:
        response = client.get("/", headers={"Authorization": f"Bearer {keys['admin']}"})
    finally:
        client.app.state.holder = usual
    assert response.status_code == 503
    assert "rapport publish" in response.text
