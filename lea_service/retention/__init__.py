"""How long records are kept, on what ground, and the purge that makes an end of them."""
