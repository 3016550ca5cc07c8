"""Answer official demands for stored communications data: checked, exact, sealed, provable."""

__version__ = "0.1.0"
