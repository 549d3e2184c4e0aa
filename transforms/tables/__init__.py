"""General operations on tables: joins, text, threads."""
