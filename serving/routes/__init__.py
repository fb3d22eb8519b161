"""The HTTP routes, thin: parse, ask, answer."""
