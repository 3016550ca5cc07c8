"""Orders that have to be confirmed afterwards: what is owed, by when, and what follows if not."""
