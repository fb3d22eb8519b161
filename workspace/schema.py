"""The number of a workspace's form. `rapport migrate` moves an older one forward (workspace/migration.py)."""

# 1: until 2026-11-21, with whatever columns and tables its Rapport knew. 2: all of today's.
SCHEMA = 2
