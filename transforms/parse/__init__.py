"""What the texts of a source mean."""
