"""Live sources: tables of the provider's own databases, read and never written to."""
