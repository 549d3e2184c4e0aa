"""What became of each record, and what is kept of it."""
