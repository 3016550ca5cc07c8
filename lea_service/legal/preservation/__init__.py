"""Preservation orders: data are kept for an authority until it extends, demands or releases."""
