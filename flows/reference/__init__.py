"""Code lists and the postcode directory: those in force, and loading others."""
