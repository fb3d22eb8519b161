"""What customers said in surveys."""

from features.statistics.statistic import Statistic

SURVEYS = (
    Statistic(
        "need_gap",
        "0 to 20",
        "Unmet needs (importance x gap)",
        "需求缺口（重要性 x 差距）",
        "Mean of importance x (5 - satisfaction) over survey answers: 0 where what matters is met, 20 where it is not "
        "at all. By topic it says which need comes first.",
        "Answers without importance or satisfaction don't count.",
        table="surveys",
        better="lower",
    ),
    Statistic(
        "survey_importance",
        "1 to 5",
        "Importance in surveys",
        "问卷重要性",
        "Mean importance over survey answers, 1 to 5. By topic it says what customers care about.",
        "Answers without importance don't count.",
        table="surveys",
    ),
    Statistic(
        "survey_satisfaction",
        "1 to 5",
        "Satisfaction in surveys",
        "问卷满意度",
        "Mean satisfaction over survey answers, 1 to 5.",
        "Answers without satisfaction don't count.",
        table="surveys",
        better="higher",
    ),
)
