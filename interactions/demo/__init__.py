"""A simulated company whose truth is known.

`company.simulate` lives two years of it (segments, seasons, life, service) and writes down what happened as clean
tables (customers, contacts, messages, outbound, orders, surveys) with the truth beside them. `mess.write` turns the
tables into the files that companies have (forms, filled, spoil, writers), their dirt counted. `classifier` says how
well anybody could tell the segments apart.
"""
