"""Collect: files and databases, as received, into raw."""
