"""Evaluates the rules on the records."""
