"""The rules, evaluated over the records."""
