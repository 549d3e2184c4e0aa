"""Submissions by month: a single month, corrections to it, or a backfill of many."""
