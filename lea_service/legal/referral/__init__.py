"""Referring the authority elsewhere: a coded answer that says no more than it has to."""
