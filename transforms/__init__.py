"""Transforms polars frames into polars frames, without files, clock, network or database."""
