"""What customers thought of it, how many said so, and how their messages sound."""

from features.statistics.statistic import BEGUN, MACHINES, Statistic

_UNRATED = f"Unrated contacts don't count. {MACHINES}"
_UNFELT = f"Contacts without a message whose sentiment is known don't count. {BEGUN}"

SATISFACTION = (
    Statistic(
        "csat",
        "share",
        "Satisfied (ratings of 4 and 5)",
        "满意度（4-5 分占比）",
        "Ratings of 4 and 5 / all ratings. Only some customers rate: read it beside csat_response_share.",
        _UNRATED,
        better="higher",
    ),
    Statistic(
        "csat_response_share",
        "share",
        "Rated contacts",
        "评价率",
        "Rated contacts / contacts the customers began. Who was asked is not known, so it is a lower bound.",
        BEGUN,
        better="higher",
    ),
    Statistic(
        "csat_weighted",
        "share",
        "Satisfied, weighted for who answers",
        "满意度（按评价率加权）",
        "Ratings of 4 and 5 / ratings of contacts the customers began, each rating weighted by contacts / ratings of "
        "its channel and month: the silent are taken to be as satisfied as those who rate in that channel and month. "
        "A channel's month without any rating says nothing and is left out.",
        f"Contacts of a channel and month without a rating don't count. {BEGUN}",
        better="higher",
    ),
    Statistic(
        "rating_mean",
        "1 to 5",
        "Mean rating",
        "平均评分",
        "Mean of the ratings, 1 to 5. Only some customers rate: read it beside csat_response_share.",
        _UNRATED,
        better="higher",
    ),
    Statistic("rating_count", "ratings", "Ratings", "评价数", "Contacts with a rating.", _UNRATED),
    Statistic(
        "sentiment_mean",
        "-1 to 1",
        "Mean sentiment",
        "平均情绪",
        "Mean sentiment of the messages customers wrote, by a word list, each rounded to a millionth: -1 to 1.",
        _UNFELT,
        better="higher",
    ),
    Statistic(
        "negative_share",
        "share",
        "Negative messages",
        "负面消息占比",
        "Messages of a sentiment below -0.05 / messages customers wrote whose sentiment is known.",
        _UNFELT,
        better="lower",
    ),
)
