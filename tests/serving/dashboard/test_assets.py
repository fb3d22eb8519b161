import gzip

import pytest

from serving.dashboard import assets
from serving.errors import NotFound


@pytest.fixture
def get(client, keys):
    def found(path, **headers):
        given = {"Authorization": f"Bearer {keys['admin']}", "Accept-Encoding": "identity", **headers}
        return client.get(path, headers=given)

    return found


@pytest.mark.parametrize("name", ["style.css", "charts.js", "icon.svg", "themes.js", "vega.js"])
def test_a_file_is_kept_until_it_changes(get, name):
    first = get(assets.address(name))
    assert first.status_code == 200
    assert "immutable" in first.headers["cache-control"]
    again = get(assets.address(name), **{"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_without_its_tag_a_file_is_asked_about_each_time(get):
    assert "no-cache" in get("/static/style.css").headers["cache-control"]


def test_files_are_sent_zipped_to_who_can_read_that(get):
    plain = get("/static/vega.js").content
    zipped = get("/static/vega.js", **{"Accept-Encoding": "gzip"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.content == plain
    assert len(assets.asset("vega.js").zipped) < len(plain) / 2
    assert gzip.decompress(assets.asset("vega.js").zipped) == plain


@pytest.mark.parametrize("path", ["nothing.js", "../routes.py", "..%2froutes.py", "style.css/", "templates/base.html"])
def test_nothing_else_is_given(get, path):
    assert get(f"/static/{path}").status_code == 404
    with pytest.raises(NotFound):
        assets.asset(path)


def test_our_own_files_name_no_other_host():
    for name in ("style.css", "charts.js", "themes.js"):
        assert b"http" not in assets.asset(name).content
