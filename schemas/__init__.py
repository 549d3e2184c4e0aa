"""Defines valid data: the fields, the code lists and the rules of the dataset."""
