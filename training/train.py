"""The training of every model, one after another."""

from training.trained import Progress, Trained, silent

__all__ = ["Progress", "Trained", "silent"]
