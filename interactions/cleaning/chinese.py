"""A lexicon of feeling for Chinese customer messages, written for this project, and the rule that adds it up.

Each word carries a strength of 1 to 3. A word of degree before it strengthens or weakens it, a negation turns it
round at three quarters of its strength, and what stands after a turning word (但是, 不过 ...) counts for more than what
stands before it.
The sum s becomes s / sqrt(s * s + 15), VADER's way to [-1, 1].
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_POSITIVE = {
    3: """
    非常满意 十分满意 太棒了 太好了 完美 极好 超赞 超棒 一流 顶级 无可挑剔 五星 好评 强烈推荐 绝了 惊喜 感动
    爱死 最好 最棒 最爱 极佳 绝佳 卓越 赞不绝口 超好吃 超喜欢 太赞了 太好吃了 神速 良心 完美解决 心满意足
    物超所值
    """,
    2: """
    满意 喜欢 好吃 美味 开心 高兴 愉快 感谢 谢谢 多谢 感激 感恩 赞 点赞 棒 优秀 推荐 贴心 热情 耐心 周到 专业
    细心 用心 负责 及时 迅速 快速 飞快 很快 神 实惠 划算 超值 值得 放心 信赖 信任 可靠 靠谱 给力 不错 很好 挺好
    真好 蛮好 还不错 好用 好喝 新鲜 干净 卫生 整洁 舒服 舒适 温馨 温暖 友好 友善 礼貌 客气 亲切 和气 细致 认真
    高效 便捷 便利 顺利 圆满 成功 解决了 搞定 漂亮 好看 精美 精致 大方 美观 香 可口 鲜美 入味 丰富 丰盛 足量
    量大 实在 厚道 诚信 公道 优惠 便宜 爱 喜爱 欣赏 佩服 幸运 惊艳 幸福 回购 再来 再次光临 常来 回头客 老顾客
    支持 好极了 准时 提前 守时 省心 省事 良好 优质 出色 精彩 杰出 満意 正宗 地道 松软 酥脆 爽口 鲜嫩 嫩 脆 滑嫩
    浓郁 香甜 爽 过瘾 解馋 好味 好闻 合胃口 对胃口 物美价廉 性价比 值 热乎 热腾腾 劲道 Q弹
    """,
    1: """
    好 快 行 可以 还行 还好 还可以 凑合 方便 清楚 明白 清晰 简单 容易 合适 适合 正常 稳定 安全 新 多 大 足 够 甜
    热 暖 准 齐全 完整 完好 包装好 一如既往 继续努力 加油 期待 希望 放心 理解 清淡 健康 营养 实用 耐用 轻松 灵活
    详细 到位 主动 积极 及格 满足 改善 改进 提高 提升 进步 恢复 修好 补偿 赠送 送了 优先 帮助 帮忙 帮了 贵宾
    微笑 笑 嘻嘻 哈哈 么么哒 亲 辛苦 辛苦了 麻烦你了 欢迎
    """,
}
_NEGATIVE = {
    3: """
    非常不满 极差 极其差 太差 太差了 差评 最差 垃圾 骗子 诈骗 欺诈 骗人 坑人 坑爹 恶心 愤怒 气愤 气死 恼火 无耻
    无良 黑心 奸商 投诉 举报 起诉 曝光 维权 消协 再也不 永不 绝不 拉黑 避雷 上当 受骗 忍无可忍 不可理喻 令人发指
    恶劣 极度失望 彻底失望 烂透 烂 作呕 吐了 呕吐 拉肚子 食物中毒 变质 发霉 馊 虫子 苍蝇 蟑螂 头发 太烂 难吃死了
    太难吃 无法忍受 退钱 滚 欺骗 敲诈 霸王条款
    """,
    2: """
    失望 不满 不满意 生气 糟糕 糟 差 很差 差劲 难吃 难喝 难看 难用 难闻 难受 慢 太慢 很慢 拖延 拖拉 推诿 推卸
    敷衍 应付 冷漠 冷淡 不耐烦 态度差 粗鲁 没礼貌 傲慢 烦 烦人 烦躁 讨厌 厌恶 反感 无语 无奈 郁闷 崩溃 着急 焦急
    担心 伤心 难过 痛苦 后悔 坑 贵 太贵 破 坏 坏了 损坏 破损 破碎 碎了 漏 漏了 洒 洒了 撒了 丢失 丢了 弄丢 遗失
    缺少 少了 漏发 漏送 错发 发错 送错 错误 出错 故障 死机 卡顿 卡死 失败 无效 没用 无用 假货 假 次品 劣质 瑕疵
    缺陷 质量问题 退货 退款 退换 取消 拒绝 不理 无人 没人 无人接听 没人管 不管 不负责 不专业 不靠谱 不新鲜
    不卫生 不干净 不好 不行 不值 不推荐 不会再 不来了 不买了 冰凉 凉了 冷了 硬 生的 夹生 糊了 焦 咸 太咸 油腻 腻
    臭 腥 酸 苦 馊味 异味 怪味 脏 肮脏 邋遢 乱 混乱 吵 拥挤 排队 久等 迟到 延误 耽误 超时 逾期 误导 夸大 虚假
    隐瞒 乱收费 多收 扣费 多扣 涨价 缩水 偷工减料 缺斤少两 份量少 态度恶劣 催 催促 等了 反复 屡次 白跑 浪费 损失
    受损 泄露 骚扰 流失 问题 毛病 麻烦 抱怨 牢骚 质疑 怀疑 纠纷 争议 冲突 吐槽 呵呵 尴尬 憋屈 委屈 恶意 恐怖
    害怕 吓 懒 笨 蠢 傻 没素质 没味 没味道 一般般
    """,
    1: """
    一般 少 小 薄 淡 干 冷 凉 老 旧 贵了 偏贵 偏慢 有点慢 久 迟 晚 晚了 不够 不足 欠缺 勉强 凑数 将就 不清楚
    不明白 困惑 疑惑 奇怪 复杂 繁琐 困难 难 不便 不方便 不合适 不稳定 还没 还未 仍然 依然 一直 才到 才送 怎么还
    为什么 何时 多久 到底 究竟 算了 罢了 勉勉强强 遗憾 可惜 抱歉 对不起 差点 异常 断线 掉线 中断 延期 推迟 暂停
    停机 缺货 断货 没货 未收到 没收到 没有收到 没到 未到 未解决 没解决
    """,
}
NEGATIONS = frozenset(
    [
        "不",
        "没",
        "没有",
        "未",
        "无",
        "非",
        "别",
        "莫",
        "勿",
        "不是",
        "并不",
        "并非",
        "不会",
        "不能",
        "不太",
        "不怎么",
        "毫无",
        "毫不",
        "从不",
        "从未",
        "绝非",
        "缺乏",
        "谈不上",
        "算不上",
        "没什么",
        "不够",
        "不再",
        "不算",
    ]
)
DEGREES = {
    1.6: """
    极 极其 极度 极为 超 超级 最 太 非常 十分 特别 格外 尤其 万分 无比 绝对 完全 彻底 实在 真是 简直 相当 巨 贼 死 透 爆
    """,
    1.3: "很 挺 真 好 蛮 颇 更 更加 越 越来越 这么 那么 多么 真的 确实 总 总是 老是 一直 都 又",
    0.6: "有点 有些 有点儿 稍 稍微 略 略微 一点 一点儿 比较 较 还 还算 偏 些许 不大 不太",
}
TURNS = ("但", "但是", "不过", "可是", "可", "然而", "只是", "就是", "却", "反而", "结果")
_WEAK_NEGATION = -0.75
_REACH = 3  # words before a feeling in which negations and degrees bear on it
_ENDS = frozenset("，。！？；、,.!?;\n~…")


def _words(levels: dict[int, str], sign: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for strength, words in sorted(levels.items()):
        found.update(dict.fromkeys(words.split(), float(sign * strength)))
    return found


LEXICON: dict[str, float] = {**_words(_POSITIVE, 1), **_words(_NEGATIVE, -1)}
_DEGREE = {word: factor for factor, words in DEGREES.items() for word in words.split()}
# Segmentation may cut a word of the lexicon in two: neighbours are looked up together as well.
_LONGEST = max(map(len, LEXICON))


def chinese_sentiment(words: Sequence[str]) -> float:
    """Feeling of a segmented Chinese text, from -1 to 1; 0 when no word of the lexicon is in it."""
    total, before_turn = 0.0, 0.0
    start = 0
    place = 0
    while place < len(words):
        word = words[place]
        if word in _ENDS:
            start = place + 1
        elif word in TURNS:
            before_turn, total = before_turn + total, 0.0
            start = place + 1
        else:
            span, strength = _feeling(words, place)
            if strength:
                total += strength * _bearing(words, max(start, place - _REACH), place)
            if span > 1 or strength:
                start = max(start, place + span if strength else start)
            place += span - 1
        place += 1
    emphasis = 1 + 0.1 * min(sum(word in ("！", "!") for word in words), 3)
    score = (0.5 * before_turn + 1.2 * total if before_turn else total) * emphasis
    return score / math.sqrt(score * score + 15)


def _feeling(words: Sequence[str], place: int) -> tuple[int, float]:
    """How many words from `place` on make one of the lexicon, two at most, and its strength."""
    if place + 1 < len(words):
        pair = words[place] + words[place + 1]
        if len(pair) <= _LONGEST and pair in LEXICON:
            return 2, LEXICON[pair]
    return 1, LEXICON.get(words[place], 0.0)


def _bearing(words: Sequence[str], start: int, place: int) -> float:
    """What the words between `start` and `place` do to a feeling at `place`."""
    factor = 1.0
    for word in words[start:place]:
        if word in NEGATIONS:
            factor *= _WEAK_NEGATION
        else:
            factor *= _DEGREE.get(word, 1.0)
    return factor
