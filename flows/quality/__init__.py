"""Data quality of a month: what it counts, and what is unusual next to the agency's months before it."""
