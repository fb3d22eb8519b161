import pytest

from serving.dashboard.languages import preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr,zh;q=0.2", "zh"),
        ("en;q=0.1, zh;q=0.5", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("zh;q=much", "en"),
        ("de, fr", "en"),
        ("," * 500 + "zh", "en"),
    ],
)
def test_the_browsers_own_language(header, language):
    assert preferred(header) == language


def test_asked_for_it_is_remembered(client, keys):
    headers = {"Authorization": f"Bearer {keys['admin']}", "Accept-Language": "en"}
    asked = client.get("/models?lang=zh", headers=headers)
    assert "模型" in asked.text
    assert "rapport_language=zh" in asked.headers["set-cookie"]
    remembered = {**headers, "Cookie": "rapport_language=zh"}
    assert '<html lang="zh-CN"' in client.get("/models", headers=remembered).text
    assert '<html lang="en"' in client.get("/models?lang=en", headers=remembered).text
    assert '<html lang="en"' in client.get("/models", headers={**headers, "Cookie": "rapport_language=xx"}).text


def test_the_other_language_keeps_the_question(page):
    assert 'href="/churn?min_risk=0.5&amp;lang=zh"' in page("/churn?min_risk=0.5")
