"""One file a concept, one function a file: (history, window) to one row per customer."""
