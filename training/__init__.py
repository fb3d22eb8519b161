"""Tables in, champions out."""
