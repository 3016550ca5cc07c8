"""The custody log: what happened, in an order nobody can change unseen, checkable without us."""
