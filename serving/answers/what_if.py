"""What-if: the risk of customers like one whose single feature was another, as an association and never further.

Computed with the model that the published scores come from, within the values that training saw.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from serving.answers.customers import key_of
from serving.answers.forms import moment, plain
from serving.answers.risk_meaning import risk_meaning
from serving.callers import Caller
from serving.consent import refuses
from serving.errors import OutOfRange, RequestError
from serving.explanations import risk_of, said
from serving.snapshot import Snapshot
from workspace.tables import CUSTOMER_FEATURES

if TYPE_CHECKING:
    from training.bundle.churn import ChurnModel
    from training.bundle.what_if import Range

_RISKS = ("churn_30", "churn_60", "churn_90")
_NOTE = (
    "What the risk was among customers like this one of whom a single feature had another value. All other features "
    "are held as they are, though in life some move along with it: a contact today changes more than the days since "
    "the last one. The value goes with the risk; it does not say what acting would bring about.",
    "同类客户中，仅某一项指标取不同值时的风险。每次只改变一项，其余保持不变；而现实中有些指标会随之变化："
    "例如今天联系一次，变化的不只是距上次联系的天数。这是相关性，并不表示采取行动就会得到这一结果。",
)
_NOT_SCORED = (
    "This customer has no risk: not active, not to be profiled, or there is no churn model.",
    "该客户没有风险评分：不活跃、不允许画像，或没有流失模型。",
)
# What doesn't look at the feature asked about: a rule, by its name, or the model.
_UNUSED = {
    "recency": (
        "The rule that is served looks at the days since the last contact alone: here the risk is always the same.",
        "目前所用的规则只看距上次往来的天数：无论此项取何值，风险相同。",
    ),
    "frequency": (
        "The rule that is served looks at the number of contacts alone: here the risk is always the same.",
        "目前所用的规则只看往来次数：无论此项取何值，风险相同。",
    ),
}
_UNUSED_BY_MODEL = (
    "The model that is served does not look at this: the risk is always the same.",
    "目前所用的模型不使用此项：无论取何值，风险相同。",
)
_OLDER = (
    "The churn model is of before what-ifs and doesn't know the values it saw: `rapport train churn` makes a new one.",
    "该流失模型训练于此功能之前，没有记录观察到的取值：运行 `rapport train churn` 重新训练。",
)


def what_if(
    snapshot: Snapshot, caller: Caller, customer_id: str, feature: str | None = None, value: float | None = None
) -> dict[str, Any]:
    """The customer's score, and for each feature its observed range, their own value, and risks at observed values.

    `feature`: that one alone; with `value` the risk at that value alone. `used` is false, and the risk the same
    throughout, where the served model or rule doesn't look at the feature. No features for who has no risk.
    Raises NotFound as customer() does, RequestError for a feature that can't be asked about or a value without one,
    OutOfRange for a value that training didn't see.
    """
    key = key_of(snapshot, caller, customer_id)
    asked = _asked(caller, feature, value)
    scores = None if refuses(snapshot, key) else snapshot.row("customer_scores", key)
    model = snapshot.churn
    answer = {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "model": snapshot.model_version("churn"),
        "customer_id": caller.label(key),
        "scored": False,
        "served": model.served if model is not None else None,
        **risk_meaning(snapshot),
        **dict.fromkeys(_RISKS),
        "features": [],
        **_both("note", _NOT_SCORED),
    }
    if scores is None or model is None or scores["churn_90"] is None:
        return answer
    answer |= {"scored": True, **{name: scores[name] for name in _RISKS}, **_both("note", _NOTE)}
    if not model.manifest.get("observed"):
        return {**answer, **_both("note", _OLDER)}
    return {**answer, "features": _features(snapshot, model, key, asked, value, feature is not None)}


def _asked(caller: Caller, feature: str | None, value: float | None) -> list[str]:
    """The features to answer for."""
    from training.bundle.what_if import ACTIONABLE  # LightGBM comes with it: a version that is loaded has it already

    visible = caller.columns("customer_features", ACTIONABLE)
    if feature is None and value is not None:
        raise RequestError("`value` is that of a feature: name it with `feature`.")
    if feature is not None and feature not in visible:
        raise RequestError(f"`feature` must be one of {', '.join(visible)}.")
    return visible if feature is None else [feature]


def _features(
    snapshot: Snapshot, model: "ChurnModel", key: str, asked: Sequence[str], value: float | None, named: bool
) -> list[dict[str, Any]]:
    from training.bundle.matrix import column, matrix
    from training.bundle.what_if import range_of, risks_at

    known = snapshot.rows("customer_features", key)
    row, cutoff = matrix(known, model.features), known["cutoff"].to_numpy()[0]
    found = []
    for feature in asked:
        seen = range_of(model, feature)
        if seen is None or feature not in model.features:
            if named:
                raise OutOfRange(f"No customer had a known {feature} in training: nothing is known of it.")
            continue
        values = seen.values if value is None else (_inside(feature, value, seen),)
        own = float(column(known, feature)[0])
        risks = risks_at(model, row, cutoff, feature, values)
        found.append(
            _feature(model, feature, seen, None if np.isnan(own) else own, dict(zip(values, risks, strict=True)))
        )
    return found


def _inside(feature: str, value: float, seen: "Range") -> float:
    """The value as it is. Raises OutOfRange for one that was not observed."""
    from training.bundle.what_if import whole

    if not seen.holds(value):
        raise OutOfRange(
            f"Customers had {feature} from {seen.low} to {seen.high} (the middle 98 of 100): of others nothing "
            "is known. Ask for one in that range."
        )
    if whole(feature) and value != int(value):
        raise OutOfRange(f"{feature} has whole values, from {seen.low:.0f} to {seen.high:.0f}. Ask for one of them.")
    return value


def _feature(
    model: "ChurnModel", feature: str, seen: "Range", own: float | None, risks: dict[float, tuple[float, float, float]]
) -> dict[str, Any]:
    used = model.looks_at(feature)
    return {
        "feature": feature,
        "unit": CUSTOMER_FEATURES.column(feature).unit,
        "low": seen.low,
        "high": seen.high,
        "own": own,
        "used": used,
        **_both("note", (None, None) if used else _UNUSED.get(model.served, _UNUSED_BY_MODEL)),
        "values": [_value(model, feature, value, three) for value, three in risks.items()],
    }


def _value(model: "ChurnModel", feature: str, value: float, risks: tuple[float, float, float]) -> dict[str, Any]:
    said_en, said_zh = said(feature, value)
    days, risk = model.risk_days[-1], f"{100 * risks[-1]:.1f} %"
    risk_en, risk_zh = risk_of(model.event)
    return {
        "value": plain(value),
        **dict(zip(_RISKS, risks, strict=True)),
        "text_en": f"{said_en}: goes with a {risk_en} of {risk} over {days} days, in customers like this one",
        "text_zh": f"{said_zh}：在同类客户中，与 {days} 天 {risk} 的{risk_zh}相关",
    }


def _both(name: str, texts: Sequence[str | None]) -> dict[str, str | None]:
    return {f"{name}_en": texts[0], f"{name}_zh": texts[1]}
