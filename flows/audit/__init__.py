"""The audit: one DuckDB file, the results of earlier runs in it, and queries on it."""
