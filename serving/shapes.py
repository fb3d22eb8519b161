"""The shapes of the answers: what the OpenAPI document promises, and what the tests hold the answers to."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

Numbers = dict[str, float | None]


class Profile(TypedDict):
    feature: str
    median: float | None
    overall_median: float | None
    difference: float | None


class Segment(TypedDict):
    segment_id: str
    name_en: str
    name_zh: str
    customers: int
    share: float
    churn_90_mean: float | None
    value_mean: float | None
    stability: float | None
    kind: str
    where: list[str]
    profile: list[Profile]


class SegmentChange(TypedDict):
    segment_id: str
    change: str
    of: str | None
    customers: int
    name_en: str | None
    name_zh: str | None


class Move(TypedDict):
    from_id: str | None
    to_id: str | None
    customers: int


class Flow(TypedDict):
    since: str
    until: str
    moves: list[Move]


class Segments(TypedDict):
    version: str
    cutoff: str
    model: str | None
    horizon_days: list[int] | None
    event: str | None
    clear: bool | None
    message_en: str | None
    message_zh: str | None
    segments: list[Segment]
    rule_segments: list[Segment]
    changes: list[SegmentChange]
    flow: Flow | None


class OneSegment(Segment):
    version: str
    cutoff: str
    model: str | None
    horizon_days: list[int] | None
    event: str | None
    flow: Flow | None


class Member(TypedDict):
    customer_id: str
    name: NotRequired[str | None]
    owner: str | None
    region: str | None
    city: str | None
    churn_90: float | None
    risk_band: str | None
    value: float | None
    horizon_days: list[int] | None
    marketing_consent: bool | None
    cutoff: str


class Members(TypedDict):
    version: str
    cutoff: str
    model: str | None
    horizon_days: list[int] | None
    event: str | None
    segment_id: str
    name_en: str
    name_zh: str
    total: int
    next: str | None
    customers: list[Member]


class Reason(TypedDict):
    feature: str
    value: float | int | str | None
    effect: float
    text_en: str
    text_zh: str


class Risk(TypedDict):
    customer_id: str
    name: NotRequired[str | None]
    owner: str | None
    segment_id: str | None
    segment_name_en: str | None
    segment_name_zh: str | None
    churn_30: float | None
    churn_60: float | None
    churn_90: float | None
    risk_band: str | None
    value: float | None
    horizon_days: list[int] | None
    expected_value: float | None
    value_at_risk: float | None
    recency_days: float | None
    reasons: list[Reason]
    cutoff: str


class AtRisk(TypedDict):
    version: str
    cutoff: str
    model: str | None
    horizon_days: list[int] | None
    event: str | None
    grade: str | None
    total: int
    next: str | None
    customers: list[Risk]


class RiskParts(TypedDict):
    start: float
    others: float


class WhatChanged(TypedDict):
    compared_with: str
    risk_before: float
    corrections: float
    time: float
    new_data: float
    model: float


class CustomerScores(TypedDict):
    active: bool | None
    segment_id: str | None
    segment_name_en: str | None
    segment_name_zh: str | None
    churn_30: float | None
    churn_60: float | None
    churn_90: float | None
    risk_band: str | None
    median_days: float | None
    value: float | None
    satisfaction: float | None
    expected_value: float | None
    value_at_risk: float | None
    churn_version: str | None
    segments_version: str | None
    value_version: str | None
    cutoff: str
    horizon_days: list[int] | None
    event: str | None


class Customer(TypedDict):
    version: str
    cutoff: str
    customer_id: str
    linked_customers: list[str]
    profile: dict[str, Any]
    scores: CustomerScores | None
    reasons: list[Reason]
    risk_parts: RiskParts | None
    what_changed: WhatChanged | None
    features: dict[str, float | int | str | None]
    timeline: list[dict[str, Any]]
    timeline_total: int


class WhatIfValue(TypedDict):
    value: float
    churn_30: float
    churn_60: float
    churn_90: float
    text_en: str
    text_zh: str


class WhatIfFeature(TypedDict):
    feature: str
    unit: str
    low: float
    high: float
    own: float | None
    used: bool
    note_en: str | None
    note_zh: str | None
    values: list[WhatIfValue]


class WhatIf(TypedDict):
    version: str
    cutoff: str
    model: str | None
    customer_id: str
    scored: bool
    served: str | None
    horizon_days: list[int] | None
    event: str | None
    churn_30: float | None
    churn_60: float | None
    churn_90: float | None
    features: list[WhatIfFeature]
    note_en: str
    note_zh: str


class Recorded(TypedDict):
    number: int
    customer_id: str
    outcome: str
    recorded_at: str


class AcceptedInteraction(TypedDict):
    interaction_id: str
    status: Literal["accepted", "known", "blocked"]


class Accepted(TypedDict):
    accepted: int
    known: int
    blocked: int
    interactions: list[AcceptedInteraction]


class Figure(TypedDict):
    metric: str
    unit: str
    title_en: str
    title_zh: str
    definition: str
    exclusions: str
    better: str | None
    dimensions: list[str]


class Catalogue(TypedDict):
    version: str
    cutoff: str
    dimensions: list[str]
    grains: list[str]
    statistics: list[Figure]


Statistic = TypedDict(
    "Statistic",
    {
        "metric": str,
        "unit": str,
        "title_en": str,
        "title_zh": str,
        "definition": str,
        "from": str,
        "to": str,
        "version": str,
        "cutoff": str,
        "rows": list[dict[str, float | int | str | None]],
    },
)


class Bottleneck(TypedDict):
    metric: str
    dimension: str
    group: str | None
    value: float
    count: int
    compare_value: float
    compare_count: int
    growth: float | None


Bottlenecks = TypedDict(
    "Bottlenecks",
    {
        "from": str,
        "to": str,
        "compare": str,
        "fewest": int,
        "version": str,
        "cutoff": str,
        "rows": list[Bottleneck],
    },
)


class Period(TypedDict):
    period_start: str
    mean: float
    lower_80: float | None
    upper_80: float | None
    lower_95: float | None
    upper_95: float | None
    region: NotRequired[str]


class Counted(TypedDict):
    period_start: str
    count: int


class Forecast(TypedDict):
    version: str
    cutoff: str
    model: str | None
    channel: str
    channels: list[str]
    grain: str
    coverage: Numbers
    wape: float | None
    baseline_wape: float | None
    rows: list[Period]
    history: list[Counted]


class Limit(TypedDict):
    en: str
    zh: str


class Staffed(TypedDict):
    period_start: str
    minutes: int
    expected: float
    planned_for: float
    erlangs: float
    agents: int
    scheduled: int
    service_level: float | None
    occupancy: float
    answer_seconds: float | None
    left: float | None


class Staffing(TypedDict):
    version: str
    cutoff: str
    model: str | None
    channel: str
    grain: str
    rule: str
    service_level: float
    within_seconds: float
    deadline_hours: float | None
    handle_seconds: float
    handle_measured: bool
    quantile: float
    basis: str
    shrinkage: float
    most_scheduled: int
    scheduled_hours: float
    rows: list[Staffed]


class Topic(TypedDict):
    topic_id: str
    name: str
    contacts: int
    share: float
    share_before: float
    rising: bool
    p_value: float
    growth: float | None
    growth_interval: list[float] | None
    sentiment: float | None
    satisfaction: float | None
    terms: list[str]
    weekly: list[int]
    examples: list[str]


class Topics(TypedDict):
    version: str
    cutoff: str
    topics: list[Topic]


class Need(TypedDict):
    topic: str | None
    answers: int
    customers: int
    importance: float
    importance_interval: list[float]
    satisfaction: float
    satisfaction_interval: list[float]
    need_gap: float
    need_gap_interval: list[float]


Needs = TypedDict(
    "Needs",
    {
        "from": str,
        "to": str,
        "fewest": int,
        "left_out": int,
        "version": str,
        "cutoff": str,
        "needs": list[Need],
    },
)


class ChannelSatisfaction(TypedDict):
    channel: str
    contacts: int
    rated: int
    answered: float
    everybody: float
    interval: list[float]


class LanguageSpan(TypedDict):
    begin: int
    end: int
    language: str


class WordsThatMattered(TypedDict):
    words: str
    share: float
    says: str


class Sentiment(TypedDict):
    text: str
    language: str | None
    spans: list[LanguageSpan]
    sentiment: float | None
    label: str | None
    model: str
    words: list[WordsThatMattered]


class Sentiments(TypedDict):
    version: str
    cutoff: str
    model: str
    texts: list[Sentiment]


class Satisfaction(TypedDict):
    version: str
    cutoff: str
    period_days: int | None
    contacts: int | None
    rated: int | None
    answered: float | None
    everybody: float | None
    served: str | None
    judged: int | None
    brier: float | None
    brier_of_mean: float | None
    interval: list[float] | None
    channels: list[ChannelSatisfaction]


class Model(TypedDict):
    model: str
    version: str
    grade: str | None
    served: str | dict[str, str] | None
    why_served: str | None
    limits: list[Limit]
    metrics: Any
    baselines: Any
    data_version: str | None
    cutoff: str | None
    promoted_at: str | None
    why: str | None
    registry_version: str | None


class Models(TypedDict):
    version: str
    cutoff: str
    models: list[Model]


class Score(TypedDict):
    customer_id: str
    scored: bool
    active: bool | None
    segment_id: str | None
    segment_name_en: str | None
    segment_name_zh: str | None
    churn_30: float | None
    churn_60: float | None
    churn_90: float | None
    risk_band: str | None
    median_days: float | None
    value: float | None
    satisfaction: float | None
    expected_value: float | None
    reasons: list[Reason]
    risk_parts: RiskParts | None


class Scores(TypedDict):
    version: str
    cutoff: str
    model: str | None
    segments_model: str | None
    horizon_days: list[int] | None
    event: str | None
    value_model: str | None
    scores: list[Score]


class Problem(TypedDict):
    type: str
    title: str
    status: int
    detail: str
    request_id: str
    problems: NotRequired[list[dict[str, str]]]
