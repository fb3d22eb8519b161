"""What a churn model can't be trusted with, in words: what it never saw before the cutoff at which it was judged."""

from __future__ import annotations

from training.bundle.hazard import Steps
from training.cutoffs import Plan, days_between

_YEAR_DAYS = 365
# Below so many judged customers the intervals are wide whatever the model.
_FEW = 1_000

Limit = dict[str, str]


def churn_limits(plan: Plan, steps: Steps, customers: int, bands_by: str) -> list[Limit]:
    """Each limit as {en, zh}; empty where there is none to tell."""
    return [*_horizon(plan, steps), *_season(plan, steps), *few(customers), *_bands(bands_by)]


def _horizon(plan: Plan, steps: Steps) -> list[Limit]:
    followed = days_between(plan.before[0], plan.judged)
    if followed >= steps.longest:
        return []
    return [
        {
            "en": f"No customer was followed through {steps.longest:.0f} days before {plan.judged.date()}, "
            f"{followed:.0f} at most: what comes later is carried on from there. The order of risks holds better than "
            "their level, which is not guaranteed.",
            "zh": f"在 {plan.judged.date()} 之前没有客户被跟踪满 {steps.longest:.0f} 天，最多 {followed:.0f} 天："
            "其后为外推。风险的排序比其水平可靠，水平不作保证。",
        }
    ]


def _season(plan: Plan, steps: Steps) -> list[Limit]:
    seen = days_between(plan.before[0], plan.judged)
    if seen >= _YEAR_DAYS:
        return []
    return [
        {
            "en": f"Learned on {seen:.0f} days of outcomes: the season of the days ahead was not among them. Where "
            "contacts differ by season, the level of the risks is not guaranteed.",
            "zh": f"学习所用的结果只有 {seen:.0f} 天：未来所处的季节不在其中。若往来随季节变化，风险的水平不作保证。",
        }
    ]


def few(customers: int) -> list[Limit]:
    """What to tell of a model that was judged on few customers; nothing where they were many."""
    if customers >= _FEW:
        return []
    return [
        {
            "en": f"Judged on {customers:,} customers: its figures are uncertain, see their intervals.",
            "zh": f"仅以 {customers:,} 位客户检验：各项指标不确定性较大，请看其区间。",
        }
    ]


def _bands(by: str) -> list[Limit]:
    if by == "costs":
        return []
    return [
        {
            "en": "The risk bands are shares of customers, not costs: set [churn.costs] in rapport.toml to have them "
            "say where an offer pays.",
            "zh": "风险等级按客户比例划分，而非按成本：在 rapport.toml 中设置 [churn.costs]，等级即表示何处值得挽留。",
        }
    ]
