"""What was known at a cutoff, as tables for models and people."""
