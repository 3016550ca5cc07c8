"""Who works here: accounts, roles, personal keys, and the one two-person mechanism."""
