"""Sentiment trained, logged, registered, and settled beside the champion."""

from __future__ import annotations

from datetime import UTC, datetime

from training import (
    promotion,
    sentiment,
    tracking,
)
from training.bundle import store
from training.bundle.sentiment import SentimentModel
from training.card import card
from training.contacts_known import contacts_known
from training.metrics import average_precision
from training.plots import numbers
from training.promotion import Comparison
from training.trained import Trained, trained_on
from workspace.errors import RapportError
from workspace.folder import Workspace
from workspace.progress import Progress


def train_and_settle(workspace: Workspace, cutoff: datetime, promote: bool, progress: Progress) -> Trained:
    first = datetime(1970, 1, 1, tzinfo=UTC)
    contacts = contacts_known(workspace, cutoff, since=cutoff, rated_since=first)
    found = sentiment.train_sentiment(
        contacts, cutoff, workspace.lake.data_version(), lambda text, done: progress(f"sentiment: {text}", 0.9 * done)
    )
    progress("sentiment: logging", 0.9)
    bundle = store.write(workspace.bundles, "sentiment", found.manifest, found.files)
    manifest = found.manifest
    with tracking.run(workspace, "sentiment", bundle) as run:
        names = ("served", "rows", "judged", "ngrams", "customers_a_ngram")
        run.params({**{name: manifest[name] for name in names}, **trained_on(workspace, cutoff, None)})
        run.metrics({**numbers(manifest["metrics"]), "gain": manifest["gain"]})
        run.metrics(numbers(manifest["baselines"]["lexicon"]), "lexicon_")
        run.dict("sentiment.json", manifest)
        run.card(card("sentiment", bundle, manifest))
        # No text of anybody: n-grams that several customers used, and their weights.
        run.files(found.files, ["lexicon"], "content")
        version = run.register(bundle)
    beside = _sentiment_beside(workspace, found)
    promoted, why = promotion.settle(workspace, "sentiment", bundle, version, beside, promote)
    return Trained(
        "sentiment", bundle, version, manifest["metrics"], manifest["baselines"], manifest["grade"], promoted, why
    )


def _sentiment_beside(workspace: Workspace, found: sentiment.Learned) -> Comparison | None:
    """The champion's gain at its own judged moment beside the challenger's; on the same texts where it saw none."""
    bundle = promotion.champion(workspace, "sentiment")
    if bundle is None:
        return None
    try:
        held = store.read(workspace.bundles, bundle)
        model = SentimentModel.from_bundle(held)
    except RapportError:
        return None
    if datetime.fromisoformat(held.manifest["cutoff"]) <= found.judged_from:
        ours, theirs = (
            found.manifest["metrics"]["average_precision"],
            average_precision(found.unhappy, sentiment.unhappiness(model, found.texts)),
        )
        return Comparison("average precision", ours, theirs, "higher")
    return Comparison(
        "gain over the lexicon (its upper bound)", found.manifest["gain_interval"][1], held.manifest["gain"], "higher"
    )
