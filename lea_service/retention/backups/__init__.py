"""Backups: an encrypted copy of both databases and of what lies beside them, and its way back."""
