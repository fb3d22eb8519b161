"""The operations of the interface for programs, a file for each subject."""

from serving.operations import Operation
from serving.routes import (
    churn,
    customers,
    erasures,
    exports,
    forecast,
    interactions,
    models,
    needs,
    score,
    segments,
    sentiment,
    staffing,
    statistics,
    topics,
    what_if,
)


def operations() -> tuple[Operation, ...]:
    """Every operation under /api/v1."""
    return (
        *segments.OPERATIONS,
        *churn.OPERATIONS,
        *customers.OPERATIONS,
        *erasures.OPERATIONS,
        *what_if.OPERATIONS,
        *exports.OPERATIONS,
        *interactions.OPERATIONS,
        *statistics.OPERATIONS,
        *forecast.OPERATIONS,
        *staffing.OPERATIONS,
        *topics.OPERATIONS,
        *needs.OPERATIONS,
        *sentiment.OPERATIONS,
        *models.OPERATIONS,
        *score.OPERATIONS,
    )
