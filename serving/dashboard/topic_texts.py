"""The sentences of the topics page and of how messages feel, in English and Chinese, by name."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "nav_topics": ("Topics", "话题"),
    "topics_title": ("Topics", "话题"),
    "topics_lead": (
        "What customers wrote about in the last {weeks} weeks, and what they write about more often lately.",
        "客户在最近 {weeks} 周谈论的内容，以及近来谈得更多的话题。",
    ),
    "topics_rule": (
        "Counted are customers a week, not messages. A topic rises where it is clearly more frequent in the last "
        "{recent} weeks than in the {before} before. No term is shown that fewer than {fewest} customers used.",
        "按每周客户数计，而非消息数。若最近 {recent} 周明显多于此前 {before} 周，则为上升话题。"
        "少于 {fewest} 位客户用过的词不显示。",
    ),
    "no_topics": (
        "No topics: fewer than 100 messages in 16 weeks, or nothing that several customers wrote about.",
        "没有话题：16 周内消息不足 100 条，或没有多位客户共同谈论的内容。",
    ),
    "topics_rising": ("Rising", "上升话题"),
    "topics_other": ("All others, the largest first", "其他话题（从多到少）"),
    "topics_none_rise": ("Nothing rises clearly at present.", "目前没有明显上升的话题。"),
    "topic_rises": ("rising", "上升"),
    "topic_messages": ("{count} messages", "{count} 条消息"),
    "topic_now": ("Now {share} of those who write", "现占写信客户的 {share}"),
    "topic_before": ("before {share}", "此前 {share}"),
    "topic_growth": (
        "×{times} (95% range {low} to {high})",
        "×{times}（95% 区间 {low} 至 {high}）",
    ),
    "topic_new": ("not written about before", "此前无人提及"),
    "topic_sentiment": ("mean sentiment {sentiment}", "平均情绪 {sentiment}"),
    "topic_satisfaction": ("mean rating {rating}", "平均评分 {rating}"),
    "topic_trend": ("Customers a week, {weeks} weeks", "每周客户数，共 {weeks} 周"),
    "topic_examples": ("Examples", "示例"),
    "sentiment_negative": ("negative", "负面"),
    "sentiment_neutral": ("neutral", "中性"),
    "sentiment_positive": ("positive", "正面"),
    "words_that_mattered": ("Words that mattered: {words}", "起作用的词：{words}"),
    "model_name_sentiment": ("Sentiment of messages", "消息情绪"),
    "rule_lexicon": ("the word lists", "情感词典"),
}

MEASURES: dict[str, tuple[str, str]] = {
    "accuracy": ("Accuracy", "准确率"),
}
