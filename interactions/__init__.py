"""Who talked to whom: collected, cleaned, kept."""
