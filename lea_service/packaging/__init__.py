"""Packages: what a demand yielded, rendered, signed, and encrypted to its receivers."""
