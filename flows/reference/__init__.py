"""Loads code lists and the postcode directory, and returns those in force."""
