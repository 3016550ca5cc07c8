"""Annex III of Regulation (EU) 2023/1543: how a European order is answered without its data."""
