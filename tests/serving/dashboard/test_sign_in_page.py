import base64
import hashlib
import re

import pytest


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Paste the key you were given."), ("zh", "请粘贴您收到的密钥。")]
)
def test_the_page_is_in_the_browsers_language_and_loads_nothing(client, language, words):
    response = client.get("/sign-in", headers={"Accept-Language": language})
    assert response.status_code == 200
    assert words in response.text
    assert '<label for="key">' in response.text
    assert not re.search(r"<script|<link(?! rel=\"icon\" href=\"data:,\")|https?://", response.text)


def test_its_policy_names_its_one_style(client):
    response = client.get("/sign-in")
    style = re.search(r"<style>(.*?)</style>", response.text, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in response.headers["content-security-policy"]


def test_a_used_link_is_told_apart(client):
    response = client.get("/sign-in?token=nothing", headers={"Accept-Language": "zh"})
    assert response.status_code == 401
    assert "链接已使用或已失效" in response.text
