"""Satisfaction and value as scores on [0, 1], with the parts they are made of."""

from features.statistics.statistic import BEGUN, MACHINES, Statistic

_UNVALUED = f"Unidentified callers and customers without a score don't count. {MACHINES}"
_AMONG = "its rank on [0, 1] among the customers that segments were learned from, the mean over the customers in touch."

SCORES = (
    Statistic(
        "satisfaction_score",
        "0 to 1",
        "Satisfaction score",
        "满意度得分",
        "Mean of what is known of three parts on [0, 1]: satisfaction_score_rating, satisfaction_score_sentiment and "
        "satisfaction_score_calm. Null where neither a rating nor a sentiment is known.",
        MACHINES,
        better="higher",
    ),
    Statistic(
        "satisfaction_score_rating",
        "0 to 1",
        "Satisfaction score: rating",
        "满意度得分：评分",
        "(mean rating - 1) / 4.",
        f"Unrated contacts don't count. {MACHINES}",
        better="higher",
    ),
    Statistic(
        "satisfaction_score_sentiment",
        "0 to 1",
        "Satisfaction score: sentiment",
        "满意度得分：情绪",
        "(mean sentiment of the messages customers wrote + 1) / 2.",
        f"Contacts without a message whose sentiment is known don't count. {BEGUN}",
        better="higher",
    ),
    Statistic(
        "satisfaction_score_calm",
        "0 to 1",
        "Satisfaction score: no complaint",
        "满意度得分：无投诉",
        "1 - complaints / contacts the customers began.",
        BEGUN,
        better="higher",
    ),
    Statistic(
        "value_score",
        "0 to 1",
        "Value score",
        "价值得分",
        "Income x purchase frequency x loyalty as the customers were last scored, each on [0, 1]; the mean over the "
        "different customers in touch. Its parts are value_score_income, _frequency and _loyalty.",
        _UNVALUED,
        better="higher",
    ),
    Statistic(
        "value_score_income",
        "0 to 1",
        "Value score: income",
        "价值得分：收入",
        f"A customer's income by {_AMONG} Unknown income counts as the middle.",
        _UNVALUED,
    ),
    Statistic(
        "value_score_frequency",
        "0 to 1",
        "Value score: purchase frequency",
        "价值得分：购买频率",
        f"A customer's orders in the observation window by {_AMONG}",
        _UNVALUED,
    ),
    Statistic(
        "value_score_loyalty",
        "0 to 1",
        "Value score: loyalty",
        "价值得分：忠诚度",
        f"The days since a customer's first event by {_AMONG}",
        _UNVALUED,
    ),
)
