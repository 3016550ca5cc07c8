"""How long records may be kept: the register of processing systems, and the purge."""
