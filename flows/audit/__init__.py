"""The audit: one DuckDB file, what earlier runs left in it, and questions to it."""
