"""The place a company's data lives: settings, tables, lake, state, engine, errors."""
