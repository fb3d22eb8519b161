"""Published tables in, answers out."""
