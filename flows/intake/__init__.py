"""Loads the files of an export as records of text."""
