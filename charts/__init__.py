"""A table in, an Altair chart out; knows nothing else."""
