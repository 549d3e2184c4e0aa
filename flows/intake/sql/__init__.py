"""Builds tables of an export with the SQL of its mapping."""
