"""Giving less than was asked: decided by a person, on a ground, kept and said."""
