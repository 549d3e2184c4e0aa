"""Drafts mappings from the headers and values of a system's tables."""
