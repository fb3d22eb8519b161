"""A table in, an Altair chart out; knows nothing of where the table came from."""
