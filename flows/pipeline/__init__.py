"""Turns an export into the results of a run."""
