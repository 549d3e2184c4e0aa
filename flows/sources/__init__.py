"""Describes clinical systems by their mappings, and the requests for submissions from them."""
