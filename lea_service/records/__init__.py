"""Canonical records of calls, usage and subscribers: their sources, their import, their store."""
