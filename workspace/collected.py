"""The names of the tables that rows are collected into: what `collect --table` accepts."""

COLLECTED = ("interactions", "customers", "orders", "surveys", "volume_history")
