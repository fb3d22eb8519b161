"""Model bundles named by their hash: what a service needs to predict, and nothing that could run code."""
