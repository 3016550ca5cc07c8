"""Requesting agencies: their people and desks, certificates, and contacts found independently."""
