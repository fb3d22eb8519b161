"""Answers as plain data, the same for the API and the dashboard."""
