"""The register of processing systems: what each keeps, on what ground, and for how long."""
