"""Computes the outcome of each record and the rows to store."""
