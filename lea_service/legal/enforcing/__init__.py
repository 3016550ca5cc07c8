"""What is known of the enforcing authority of a European order."""
