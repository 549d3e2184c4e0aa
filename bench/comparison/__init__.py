"""Compares the rules with other ways to check the same rows (make compare)."""
