"""The dashboard: pages for people, made of the same answers as the interface for programs."""

from serving.dashboard.routes import routes

__all__ = ["routes"]
