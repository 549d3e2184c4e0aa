"""Defines the rules of the dataset; `catalogue` collects them."""
