"""Descriptive figures, each defined once."""
