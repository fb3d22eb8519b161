"""Raw and its mapping in, clean tables and quarantine out."""
