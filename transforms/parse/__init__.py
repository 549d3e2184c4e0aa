"""Parses the text of a source into typed values."""
