"""`rapport backtest sentiment`: how well sentiment is read from a file of texts that somebody has judged."""

from pathlib import Path
from typing import Annotated

import typer

from cli.figures import print_figures
from cli.options import JsonOption
from cli.progress import stage


def backtest_sentiment(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Texts and what they were judged.")],
    text: Annotated[str, typer.Option("--text", metavar="COL", help="The column with the texts.")],
    label: Annotated[
        str, typer.Option("--label", metavar="COL", help="0/1, ratings of 1 to 5, or words: positive, 差评 ...")
    ],
    language: Annotated[str, typer.Option("--language", help="zh, en or auto")] = "auto",
    as_json: JsonOption = False,
) -> None:
    """Judge sentiment by the lexicons (cold) and learned from the texts (five folds, equal texts in one)."""
    from training.sentiment_backtest import backtest_sentiment as judge

    with stage("backtest") as report:
        result = judge(file, text, label, language, report)
    print_figures(result, as_json, "Sentiment")
