"""Submissions month by month: one, corrections to one, or years of them."""
