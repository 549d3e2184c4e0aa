"""Reads and writes files of every format and location."""
