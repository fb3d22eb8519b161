"""The sentences of the satisfaction page and of expected value, in English and Chinese, by name."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "nav_satisfaction": ("Satisfaction", "满意度"),
    "satisfaction_title": ("Satisfaction and needs", "满意度与需求"),
    "satisfaction_lead": (
        "What customers said, what everybody would have said, and what matters to them.",
        "客户说了什么、全体客户会怎么说，以及他们看重什么。",
    ),
    "csat_card": ("Satisfied customers (ratings of 4 and 5)", "满意的客户（评分 4 和 5）"),
    "csat_card_note": (
        "Of {contacts} contacts in the last {days} days, {rated} were rated ({share}).",
        "最近 {days} 天共 {contacts} 次联系，其中 {rated} 次有评分（{share}）。",
    ),
    "csat_answered": ("Said by those who rated", "有评分者的满意比例"),
    "csat_everybody": ("Estimated for everybody", "全体的估计"),
    "csat_range": ("95% range {low} to {high}", "95% 区间 {low} 至 {high}"),
    "csat_assumes": (
        "The estimate takes it that those who did not rate felt like those who did after contacts that went alike: "
        "the same channel, kind and outcome, as long a wait, as late an answer, a message in the same tone. Where a "
        "feeling that shows in none of these makes people answer, it is wrong and its range too narrow.",
        "该估计假定：未评分者的感受与经历相似（渠道、类型、结果、等待与答复时间、消息语气相同）的评分者一致。"
        "若促使客户评分的情绪不体现在这些方面，估计就会有偏差，区间也会偏窄。",
    ),
    "csat_model": (
        "Judged on the {rows} latest ratings: Brier score {brier}, of the plain mean {mean}.",
        "以最近 {rows} 个评分检验：Brier 分数 {brier}，仅用平均值为 {mean}。",
    ),
    "csat_mean": (
        "How contacts went did not predict later ratings better than their mean (Brier score {brier}, of the mean "
        "{mean}, {rows} ratings): so everybody counts as those who rated.",
        "联系过程对之后评分的预测不优于平均值（{rows} 个评分，Brier 分数 {brier}，平均值为 {mean}）："
        "因此以评分者代表全体。",
    ),
    "csat_none": (
        "Too few ratings for an estimate: it needs 100, 10 of them of 4 or 5 and 10 lower.",
        "评分太少，无法估计：至少需要 100 个，其中 4–5 分和更低分各 10 个。",
    ),
    "csat_channels": ("Channel by channel", "各渠道"),
    "contacts_column": ("Contacts", "联系次数"),
    "rated_column": ("Rated", "已评分"),
    "needs_card": ("What matters, and how well it is met", "客户看重什么，满足得如何"),
    "needs_card_note": (
        "Survey answers of {start} to {end}. The larger the bubble, the more answers; the lines are the means.",
        "{start} 至 {end} 的问卷回答。气泡越大，回答越多；虚线为平均值。",
    ),
    "needs_left_out": (
        "{count} topics that fewer than {fewest} customers answered on are left out.",
        "有 {count} 个主题的作答客户不足 {fewest} 位，未列出。",
    ),
    "needs_none": (
        "No survey answers of a topic by {fewest} customers or more in these days.",
        "这段时间没有任何主题的作答客户达到 {fewest} 位。",
    ),
    "needs_first": ("Put right first", "优先改进"),
    "needs_keep": ("Keep it up", "继续保持"),
    "needs_watch": ("Keep an eye on", "持续关注"),
    "needs_ease": ("Good enough", "已经足够"),
    "topic": ("Topic", "主题"),
    "importance": ("Importance (1 to 5)", "重要性（1–5）"),
    "survey_met": ("Satisfaction (1 to 5)", "满意度（1–5）"),
    "need_gap": ("Need gap (0 to 20)", "需求缺口（0–20）"),
    "answers": ("Answers", "回答数"),
    "needs_gap_note": (
        "Need gap: mean of importance x (5 - satisfaction). Ranges: 95%, a customer's answers counted as one draw.",
        "需求缺口：重要性 x（5 - 满意度）的平均值。区间为 95%，同一客户的回答作为一次抽样。",
    ),
    # Expected value.
    "model_value": ("value", "价值"),
    "model_name_value": ("Expected value", "预期价值"),
    "sort_value_at_risk": ("risk x expected value", "风险 x 预期价值"),
    "expected_value": ("Expected orders", "预期订单金额"),
    "expected_value_days": ("Expected orders, {days} days", "未来 {days} 天预期订单金额"),
    "rule_pro_rata": ("last year's spend pro rata", "按过去一年消费折算"),
    "rule_shrunk": ("spend drawn towards everybody's", "向全体平均收缩的消费"),
    "tenths_card": ("Do expected amounts come true?", "预期金额是否应验"),
    "tenths_note": (
        "Customers in ten equal parts by what was expected of them; means a customer.",
        "按预期金额把客户均分为十组；每位客户的平均值。",
    ),
    "tenth": ("Tenth", "组"),
    "tenth_said": ("Expected", "预期"),
    "tenth_ordered": ("Ordered", "实际"),
}

MEASURES: dict[str, tuple[str, str]] = {
    "gini": ("Gini: how well amounts are sorted (1 as by the truth)", "基尼：金额排序的好坏（1 为完全正确）"),
    "top_tenth_share": ("Of all orders, those of the top tenth", "最高十分之一客户占全部订单金额"),
    "spearman": ("Rank correlation", "等级相关"),
    "mae": ("Mean distance from what was ordered", "与实际金额的平均差距"),
    "mean_ordered": ("Ordered, mean a customer", "每位客户实际订单金额"),
    "mean_expected": ("Expected, mean a customer", "每位客户预期订单金额"),
    "buyers": ("Of them ordered", "其中下单"),
}
