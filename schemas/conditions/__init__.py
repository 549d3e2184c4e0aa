"""Conditions: what rules check in records, as expressions and in words."""
