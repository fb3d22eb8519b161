"""Messages that are easily misread: negation, irony with marks, mixtures, traditional characters, words of service."""

import pytest

from interactions.cleaning.text import signals


def said(text: str) -> str:
    (found,) = signals([text])
    if found.sentiment is None or abs(found.sentiment) <= 0.05:
        return "neutral"
    return "positive" if found.sentiment > 0 else "negative"


@pytest.mark.parametrize(
    "text",
    [
        "不是很满意",
        "没有想象中好",
        "并不好用",
        "一点都不划算",
        "再也不会来了",
        "没有优点",
        "怎么可能好用",
        "哪里好了？",
        "以前很好，现在越来越差",
        "服务“真好”，等了俩小时",
        "谢谢你们让我白跑一趟",
        "优秀，又把我的单弄丢了",
        "呵呵，这就是你们的服务",
        "客服態度好差",
        "完全唔得",
        "等咗成個月都未到貨",
        "品質不佳",
        "貨品損壞，要求退款",
        "客服已讀不回",
        "食物好難食",
        "快递 delay 了三天, very bad 👎",
        "等 refund 等到花儿都谢了",
        "my order 丢了 and nobody cares",
        "wifi 連不上，打去客服又沒人接",
        "打了十次电话都没人接",
        "转接了五次还是没解决",
        "机器人客服答非所问",
        "退款什么时候到账？都半个月了",
        "I can't say I'm happy with this",
        "not exactly what I'd call good service",
        "far from perfect",
        "thanks for nothing",
        "Thanks a lot for ruining my day",
        "Great, another week without my parcel",
        'yeah right, "fast" delivery, took 3 weeks',
        "I have never been so disappointed",
        "left a lot to be desired",
        "I wish I could say it was good",
        "smh 🙄",
        "neither fast nor friendly",
        "you charged me twice",
        "I don't think it's good",
        "no one helped me",
        "could have been better",
    ],
)
def test_unhappy(text: str) -> None:
    assert said(text) == "negative"


@pytest.mark.parametrize(
    "text",
    [
        "没有不满意的地方",
        "不得不说真的好",
        "谁说不好的，我觉得很好",
        "挑不出毛病",
        "一点都不贵，很划算",
        "以前总出问题，现在好多了",
        "虽然有点小贵但是质量很好",
        "除了有点贵其他都好",
        "没有让我失望",
        "服務人員很親切",
        "好正，下次再嚟",
        "問題秒解決",
        "staff 很 helpful 👍",
        "不贵而且好吃",
        "态度好",
        "delivery 很快，谢谢",
        "can't complain, everything arrived on time",
        "I have never been disappointed by this shop",
        "no problems at all, thanks",
        "I don't regret buying it",
        "nothing but praise",
        "couldn't ask for more",
        "not only fast but also friendly",
        "It's not bad at all",
        "never had a problem with them",
        "a bit pricey but worth every penny",
    ],
)
def test_happy(text: str) -> None:
    assert said(text) == "positive"


@pytest.mark.parametrize(
    "text",
    [
        "请问几点开门",
        "我想查一下订单",
        "发票抬头可以修改吗？可以吗？",
        "请问人工客服几点上班？麻烦尽快回复。",
        "What are your opening hours?",
        "Please send the invoice to my email",
        "How do I reset my password?",
        "I would like to change my address",
    ],
)
def test_neither(text: str) -> None:
    assert said(text) == "neutral"
