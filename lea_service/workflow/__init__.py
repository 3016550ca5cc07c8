"""What happens next: job kinds and their steps, the worker loop, notices."""
