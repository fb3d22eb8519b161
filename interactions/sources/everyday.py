"""Which characters everyday Chinese is made of, to tell a right reading of bytes from a wrong one.

The lists hold the most frequent characters of running text, and those of column names, names and addresses, in
simplified and traditional forms. They cover about 70% of ordinary text; of a wrong reading about 10%.
"""

from __future__ import annotations

# fmt: off
_SHARED = (
    "的一是不了人我在有他大上之中子也要以生到可就下得自出小而年多成天十三外已心如但本家方然起政文法行加全然平手"
    "主天去面又都日最定法全正部目力月公四十二五六七八九零百千万工己名新好水高老情明作比只代各先海口次打住前女因"
    "用地道事理同其今世身入意至回并思想信白山此路太少真常再美西便安教友位合安立接受何更清元北何南京市省州江湖河"
    "客姓名性手机址日期类型渠道金品量价格地址城市男女王李周吴徐林何高梁宋唐曹董程蔡彭吕丁任姜崔石孟秦江史侯武"
    "你您好吗很想没再快慢退付款收到送店家包色大小件斤元角分次月周早晚上午今明昨天号已未内容服待等人工和能把被或"
    "微信朋友官方台市北京上海深重成都青大林苏州杭安石"
)
_SIMPLIFIED = (
    "这来为个说们时国过学对里后么发还见经头面将两关问当动无开现长进样实点种义话体门让给东车难请业产务电华书师"
    "买卖单价货订户类邮邮编码联系录转账号备注满评级别销额费运输达际发货员张刘陈杨赵黄孙马朱罗郑谢韩邓许冯曾萧"
    "吕苏卢蒋贾余潘杜戴钟汪邹陆龙万钱汤顾贺龚广州苏宁辽吉黑龙内蒙陕贵云浙闽赣湘鄂话诉谢谢应该质坏换补偿热线"
    "爱乐听说读写认识记忆绝对够虽则总统计数据结构网络线红绿蓝岁亲妈爷孙边远近导处理设备术语优惠券组织亿"
)
_TRADITIONAL = (
    "這來為個說們時國過學對裡後麼發還見經頭面將兩關問當動無開現長進樣實點種義話體門讓給東車難請業產務電華書師"
    "買賣單價貨訂戶類郵編碼聯繫錄轉帳號備註滿評級別銷額費運輸達際員張劉陳楊趙黃孫馬朱羅鄭謝韓鄧許馮曾蕭"
    "呂蘇盧蔣賈餘潘杜戴鍾汪鄒陸龍萬錢湯顧賀龔廣臺灣台北高雄新竹應該質壞換補償熱線客戶詢問編"
    "愛樂聽說讀寫認識記憶絕對夠雖則總統計數據結構網絡線紅綠藍歲親媽爺孫邊遠近導處理設備術語優惠組織億沒嗎"
)
_MARKS = "，。？！：；、“”‘’（）《》【】…—「」　￥％～"
# fmt: on
EVERYDAY = frozenset(_SHARED + _SIMPLIFIED + _TRADITIONAL + _MARKS)
# Everyday Chinese scores about 2, names and rare words 1, other languages below 0 (but Korean, which must be declared).
CHINESE_SCORE = 1.0


def plausibility(text: str) -> float:
    """How much a text looks like Chinese, by its characters beyond ASCII: 3 (all everyday) to -3 (all rare).

    Characters of GB2312's or Big5's first level count 1, of the second -1, everything else beyond ASCII -3. 0 for a
    text of ASCII alone.
    """
    signs = [sign for sign in text if ord(sign) > 127]
    return sum(_weight(sign) for sign in signs) / len(signs) if signs else 0.0


def _weight(sign: str) -> int:
    if sign in EVERYDAY:
        return 3
    levels = [level for level in (_level(sign, "gb2312", 0xB0, 0xD7), _level(sign, "big5", 0xA4, 0xC6)) if level]
    return 1 if 1 in levels else -1 if levels else -3


def _level(sign: str, encoding: str, first: int, last: int) -> int:
    """1 for an ordinary character of a national standard, 2 for a rare one, 0 for none of it."""
    try:
        lead = sign.encode(encoding)[0]
    except UnicodeEncodeError:
        return 0
    return 1 if first <= lead <= last else 2 if lead > last else 0
